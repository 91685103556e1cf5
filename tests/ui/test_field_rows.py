"""Rows of the grid of declared fields, without a page."""

from typing import Any

import pytest

from core.values.fields import RequiredField
from prompthub.wire.literals import FieldType
from streamlit_app.components.desk.field_rows import (
    FieldRow,
    apply_edits,
    blank_row,
    read_rows,
    row_of,
    tidy_row,
)


def a_row(name: str, kind: FieldType = "string", default: str = "") -> FieldRow:
    return {**blank_row(name), "type": kind, "default": default}


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("string", "the team", "the team"),
        ("string", "25", "25"),
        ("number", "25", 25),
        ("number", "0.5", 0.5),
        ("boolean", "true", True),
        ("array", '["a", 1]', ["a", 1]),
        ("object", '{"a": null}', {"a": None}),
        ("number", "", None),
    ],
)
def test_a_default_is_read_by_its_type_and_written_back(
    kind: FieldType, typed: str, value: object
) -> None:
    (field,), problems = read_rows([a_row("x", kind, typed)])

    assert (field.default, problems) == (value, [])
    assert row_of(field)["default"] == typed


@pytest.mark.parametrize(
    ("kind", "typed"),
    [("number", "many"), ("number", "true"), ("number", "NaN"), ("boolean", "1"), ("array", "{}")],
)
def test_a_default_of_another_type_is_a_problem_that_says_how(kind: FieldType, typed: str) -> None:
    fields, problems = read_rows([a_row("x", kind, typed)])

    assert fields == ()
    assert len(problems) == 1
    assert "such as" in problems[0] or "true or false" in problems[0]


@pytest.mark.parametrize("name", ["", "_x", "1x", "a b", "x" * 65])
def test_a_name_that_is_none_is_a_problem(name: str) -> None:
    assert len(read_rows([a_row(name)]).problems) == 1


def test_a_name_declared_twice_is_a_problem_and_counts_once() -> None:
    fields, problems = read_rows([a_row("x"), a_row("x", "number")])

    assert [field.name for field in fields] == ["x"]
    assert problems == ["The field x is declared twice."]


def test_the_edits_of_the_grid_are_applied() -> None:
    edits: dict[str, Any] = {
        "edited_rows": {0: {"type": "number", "default": None}, 2: {"required": False}},
        "deleted_rows": [1],
        "added_rows": [{"name": "new"}, {}],
    }

    rows = apply_edits([a_row("a", default="1"), a_row("b"), a_row("c")], edits)

    assert rows == [
        a_row("a", "number"),
        {**a_row("c"), "required": False},
        a_row("new"),
    ]


def test_what_a_stored_draft_holds_becomes_a_sound_row() -> None:
    assert tidy_row({"name": 3, "type": "date", "required": None}) == blank_row()


def test_a_field_survives_the_way_through_the_grid() -> None:
    field = RequiredField(name="x", type="object", default={"a": [1]}, description="A thing")

    assert read_rows([row_of(field)]).fields == (field,)
