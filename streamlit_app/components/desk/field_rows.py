"""Own declared fields as people type them in a grid, and how they become required fields."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict, cast, get_args

from core.errors import Invalid
from core.values.fields import RequiredField, fits
from prompthub.wire.literals import FieldType

TYPES: tuple[FieldType, ...] = get_args(FieldType)


class FieldRow(TypedDict):
    """One row of the grid; `default` is text, empty where there is none."""

    name: str
    type: FieldType
    required: bool
    default: str
    description: str


class ReadRows(NamedTuple):
    """What the rows say, and a sentence for each row that says nothing usable."""

    fields: tuple[RequiredField, ...]
    problems: list[str]


def blank_row(name: str = "") -> FieldRow:
    """Return the row a new field starts with."""
    return {"name": name, "type": "string", "required": True, "default": "", "description": ""}


def row_of(field: RequiredField) -> FieldRow:
    """Return a declared field as a row."""
    return {
        "name": field.name,
        "type": field.type,
        "required": field.required,
        "default": write_value(field.type, field.default),
        "description": field.description,
    }


def tidy_row(typed: Mapping[str, object]) -> FieldRow:
    """Return a row of the grid or of a stored draft with every cell filled."""
    kind = typed.get("type")
    return {
        "name": _text(typed.get("name")).strip(),
        "type": kind if kind in TYPES else "string",
        "required": typed.get("required") is not False,
        "default": _text(typed.get("default")),
        "description": _text(typed.get("description")).strip(),
    }


def apply_edits(rows: Sequence[FieldRow], edits: Mapping[str, Any]) -> list[FieldRow]:
    """Return the rows as the grid's edits (the widget state of `st.data_editor`) leave them."""
    edited = cast("Mapping[int, Mapping[str, object]]", edits.get("edited_rows", {}))
    deleted = cast("Sequence[int]", edits.get("deleted_rows", ()))
    added = cast("Sequence[Mapping[str, object]]", edits.get("added_rows", ()))
    kept = [
        tidy_row({**row, **edited.get(index, {})})
        for index, row in enumerate(rows)
        if index not in deleted
    ]
    new = (tidy_row(row) for row in added)
    return [*kept, *(row for row in new if row != blank_row())]


def read_rows(rows: Iterable[FieldRow]) -> ReadRows:
    """Turn rows into required fields; rows that break a rule become problems instead."""
    fields: dict[str, RequiredField] = {}
    problems: list[str] = []
    for row in rows:
        try:
            field = _read_row(row)
        except Invalid as error:
            problems.append(error.message)
            continue
        if field.name in fields:
            problems.append(f"The field {field.name} is declared twice.")
        else:
            fields[field.name] = field
    return ReadRows(tuple(fields.values()), problems)


def _read_row(row: FieldRow) -> RequiredField:
    if not row["name"]:
        raise Invalid("A field has no name.", field="required_fields")
    default = read_value(row["type"], row["default"], name=row["name"])
    try:
        return RequiredField.model_validate({**row, "default": default})
    except ValueError:
        raise Invalid(
            f"The field {row['name'][:64]!r} is not named with letters, digits and _, "
            "beginning with a letter.",
            field="required_fields",
        ) from None


def write_value(kind: FieldType, value: object) -> str:
    """Return a value of a field as people type it, "" for none."""
    if value is None:
        return ""
    return str(value) if kind == "string" else json.dumps(value, ensure_ascii=False)


def read_value(kind: FieldType, text: str, *, name: str) -> Any:
    """Return the value that a text typed for a field means, None for an empty one.

    Raises:
        Invalid: the text is no value of that type.
    """
    if not text.strip():
        return None
    if kind == "string":
        return text
    try:
        value: object = json.loads(text)
    except ValueError:
        value = None
    if not fits(kind, value) or (isinstance(value, float) and not math.isfinite(value)):
        raise Invalid(
            f"{text[:40]!r} for {name} is not {_EXAMPLES[kind]}.", field="required_fields"
        )
    return value


_EXAMPLES: Mapping[FieldType, str] = {
    "string": "a text",
    "number": "a number such as 25 or 0.5",
    "boolean": "true or false",
    "array": 'a list such as ["a", "b"]',
    "object": 'an object such as {"a": 1}',
}


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""
