"""Own the form of a prompt's variables: typed inputs, and the values that stand in them."""

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st
from bson import ObjectId

from core.templates.variables import find_guarded_variables, find_variables
from core.values.body import VersionBody
from core.values.fields import RequiredField, fits
from streamlit_app.components.desk.field_rows import write_value
from streamlit_app.components.playground.json_input import (
    json_input,
    json_text,
    put_json,
    put_text,
    require_json,
)
from streamlit_app.formats import plain


def list_fields(body: VersionBody) -> list[RequiredField]:
    """Return what a run can be given: the declared fields, then undeclared names as texts.

    Raises:
        TemplateInvalid: a text of the version is refused.
    """
    fields = {field.name: field for field in body.required_fields}
    for area, source in (("system_prompt", body.system_prompt), ("content", body.content)):
        guarded = find_guarded_variables(source, field=area)
        for name in find_variables(source, field=area):
            fields.setdefault(name, RequiredField(name=name, required=name not in guarded))
    for dependency in body.dependencies:
        fields.pop(dependency.include_name or "", None)  # filled in by what it includes
    return list(fields.values())


def variables_form(fields: list[RequiredField], *, owner: ObjectId) -> bool:
    """Draw an input for each field; what is typed for one prompt (`owner`) stays for the session.

    A value that can't be read is told below its input. Return whether Ctrl+Enter was pressed in an
    input that keeps the keys to itself.
    """
    if not fields:
        st.caption("This version has no variables.")
    pressed = [_draw(field, owner) for field in fields]
    if any(field.required for field in fields):
        st.caption("\\* needs a value")
    return any(pressed)


def _draw(field: RequiredField, owner: ObjectId) -> bool:
    key = _key(field, owner)
    # Names are letters, digits and inner underscores: nothing to escape, and what is written here
    # is also what a screen reader says.
    label = f"{field.name} *" if field.required else field.name
    words = plain(field.description) or None
    # Not as the widget's own default: what is put in from the log would be at odds with it.
    st.session_state.setdefault(key, _start(field))
    match field.type:
        case "string":
            st.text_area(label, key=key, height="content", help=words, persist_state="session")
        case "number":
            st.number_input(
                label,
                value=None,
                step=1.0,
                # Whole numbers without a tail of zeros, others as typed.
                format="%.15g",
                key=key,
                help=words,
                placeholder="A number",
                persist_state="session",
            )
        case "boolean":
            st.toggle(label, key=key, help=words, persist_state="session")
        case "array" | "object":
            return json_input(field, key=key, label=label, words=words)
    return False


def _start(field: RequiredField) -> str | float | bool | None:
    match field.type:
        case "number":
            return None if field.default is None else float(field.default)
        case "boolean":
            return field.default is True
        case "string" | "array" | "object":
            return write_value(field.type, field.default)


def read_values(fields: list[RequiredField], *, owner: ObjectId) -> dict[str, Any]:
    """Return the values typed; fields left empty are left out.

    Raises:
        Invalid: a list or an object is not written as one.
    """
    values = {field.name: _read(field, owner) for field in fields}
    return {name: value for name, value in values.items() if value is not None}


def fill_in(fields: list[RequiredField], values: Mapping[str, Any], *, owner: ObjectId) -> None:
    """Put values into the inputs; call it before they are drawn.

    What is not given, or does not fit, leaves its input empty; a switch goes to its default.
    """
    for field in fields:
        key, value = _key(field, owner), values.get(field.name)
        if not fits(field.type, value):
            value = None
        match field.type:
            case "string":
                st.session_state[key] = value or ""
            case "number":
                st.session_state[key] = None if value is None else float(value)
            case "boolean":
                st.session_state[key] = bool(field.default if value is None else value)
            case "array" | "object":
                put_json(value, key=key)


def typed_values(fields: list[RequiredField], *, owner: ObjectId) -> dict[str, Any]:
    """Return what stands in the inputs as it is typed, also where it can't be read."""
    return {field.name: _typed(field, _key(field, owner)) for field in fields}


def start_values(fields: list[RequiredField]) -> dict[str, Any]:
    """Return what stands in the inputs before anything is typed."""
    return {field.name: _start(field) for field in fields}


def put_typed(fields: list[RequiredField], typed: Mapping[str, Any], *, owner: ObjectId) -> None:
    """Put back what `typed_values` gave once; call it before the inputs are drawn."""
    kinds = {"string": str, "number": (int, float), "boolean": bool, "array": str, "object": str}
    for field in fields:
        key, value = _key(field, owner), typed.get(field.name)
        if not isinstance(value, kinds[field.type]):
            continue
        if field.type in ("array", "object"):
            put_text(str(value), key=key)
        else:
            st.session_state[key] = float(value) if field.type == "number" else value


def _typed(field: RequiredField, key: str) -> Any:
    if field.type in ("array", "object"):
        return json_text(field, key=key)
    return st.session_state.get(key, _start(field))


def _key(field: RequiredField, owner: ObjectId) -> str:
    return f"value_{owner}_{field.type}_{field.name}"


def _read(field: RequiredField, owner: ObjectId) -> Any:
    value: Any = st.session_state.get(_key(field, owner), field.default)
    match field.type:
        case "string":
            return value or None
        case "number":
            whole = isinstance(value, float) and math.isfinite(value) and value.is_integer()
            return int(value) if whole else value
        case "boolean":
            return bool(value)
        case "array" | "object":
            return require_json(field, key=_key(field, owner))
