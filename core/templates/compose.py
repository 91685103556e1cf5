"""Own rendering a version together with the versions that it is made of.

An include is rendered on its own and arrives in the template as text: what it printed is never
rendered again. The caller's variables are the same everywhere; the name of an include is known
only to the version that declares it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from core.templates.plain import copy_plain
from core.templates.program import load
from core.templates.render import TEMPLATE_FIELDS, MarkedMessage, Segment, render_plain
from core.templates.variables import bind, find_guarded_variables, find_variables
from core.values.body import VersionBody
from core.values.dependency import Dependency
from core.values.fields import RequiredField
from core.values.guardrail_policy import GuardrailPolicy, strictest
from core.values.messages import Message
from prompthub.wire.literals import DependencyType

_JOINT = "\n\n"


@dataclass(frozen=True, eq=False)
class Part:
    """A version with what it is made of; one object for each distinct version."""

    body: VersionBody
    links: "tuple[Link, ...]" = ()

    def of_type(self, kind: DependencyType) -> "list[Part]":
        """Return what it uses in one way, in the order given."""
        return [link.part for link in self.links if link.dependency.dependency_type == kind]

    @cached_property
    def needs(self) -> "Needs":
        """What it takes to render it.

        Raises:
            TemplateInvalid: a template is refused.
        """
        return _needs(self)

    def knows(self, name: str) -> bool:
        """Tell whether a value of that name is asked for or can be given.

        Raises:
            TemplateInvalid: a template is refused.
        """
        fields, used, guarded = self.needs
        return name in guarded or name in used or any(field.name == name for field in fields)

    @cached_property
    def includes(self) -> "dict[str, Part]":
        """What it includes, by name."""
        named = ((link.dependency.include_name, link.part) for link in self.links)
        return {name: part for name, part in named if name is not None}

    def includes_in(self, field: str) -> "dict[str, Part]":
        """What one of its texts includes, by name; what no text names is not rendered."""
        if not self.includes:
            return {}
        used = find_variables(getattr(self.body, field), field=field)
        return {name: part for name, part in self.includes.items() if name in used}


class Needs(NamedTuple):
    """The variables of a version and all that it includes; `guarded` ones may be absent."""

    fields: list[RequiredField]
    used: list[str]
    guarded: set[str]


class Link(NamedTuple):
    """One dependency, and the version it means."""

    dependency: Dependency
    part: Part


def preview_composed(root: Part, given: Mapping[str, Any]) -> list[MarkedMessage]:
    """Return the messages to send, with what the caller's variables filled in marked.

    The system prompt is that of each dependency of that kind, then the version's own.

    Raises:
        Invalid: a value is unknown, of the wrong type or no plain data.
        MissingVariables: values are missing; all of them are named.
        TooLarge: values and included texts are larger than 1 MiB together.
        TemplateInvalid: a template is refused, fails on the values or outgrows its budget.
    """
    fields, used, guarded = root.needs
    values = bind(fields, given, used=used, guarded=guarded)
    rendering = _Rendering(values, [field.name for field in fields])
    user = rendering.content_of(root)
    system = rendering.joined_texts(root, "system_prompt")
    messages = [MarkedMessage("user", user)]
    return [MarkedMessage("system", system), *messages] if system else messages


def render_metaprompt(root: Part, values: Mapping[str, Any]) -> str:
    """Return the metaprompts it depends on and its own; what has no value prints nothing.

    Raises:
        TemplateInvalid: a template is refused, fails on the values or outgrows its budget.
        TooLarge: values and included texts are larger than 1 MiB together.
    """
    shared = [(part, "content") for part in root.of_type("metaprompt")]
    texts = _with_includes([(root, "metaprompt"), *shared])
    names = {
        name
        for part, field in texts
        for name in find_variables(getattr(part.body, field), field=field)
    }
    rendering = _Rendering(copy_plain(values), sorted(names))
    return _joined(rendering.joined_texts(root, "metaprompt"))


def render_composed(root: Part, given: Mapping[str, Any]) -> list[Message]:
    """Return the messages to send; raises as `preview_composed` does."""
    return [
        Message(role=one.role, content=_joined(one.segments))
        for one in preview_composed(root, given)
    ]


def is_quick(root: Part) -> bool:
    """Whether rendering a few KiB of values takes well under a millisecond: no loop, no filter.

    Raises:
        TemplateInvalid: a template is refused.
    """
    return not root.links and all(
        load(getattr(root.body, field), field=field).is_quick for field in TEMPLATE_FIELDS
    )


def merged_policy(root: Part) -> GuardrailPolicy:
    """Return the strictest of the version's own guardrails and those it depends on.

    Raises:
        Invalid: two of them hold different schemas or different verifications.
    """
    policy = root.body.guardrail_config
    for part in root.of_type("guardrail"):
        policy = strictest(policy, merged_policy(part))
    return policy


class _Rendering:
    """One pass: each included version is rendered once, however often it is used.

    `values` are plain data, as `copy_plain` returns them.
    """

    def __init__(self, values: Mapping[str, Any], optional: Collection[str]) -> None:
        self._done: dict[int, list[Segment]] = {}
        self._values = values
        self._optional = optional

    def joined_texts(self, root: Part, field: DependencyType) -> list[Segment]:
        """Return the contents that it depends on in this way, then its own text, but no blanks."""
        blocks = [*(self.content_of(part) for part in root.of_type(field))]
        blocks.append(self.text_of(root, field))
        joined: list[Segment] = []
        for block in blocks:
            if any(segment.text.strip() for segment in block):
                joined += [*([Segment(_JOINT, None)] if joined else []), *block]
        return joined

    def content_of(self, part: Part) -> list[Segment]:
        known = self._done.get(id(part))
        if known is None:
            known = self._done[id(part)] = self.text_of(part, "content")
        return known

    def text_of(self, part: Part, field: str) -> list[Segment]:
        included = {name: self.content_of(child) for name, child in part.includes_in(field).items()}
        texts = {name: _joined(segments) for name, segments in included.items()}
        source: str = getattr(part.body, field)
        values = copy_plain({**self._values, **texts}) if texts else self._values
        segments: list[Segment] = []
        for segment in render_plain(source, values, field=field, optional=self._optional):
            # What an include printed keeps its own marks, unless a filter changed it.
            if segment.variable in texts and segment.text == texts[segment.variable]:
                segments += included[segment.variable]
            else:
                segments.append(segment)
        return segments


def _needs(root: Part) -> Needs:
    used: list[str] = []
    guarded: set[str] = set()
    for part, field in _sent(root):
        source: str = getattr(part.body, field)
        own = part.includes
        used += [name for name in find_variables(source, field=field) if name not in own]
        guarded |= find_guarded_variables(source, field=field) - own.keys()
    # What only metaprompts use may be given with the rest, but is not needed here.
    extra = set(find_variables(root.body.metaprompt, field="metaprompt")) - set(used)
    return Needs(_fields(root), used, guarded | extra)


def _sent(root: Part) -> list[tuple[Part, str]]:
    """Return every text that goes into the messages, once."""
    shared = [(part, "content") for part in root.of_type("system_prompt")]
    return _with_includes([(root, "system_prompt"), (root, "content"), *shared])


def _with_includes(texts: Iterable[tuple[Part, str]]) -> list[tuple[Part, str]]:
    """Return the texts and all that they include, near ones first, once."""
    waiting = list(texts)
    found: dict[tuple[int, str], tuple[Part, str]] = {}
    while waiting:
        part, field = waiting.pop(0)
        if (id(part), field) not in found:
            found[id(part), field] = part, field
            waiting += [(child, "content") for child in part.includes_in(field).values()]
    return list(found.values())


def _fields(root: Part) -> list[RequiredField]:
    """Return the declared fields of all rendered versions; the one nearest to the root counts."""
    fields: dict[str, RequiredField] = {}
    for part, _ in _sent(root):
        for field in part.body.required_fields:
            fields.setdefault(field.name, field)
    return list(fields.values())


def _joined(segments: list[Segment]) -> str:
    return "".join(segment.text for segment in segments)
