"""Own the input of a list or an object: an editor of JSON that marks the place of an error."""

import json
from typing import Any, Final, NamedTuple

import streamlit as st

from core.errors import Invalid
from core.values.fields import RequiredField, fits
from core.values.strict_json import parse
from streamlit_app.components import problem
from streamlit_app.components.desk.field_rows import write_value
from streamlit_app.editor import Finding, code_editor
from streamlit_app.editor.code_editor import current_text
from streamlit_app.formats import plain

LINE_PX: Final = 20
LINES: Final = (3, 14)
ONE_LINE: Final = 60
_EXAMPLES: Final = {"array": '["first", "second"]', "object": '{"key": "value"}'}


class Fault(NamedTuple):
    """Why a text is no value, and where; column 0 is the whole line."""

    line: int
    column: int
    words: str


def json_input(field: RequiredField, *, key: str, label: str, words: str | None) -> bool:
    """Draw the editor; return whether Ctrl+Enter was pressed in it just now."""
    text = json_text(field, key=key)
    st.session_state[key] = text
    _, fault = read_json(field, text)
    with st.container(gap="xxsmall"):
        st.markdown(f":small[{label}]", help=" ".join(filter(None, (words, "As JSON."))))
        state = code_editor(
            text,
            key=_editor(key),
            revision=_revision(key),
            language="json",
            height=_height(text),
            label=label,
            placeholder=_EXAMPLES[field.type],
            findings=[Finding(fault.line, fault.column, "error", fault.words)] if fault else [],
        )
    if fault:
        problem.show(_invalid(field, fault), title=f"{plain(field.name)} can't be read.")
    return state.trigger == "run"


def json_text(field: RequiredField, *, key: str) -> str:
    """Return what stands in the editor: what the browser sent last, else what was put in."""
    typed = current_text(_editor(key), revision=_revision(key))
    if typed is not None:
        return typed
    return st.session_state.get(key, write_value(field.type, field.default))


def put_json(value: Any, *, key: str) -> None:
    """Put a value into the editor, in place of what was typed; None empties it."""
    text = "" if value is None else json.dumps(value, ensure_ascii=False)
    if len(text) > ONE_LINE:
        text = json.dumps(value, ensure_ascii=False, indent=2)
    put_text(text, key=key)


def put_text(text: str, *, key: str) -> None:
    """Put a text into the editor as it is, in place of what was typed."""
    st.session_state[key] = text
    st.session_state[f"{key}_revision"] = _revision(key) + 1


def require_json(field: RequiredField, *, key: str) -> Any:
    """Return the value that stands in the editor, None where it is empty.

    Raises:
        Invalid: it is no JSON of the field's type.
    """
    value, fault = read_json(field, json_text(field, key=key))
    if fault:
        raise _invalid(field, fault)
    return value


def read_json(field: RequiredField, text: str) -> tuple[Any, Fault | None]:
    """Return the value a text means, or why it is none."""
    if not text.strip():
        return None, None
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return None, Fault(error.lineno, error.colno, f"{error.msg}.")
    except (ValueError, RecursionError):
        pass  # said in words by the reader that also refuses what cannot be stored
    try:
        value = parse(text.encode(errors="replace"))
    except Invalid as error:
        return None, Fault(1, 0, error.message)
    if not fits(field.type, value):
        wanted = "a list, e.g." if field.type == "array" else "an object, e.g."
        return None, Fault(1, 0, f"It is not {wanted} {_EXAMPLES[field.type]}.")
    return value, None


def _invalid(field: RequiredField, fault: Fault) -> Invalid:
    place = f"Line {fault.line}, column {fault.column}: " if fault.column else ""
    return Invalid(f"{place}{fault.words}", field=field.name)


def _height(text: str) -> int:
    low, high = LINES
    return LINE_PX * min(max(text.count("\n") + 2, low), high) + 12


def _editor(key: str) -> str:
    return f"{key}_editor"


def _revision(key: str) -> int:
    return st.session_state.get(f"{key}_revision", 0)
