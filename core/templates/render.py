"""Own rendering: a template and values become text, a version and values become messages."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from core.errors import Invalid, TemplateInvalid
from core.templates.check import check_template
from core.templates.operators import Printed
from core.templates.plain import copy_plain
from core.templates.program import in_field, load
from core.templates.variables import bind, find_guarded_variables, find_variables
from core.templates.vocabulary import is_variable_name
from core.values.body import VersionBody, check_distinct_names
from core.values.fields import fits, name_type
from core.values.messages import Message
from prompthub.wire.literals import MessageRole

TEMPLATE_FIELDS = ("content", "system_prompt", "metaprompt")


class Segment(NamedTuple):
    """A stretch of rendered text, and the variable that filled it in; None for the template's."""

    text: str
    variable: str | None


class MarkedMessage(NamedTuple):
    """One message of a preview, with the filled-in stretches marked."""

    role: MessageRole
    segments: list[Segment]


def render(
    source: str, values: Mapping[str, Any], *, field: str, optional: Collection[str] = ()
) -> str:
    """Return the rendered text; values are printed as they are, never rendered again.

    `optional` variables without a value print nothing; any other fails when it is used.

    Raises:
        TemplateInvalid: the template is refused, fails on the values or outgrows its budget.
        Invalid: a value is no plain data.
        TooLarge: the values are larger than 1 MiB together.
    """
    segments = render_marked(source, values, field=field, optional=optional)
    return "".join(segment.text for segment in segments)


def render_marked(
    source: str, values: Mapping[str, Any], *, field: str, optional: Collection[str] = ()
) -> list[Segment]:
    """Return the rendered text in stretches; those printed from a variable name it.

    Joined, the texts are what `render` returns. In a loop, an item is named by the variable that
    the loop goes over.

    Raises:
        TemplateInvalid: the template is refused, fails on the values or outgrows its budget.
        Invalid: a value is no plain data.
        TooLarge: the values are larger than 1 MiB together.
    """
    return render_plain(source, copy_plain(values), field=field, optional=optional)


def render_plain(
    source: str, plain: Mapping[str, Any], *, field: str, optional: Collection[str] = ()
) -> list[Segment]:
    """Do the same with values that `copy_plain` returned.

    Raises:
        TemplateInvalid: the template is refused, fails on the values or outgrows its budget.
    """
    program = load(source, field=field)
    segments: list[Segment] = []
    literal: list[str] = []
    try:
        for piece in program.run(plain, optional=optional):
            if not isinstance(piece, Printed) or piece.variable is None:
                literal.append(piece)
                continue
            _flush(literal, segments)
            segments.append(Segment(piece, piece.variable))
    except TemplateInvalid as error:
        raise in_field(error, field) from None
    _flush(literal, segments)
    return segments


def _flush(literal: list[str], segments: list[Segment]) -> None:
    if literal:
        segments.append(Segment("".join(literal), None))
        literal.clear()


def render_messages(body: VersionBody, given: Mapping[str, Any]) -> list[Message]:
    """Return the messages to send: the system prompt unless it renders blank, then the content.

    Raises:
        Invalid: a value is unknown, of the wrong type or no plain data.
        MissingVariables: values are missing; all of them are named.
        TooLarge: the values are larger than 1 MiB together.
        TemplateInvalid: a template is refused, fails on the values or outgrows its budget.
    """
    return [
        Message(role=role, content="".join(segment.text for segment in segments))
        for role, segments in preview_messages(body, given)
    ]


def preview_messages(body: VersionBody, given: Mapping[str, Any]) -> list[MarkedMessage]:
    """Return the messages that `render_messages` makes, with the filled-in stretches marked.

    Raises:
        Invalid: a value is unknown, of the wrong type or no plain data.
        MissingVariables: values are missing; all of them are named.
        TooLarge: the values are larger than 1 MiB together.
        TemplateInvalid: a template is refused, fails on the values or outgrows its budget.
    """
    values = _bind_body(body, given)
    optional = [field.name for field in body.required_fields]
    system = render_marked(body.system_prompt, values, field="system_prompt", optional=optional)
    user = render_marked(body.content, values, field="content", optional=optional)
    messages = [MarkedMessage("user", user)]
    if any(segment.text.strip() for segment in system):
        messages.insert(0, MarkedMessage("system", system))
    return messages


def _bind_body(body: VersionBody, given: Mapping[str, Any]) -> dict[str, Any]:
    sources = {"system_prompt": body.system_prompt, "content": body.content}
    # What is included is known to who looks it up (`compose`); here its name stands for it.
    names = [one.include_name for one in body.dependencies]
    included = {name: f"[{name}]" for name in names if name is not None}
    used = [
        name
        for field, text in sources.items()
        for name in find_variables(text, field=field)
        if name not in included
    ]
    guarded = {
        name
        for field, text in sources.items()
        for name in find_guarded_variables(text, field=field) - included.keys()
    }
    # What only the metaprompt uses may be given with the rest, but is not needed here.
    guarded |= set(find_variables(body.metaprompt, field="metaprompt")) - set(used)
    return {**bind(body.required_fields, given, used=used, guarded=guarded), **included}


def check_body(body: VersionBody) -> None:
    """Pass when a version can be kept: its templates are sound, its fields distinct and fitting.

    Raises:
        TemplateInvalid: a template is refused.
        Invalid: a field is declared twice, has a reserved name, or a default of another type.
        TooLarge: the defaults are larger than 1 MiB together.
    """
    for field in TEMPLATE_FIELDS:
        check_template(getattr(body, field), field=field)
    check_fields(body)


def check_fields(body: VersionBody) -> None:
    """Pass when fields and includes have distinct, usable names and defaults of their type.

    Raises:
        Invalid: a field is declared twice, has a reserved name, or a default of another type.
        TooLarge: the defaults are larger than 1 MiB together.
    """
    check_distinct_names(body)
    for dependency in body.dependencies:
        name = dependency.include_name
        if name is not None and not (name[:1].isalpha() and is_variable_name(name)):
            raise Invalid(
                f"No variable can be named {name}.",
                field="dependencies",
                remedy="Give the include another name in config.",
            )
    copy_plain({field.name: field.default for field in body.required_fields})
    for declared in body.required_fields:
        if not is_variable_name(declared.name):
            raise Invalid(
                f"`{declared.name}` is a word of the template language.",
                field="required_fields",
                remedy="Choose another name for the field.",
            )
        if declared.default is not None and not fits(declared.type, declared.default):
            raise Invalid(
                f"The default of {declared.name} must be of the type {declared.type}, "
                f"not {name_type(declared.default)}.",
                field="required_fields",
                remedy="Change the default or the type.",
            )
