"""Own the difference of two versions, said in words, and the number step it suggests."""

import json
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, cast

from core.errors import TemplateInvalid
from core.templates.variables import find_guarded_variables, find_variables
from core.values.body import VersionBody
from core.values.fields import RequiredField
from prompthub.wire.literals import Bump

Area = Literal[
    "content",
    "system_prompt",
    "metaprompt",
    "model",
    "fields",
    "params",
    "guardrails",
    "dependencies",
]

TEXTS: tuple[tuple[Area, str], ...] = (
    ("content", "Prompt"),
    ("system_prompt", "System prompt"),
    ("metaprompt", "Metaprompt"),
)


class Change(NamedTuple):
    """One difference: where, what in words, and both sides as text ("" where absent).

    `breaks_callers` is True when a caller of the old version may fail with the new one.
    """

    area: Area
    what: str
    before: str
    after: str
    breaks_callers: bool = False


def compare(old: VersionBody, new: VersionBody) -> list[Change]:
    """Return every difference between two bodies, texts first."""
    changes = [
        Change(
            area,
            f"{title} changed",
            getattr(old, area),
            getattr(new, area),
            breaks_callers=bool(_undeclared(new, area) - _undeclared(old, area)),
        )
        for area, title in TEXTS
        if getattr(old, area) != getattr(new, area)
    ]
    if old.model != new.model:
        changes.append(Change("model", "Model changed", old.model or "", new.model or ""))
    changes += _compare_fields(old, new)
    changes += _compare_flat("params", old.model_params.model_dump(), new.model_params.model_dump())
    changes += _compare_flat(
        "guardrails",
        dict(_flatten(old.guardrail_config.model_dump())),
        dict(_flatten(new.guardrail_config.model_dump())),
    )
    changes += _compare_flat("dependencies", _made_of(old), _made_of(new))
    return changes


def suggest_bump(changes: list[Change]) -> Bump:
    """Return the step that tells callers the truth: major when they may break.

    Texts alone are a patch; added optional fields, model, parameters and guardrails are minor.
    """
    if any(change.breaks_callers for change in changes):
        return "major"
    texts = {area for area, _ in TEXTS}
    return "minor" if any(change.area not in texts for change in changes) else "patch"


def _undeclared(body: VersionBody, area: Area) -> frozenset[str]:
    """Return what a caller must send although no field says so; a metaprompt is never sent."""
    source = "" if area == "metaprompt" else getattr(body, area)
    try:
        used = set(find_variables(source, field=area))
        used -= find_guarded_variables(source, field=area)
    except TemplateInvalid:  # a text that does not run asks for nothing
        return frozenset()
    return frozenset(used - {field.name for field in body.required_fields})


def _compare_fields(old: VersionBody, new: VersionBody) -> Iterator[Change]:
    before = {field.name: field for field in old.required_fields}
    after = {field.name: field for field in new.required_fields}
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield Change("fields", f"{name} removed", _say(before[name]), "", breaks_callers=True)
        elif name not in before:
            yield Change(
                "fields",
                f"{name} added",
                "",
                _say(after[name]),
                breaks_callers=_is_needed(after[name]),
            )
        elif before[name] != after[name]:
            yield _compare_field(before[name], after[name])


def _compare_field(old: RequiredField, new: RequiredField) -> Change:
    is_retyped = old.type != new.type
    what = f"{new.name} is now {new.type}" if is_retyped else f"{new.name} changed"
    breaks = is_retyped or (_is_needed(new) and not _is_needed(old))
    return Change("fields", what, _say(old), _say(new), breaks_callers=breaks)


def _is_needed(field: RequiredField) -> bool:
    return field.required and field.default is None


def _say(field: RequiredField) -> str:
    words = [field.type, "required" if field.required else "optional"]
    if field.default is not None:
        words.append(f"default {_as_text(field.default)}")
    if field.description:
        words.append(field.description)
    return ", ".join(words)


def _compare_flat(area: Area, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before != after:
            what = _what_happened(name.replace("_", " "), before, after)
            yield Change(area, what, _as_text(before), _as_text(after))


def _what_happened(name: str, before: Any, after: Any) -> str:
    if before is None:
        return f"{name} set"
    return f"{name} removed" if after is None else f"{name} changed"


def _made_of(body: VersionBody) -> dict[str, Any]:
    """Return the version and the name in use, by kind and prompt; of several, all in order."""
    found: dict[str, Any] = {}
    for one in body.dependencies:
        said = f"{one.version} as {one.include_name}" if one.include_name else one.version
        key = f"{one.dependency_type} {one.prompt_id}"
        found[key] = f"{found[key]}, {said}" if key in found else said
    return found


def _flatten(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and name != "format_schema":
            yield from _flatten(cast("dict[str, Any]", value), f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", value


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case tuple() | list():
            return ", ".join(_as_text(item) for item in cast("tuple[Any, ...]", value))
        case _:
            return json.dumps(value, ensure_ascii=False)
