from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId
from pydantic import ValidationError

from core.documents import AuditEvent, Column, Comparison
from core.errors import Invalid, NotAllowed, NotFound, TooLarge
from core.execution.comparisons import (
    ComparisonChanges,
    NewComparison,
    create_comparison,
    delete_comparison,
    get_comparison,
    list_comparisons,
    rename_comparison,
)
from core.settings import ExecutionSettings
from core.values.scope import SYSTEM, Scope
from tests.builders import a_body, a_scope
from tests.places import Place

LIMITS = ExecutionSettings()
NOTHING: dict[str, Any] = {}
COLUMN = Column(prompt_id="greet")


def a_new(place: Place, **fields: Any) -> NewComparison:
    values = {"application_id": place.application.key, "name": "Which?", "columns": (COLUMN,)}
    return NewComparison.model_validate({**values, **fields})


async def test_a_comparison_is_opened_again_as_it_was_made(place: Place) -> None:
    body = a_body(
        required_fields=[{"name": "name", "type": "array", "default": [1, {"a": None}]}],
        model_params={"stop": ["END"], "temperature": 0.1},
        guardrail_config={"post_validation": {"format_schema": {"$ref": "#/a.b", "a.b": {}}}},
    )
    new = a_new(
        place,
        columns=[Column(label="Old", prompt_id="greet", version="label:old"), Column(body=body)],
        inputs=[{"name": "Ada"}, {"name": {"a.b": [True, 1.5, None, "\U0001f600"]}}],
        repetitions=2,
    )

    made = await create_comparison(place.scope, new, limits=LIMITS)

    opened = await get_comparison(a_scope("viewer", place.application.key), made.key)
    assert (tuple(opened.columns), tuple(opened.inputs)) == (new.columns, new.inputs)
    assert (opened.name, opened.repetitions, opened.cells) == ("Which?", 2, {})
    assert opened.created_by == place.scope.actor


@pytest.mark.parametrize(
    "fields",
    [
        {"columns": ()},
        {"columns": (COLUMN,) * 9},
        {"inputs": ()},
        {"inputs": (NOTHING,) * 51},
        {"repetitions": 0},
        {"repetitions": 11},
        {"repetitions": True},
        {"name": " "},
        {"name": "a" * 201},
    ],
)
def test_sizes_are_bounded(fields: dict[str, Any]) -> None:
    values = {"application_id": ObjectId(), "name": "Which?", "columns": (COLUMN,), **fields}

    with pytest.raises(ValidationError):
        NewComparison.model_validate(values)


async def test_the_number_of_executions_is_bounded_by_the_setting(place: Place) -> None:
    limits = ExecutionSettings(comparison_cells=24)
    most = a_new(place, columns=(COLUMN,) * 2, inputs=(NOTHING,) * 3, repetitions=4)
    more = a_new(place, inputs=(NOTHING,) * 5, repetitions=5)

    await create_comparison(place.scope, most, limits=limits)
    with pytest.raises(TooLarge) as raised:
        await create_comparison(place.scope, more, limits=limits)

    assert raised.value.limit == 24


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"columns": (COLUMN, Column(model="demo/echo"))}, "columns.1"),
        ({"inputs": ({"x": float("nan")},)}, "inputs"),
        ({"inputs": ({"x": 2**64},)}, "inputs"),
        ({"inputs": ({"x": "\ud800"},)}, "inputs"),
        ({"inputs": ({"x": "a" * 2**20},)}, "inputs"),
    ],
)
async def test_what_cannot_run_or_be_kept_is_refused_by_name(
    place: Place, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as raised:
        await create_comparison(place.scope, a_new(place, **fields), limits=LIMITS)

    assert raised.value.field == field


async def test_a_list_shows_newest_first_in_pages_and_counts(place: Place) -> None:
    for name in ("one", "two", "three"):
        new = a_new(place, name=name, inputs=({}, {}))
        await create_comparison(place.scope, new, limits=LIMITS)

    first = await list_comparisons(place.scope, place.application.key, limit=2)
    rest = await list_comparisons(place.scope, place.application.key, skip=2, limit=2)

    assert [one.name for one in (*first.items, *rest.items)] == ["three", "two", "one"]
    assert (first.total, first.items[0].columns, first.items[0].inputs) == (3, 1, 2)


async def test_renaming_and_deleting(place: Place) -> None:
    made = await create_comparison(place.scope, a_new(place), limits=LIMITS)

    renamed = await rename_comparison(place.scope, made, ComparisonChanges(name=" Better "))
    await delete_comparison(place.scope, made)

    assert renamed.name == "Better"
    for lost in (
        get_comparison(place.scope, made.key),
        rename_comparison(place.scope, made, ComparisonChanges(name="Again")),
        delete_comparison(place.scope, made),
    ):
        with pytest.raises(NotFound):
            await lost
    assert await AuditEvent.find({"action": "comparison.delete"}).count() == 1


async def test_editors_make_viewers_look_and_strangers_see_nothing(place: Place) -> None:
    made = await create_comparison(place.scope, a_new(place), limits=LIMITS)
    viewer = a_scope("viewer", place.application.key)
    stranger = a_scope("admin", ObjectId())
    key = replace(viewer, kind="application", user_id=None)

    for scope, change, look in (
        (viewer, NotAllowed, None),
        (stranger, NotFound, NotFound),
        (key, NotAllowed, NotAllowed),
    ):
        for refused in changes(scope, place, made):
            with pytest.raises(change):
                await refused
        for asked in looks(scope, place, made):
            if look is None:
                await asked
            else:
                with pytest.raises(look):
                    await asked

    assert (await get_comparison(SYSTEM, made.key)).name == "Which?"


def changes(scope: Scope, place: Place, made: Comparison) -> list[Any]:
    return [
        create_comparison(scope, a_new(place), limits=LIMITS),
        rename_comparison(scope, made, ComparisonChanges(name="Mine")),
        delete_comparison(scope, made),
    ]


def looks(scope: Scope, place: Place, made: Comparison) -> list[Any]:
    return [
        get_comparison(scope, made.key),
        list_comparisons(scope, place.application.key),
    ]
