import asyncio
from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId
from pydantic import ValidationError

from core.documents import ExecutionLog, Feedback
from core.errors import NotAllowed, NotFound
from core.feedback import (
    NewRating,
    delete_own,
    find_ratings,
    list_feedback,
    rate_execution,
    rate_version,
)
from core.values.scope import SYSTEM, Scope
from tests.builders import a_scope
from tests.places import Place, a_place


@pytest.fixture
async def place(database: object) -> Place:  # noqa: ARG001 - opened for its effect
    return await a_place()


async def an_execution(place: Place, **fields: Any) -> ExecutionLog:
    values = {
        "application_id": place.application.key,
        "prompt_version_id": place.version.key,
        "model_provider": "demo",
        "model_name": "echo",
        "status": "success",
        **fields,
    }
    return await ExecutionLog.model_validate(values).insert()


def a_colleague(place: Place) -> Scope:
    return a_scope("editor", place.application.key)


async def test_a_second_rating_of_the_same_changes_the_first(place: Place) -> None:
    first = await rate_version(
        place.scope, place.prompt, place.version, NewRating(rating=2, comment="Dull.")
    )

    second = await rate_version(place.scope, place.prompt, place.version, NewRating(rating=5))

    assert (first.created, second.created) == (True, False)
    assert second.feedback.key == first.feedback.key
    page = await list_feedback(place.scope, place.prompt, place.version)
    assert [(one.rating, one.comment) for one in page.items] == [(5, "")]


async def test_a_first_rating_sent_many_times_at_once_is_one(place: Place) -> None:
    rated = await asyncio.gather(
        *(
            rate_version(place.scope, place.prompt, place.version, NewRating(rating=number % 5 + 1))
            for number in range(15)
        )
    )

    assert sum(one.created for one in rated) == 1
    assert await Feedback.count() == 1


async def test_a_version_and_each_of_its_executions_are_targets_of_their_own(place: Place) -> None:
    runs = [await an_execution(place) for _ in range(2)]

    await rate_version(place.scope, place.prompt, place.version, NewRating(rating=1))
    for run in runs:
        await rate_execution(place.scope, run, NewRating(rating=4))
    await rate_execution(a_colleague(place), runs[0], NewRating(rating=5))

    page = await list_feedback(place.scope, place.prompt, place.version, limit=3)
    assert (len(page.items), page.total) == (3, 4)
    assert page.rating is not None
    assert (page.rating.count, page.rating.mean) == (4, 3.5)
    found = await find_ratings(place.scope, runs)
    assert [sorted(one.rating for one in found[run.key]) for run in runs] == [[4, 5], [4]]
    assert await find_ratings(a_scope("admin", ObjectId()), runs) == {}


async def test_an_execution_of_an_unsaved_body_can_be_rated(place: Place) -> None:
    run = await an_execution(place, prompt_version_id=None)

    await rate_execution(place.scope, run, NewRating(rating=3))

    assert [one.rating for one in (await find_ratings(place.scope, [run]))[run.key]] == [3]
    assert (await list_feedback(place.scope, place.prompt, place.version)).rating is None


async def test_pages_follow_each_other_newest_first(place: Place) -> None:
    people = [a_colleague(place) for _ in range(5)]
    for at, person in enumerate(people):
        await rate_version(person, place.prompt, place.version, NewRating(rating=at + 1))

    pages = [
        await list_feedback(place.scope, place.prompt, place.version, skip=skip, limit=2)
        for skip in (0, 2, 4)
    ]

    assert [[one.rating for one in page.items] for page in pages] == [[5, 4], [3, 2], [1]]
    assert {page.total for page in pages} == {5}


async def test_only_ones_own_rating_can_be_taken_back(place: Place) -> None:
    rated = await rate_version(place.scope, place.prompt, place.version, NewRating(rating=1))

    with pytest.raises(NotFound):
        await delete_own(a_colleague(place), rated.feedback.key)
    await delete_own(place.scope, rated.feedback.key)

    assert await Feedback.count() == 0
    with pytest.raises(NotFound):
        await delete_own(place.scope, rated.feedback.key)


async def test_editors_rate_viewers_read_and_strangers_see_nothing(place: Place) -> None:
    viewer = a_scope("viewer", place.application.key)
    stranger = a_scope("admin", ObjectId())
    key = replace(viewer, kind="application", user_id=None)
    run, new = await an_execution(place), NewRating(rating=5)

    for scope, refusal in (
        (viewer, NotAllowed),
        (stranger, NotFound),
        (key, NotAllowed),
        (SYSTEM, NotAllowed),
    ):
        with pytest.raises(refusal):
            await rate_version(scope, place.prompt, place.version, new)
        with pytest.raises(refusal):
            await rate_execution(scope, run, new)

    assert (await list_feedback(viewer, place.prompt, place.version)).total == 0
    with pytest.raises(NotFound):
        await list_feedback(stranger, place.prompt, place.version)
    with pytest.raises(NotAllowed):
        await list_feedback(key, place.prompt, place.version)


@pytest.mark.parametrize("rating", [0, 6, 4.5, True, "4", None, -1])
def test_a_rating_is_a_whole_number_from_one_to_five(rating: Any) -> None:
    with pytest.raises(ValidationError):
        NewRating(rating=rating)
