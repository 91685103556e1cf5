import asyncio
from dataclasses import replace

import pytest
from bson import ObjectId

from core.documents import CellState, Column, Comparison
from core.errors import Invalid, NotAllowed, NotFound
from core.execution.compare import Position
from core.execution.comparison_picks import forget_person, pick_best, unpick_best
from core.values.scope import SYSTEM
from tests.builders import a_scope
from tests.places import Place

COLUMN = Column(prompt_id="greet")


async def a_comparison(place: Place) -> Comparison:
    cells = {f"{column}:{at}:0": CellState() for column in range(3) for at in range(2)}
    return await Comparison(
        application_id=place.application.key,
        name="Which?",
        columns=[COLUMN] * 3,
        inputs=[{}, {}],
        cells=cells,
    ).insert()


async def picks(comparison: Comparison) -> list[tuple[int, int, ObjectId]]:
    found = await Comparison.get(comparison.key)
    assert found is not None
    return sorted((one.input, one.column, one.user_id) for one in found.picks)


async def test_each_person_has_one_best_for_each_input(place: Place) -> None:
    comparison = await a_comparison(place)
    mine, yours = (a_scope("editor", place.application.key) for _ in range(2))

    for scope, column, at in ((mine, 0, 0), (yours, 1, 0), (mine, 2, 0), (mine, 1, 1)):
        await pick_best(scope, comparison, Position(column, at, 0))

    assert await picks(comparison) == sorted(
        [(0, 2, mine.user_id), (0, 1, yours.user_id), (1, 1, mine.user_id)]
    )


async def test_two_at_once_leave_one(place: Place) -> None:
    comparison = await a_comparison(place)

    await asyncio.gather(
        *(pick_best(place.scope, comparison, Position(at % 3, 0, 0)) for at in range(12))
    )

    assert len(await picks(comparison)) == 1


async def test_only_the_same_pick_is_taken_back(place: Place) -> None:
    comparison = await a_comparison(place)
    await pick_best(place.scope, comparison, Position(1, 0, 0))

    await unpick_best(place.scope, comparison, Position(0, 0, 0))
    assert len(await picks(comparison)) == 1
    await unpick_best(place.scope, comparison, Position(1, 0, 0))

    assert await picks(comparison) == []


async def test_editors_pick_what_was_run_and_is_there(place: Place) -> None:
    comparison = await a_comparison(place)
    first = Position(0, 0, 0)

    with pytest.raises(NotAllowed):
        await pick_best(a_scope("viewer", place.application.key), comparison, first)
    with pytest.raises(NotAllowed):
        await pick_best(replace(SYSTEM), comparison, first)
    with pytest.raises(NotFound):
        await pick_best(a_scope("admin", ObjectId()), comparison, first)
    with pytest.raises(Invalid):
        await pick_best(place.scope, comparison, Position(0, 7, 0))
    await Comparison.find_all().delete()
    with pytest.raises(NotFound):
        await pick_best(place.scope, comparison, first)


async def test_an_erased_person_leaves_the_pick_of_nobody(place: Place) -> None:
    comparison = await a_comparison(place)
    other = a_scope("editor", place.application.key)
    for scope in (place.scope, other):
        await pick_best(scope, comparison, Position(1, 0, 0))
    assert place.scope.user_id is not None

    await forget_person(place.scope.user_id)

    people = [user for _, _, user in await picks(comparison)]
    assert len(people) == 2
    assert other.user_id in people
    assert place.scope.user_id not in people
