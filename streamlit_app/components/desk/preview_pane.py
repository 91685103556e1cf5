"""Own the live preview: the messages a model would get, with sample values filled in."""

from collections.abc import Sequence
from typing import Any, cast

import streamlit as st

from core.errors import Invalid, PromptHubError
from core.prompts.composition import compose
from core.templates.compose import Part, preview_composed
from core.templates.render import MarkedMessage, preview_messages
from core.values.fields import RequiredField, fits
from prompthub.wire.literals import FieldType
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.desk.field_rows import read_rows, read_value, write_value
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.variables import Mismatch
from streamlit_app.components.message_view import Part as Shown
from streamlit_app.components.message_view import ShownMessage, message_view
from streamlit_app.formats import counted

HEIGHT = 422
A_FEW = 2
SAMPLES_HEIGHT = 230


def preview_pane(desk: Desk, mismatch: Mismatch) -> None:
    """Draw the sample values and the messages; an error in words where they can't be made."""
    try:
        part = compose_parts(desk)
        values = _ask_samples(desk, _fields(desk, mismatch, part))
        if not desk.copy.texts["content"].strip():
            st.caption("The preview appears here as you write.")
            return
        messages = _render(desk, part, values)
    except PromptHubError as error:
        problem.show(error, title="The text can't be rendered.")
        return
    message_view(
        [
            ShownMessage(
                message.role,
                [Shown(one.text, marked=one.variable is not None) for one in message.segments],
            )
            for message in messages
        ],
        key="preview",
        label="Preview",
        height=HEIGHT if values else HEIGHT + 56,
    )
    length = sum(len(part.text) for message in messages for part in message.segments)
    marked = "Filled-in values are marked. " if values else ""
    st.caption(f"{marked}{counted(length, 'character')} to the model.")


def sample_messages(desk: Desk, mismatch: Mismatch) -> list[MarkedMessage]:
    """Return the messages with the sample values as they are kept, without asking for them.

    Raises:
        PromptHubError: they can't be made.
    """
    part = compose_parts(desk)
    values = {field.name: _value_of(desk, field) for field in _fields(desk, mismatch, part)}
    return _render(desk, part, values)


def _render(desk: Desk, part: Part | None, values: dict[str, Any]) -> list[MarkedMessage]:
    if part is not None:
        return preview_composed(part, values)
    return preview_messages(desk.copy.readable(), values)


def compose_parts(desk: Desk) -> Part | None:
    """Return the text with all that it is made of; None where it stands alone.

    Raises:
        PromptHubError: a part is missing, or the text can't be read.
    """
    if not desk.copy.dependencies:
        return None
    body, application_id = desk.copy.readable(), desk.opened.prompt.application_id
    return bridge.run(compose(body, application_id)).part


def _fields(desk: Desk, mismatch: Mismatch, part: Part | None) -> list[RequiredField]:
    """Return every variable of what is sent, those of the parts included."""
    if part is None:
        declared, undeclared = read_rows(desk.copy.fields).fields, mismatch.undeclared
    else:
        names = {field.name for field in part.needs.fields}
        declared = tuple(part.needs.fields)
        undeclared = [name for name in part.needs.used if name not in names]
    return [*declared, *(RequiredField(name=name) for name in undeclared)]


def _ask_samples(desk: Desk, fields: Sequence[RequiredField]) -> dict[str, Any]:
    """Draw an input for each variable, folded, and return the values to show."""
    if not fields:
        return {}
    # Many inputs scroll in place, so that the preview stays in sight.
    height = "content" if len(fields) <= A_FEW else SAMPLES_HEIGHT
    with (
        st.expander(f"Sample values ({len(fields)})", key="samples"),
        st.container(height=height, border=False),
        st.container(),  # the direct children of a box with a height are squeezed into it
    ):
        return {field.name: _ask_sample(desk, field) for field in fields}


def _value_of(desk: Desk, field: RequiredField) -> Any:
    kept = desk.samples.get(field.name)
    return kept if fits(field.type, kept) else _start(field)


def _ask_sample(desk: Desk, field: RequiredField) -> Any:
    key = desk.key(f"sample_{field.type}_{field.name}")
    value = _value_of(desk, field)
    match field.type:
        case "boolean":
            value = st.toggle(field.name, value=bool(value), key=key)
        case "number":
            value = _ask_number(field.name, value, key)
        case "string":
            value = st.text_area(field.name, value, key=key, height=68)
        case "array" | "object":
            typed = st.text_area(
                field.name, write_value(field.type, value), key=key, height=68, help="As JSON."
            )
            try:
                value = read_value(field.type, typed, name=field.name) or value
            except Invalid as error:
                problem.show(error)
    desk.samples[field.name] = value
    return value


_STARTS: dict[FieldType, Any] = {
    "number": 3,
    "boolean": True,
    "array": ["first", "second"],
    "object": {"key": "value"},
}


def _start(field: RequiredField) -> Any:
    """Return a value that looks like one: the default, else something of the type."""
    if field.default is not None:
        return field.default
    return _STARTS.get(field.type, field.name.replace("_", " "))


def _ask_number(name: str, value: float, key: str) -> float:
    # Its type leaves out that an input that was emptied gives None.
    typed = cast("float | None", st.number_input(name, value=value, key=key))
    return value if typed is None else typed
