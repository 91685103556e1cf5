from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId

from core import clock
from core.documents import Feedback
from core.errors import NotAllowed, NotFound
from core.feedback.named import iterate_ratings
from core.feedback.standing import Order, StandingQuery, list_standing
from core.prompts.versions import NewVersion, save_version
from core.values.scope import SYSTEM
from tests.builders import a_body, a_scope
from tests.places import Place


async def a_rating(place: Place, rating: int, *, days_ago: int = 0, version: ObjectId) -> None:
    at = clock.now() - timedelta(days=days_ago)
    await Feedback(
        application_id=place.application.key,
        prompt_version_id=version,
        user_id=ObjectId(),
        rating=rating,
        created_at=at,
        updated_at=at,
    ).insert()


async def another_version(place: Place) -> ObjectId:
    saved = await save_version(SYSTEM, place.prompt, NewVersion(body=a_body("Bye.")))
    return saved.version.key


async def test_a_version_stands_by_all_its_ratings_and_the_last_30_days(place: Place) -> None:
    for rating, days in ((2, 40), (3, 35), (5, 3), (4, 1)):
        await a_rating(place, rating, days_ago=days, version=place.version.key)
    await a_rating(place, 1, version=ObjectId())

    page = await list_standing(place.scope, StandingQuery())

    (one,) = page.items
    assert (page.total, one.prompt_id, one.prompt_name, one.version) == (
        1,
        "greet",
        "Greet",
        "1.0.0",
    )
    assert (one.rating.count, float(one.rating.mean)) == (4, 3.5)
    assert one.recent is not None
    assert one.before is not None
    assert (float(one.recent.mean), float(one.before.mean), one.change) == (4.5, 2.5, 2.0)


async def test_without_a_before_there_is_no_change(place: Place) -> None:
    await a_rating(place, 4, version=place.version.key)

    (one,) = (await list_standing(place.scope, StandingQuery())).items

    assert one.before is None
    assert one.change is None


async def test_versions_are_ordered_and_paged_by_the_database(place: Place) -> None:
    other = await another_version(place)
    for rating, days in ((5, 40), (2, 2)):
        await a_rating(place, rating, days_ago=days, version=place.version.key)
    await a_rating(place, 5, days_ago=1, version=other)

    async def first(order: Order) -> str:
        query = StandingQuery(prompt_key=place.prompt.key, order=order)
        page = await list_standing(place.scope, query, limit=1)
        assert page.total == 2
        return page.items[0].version

    assert [await first(order) for order in ("last", "worst", "best", "most", "fall")] == [
        "1.0.1",
        "1.0.0",
        "1.0.1",
        "1.0.0",
        "1.0.0",
    ]


async def test_others_see_no_standing(place: Place) -> None:
    await a_rating(place, 4, version=place.version.key)
    stranger = a_scope("admin", ObjectId())

    assert (await list_standing(stranger, StandingQuery())).total == 0
    assert [one async for one in iterate_ratings(stranger, StandingQuery(), limit=5)] == []
    with pytest.raises(NotFound):
        await list_standing(stranger, StandingQuery(application_id=place.application.key))
    with pytest.raises(NotAllowed):
        await list_standing(replace(place.scope, kind="application"), StandingQuery())


async def test_ratings_are_read_newest_first_with_names(place: Place) -> None:
    await a_rating(place, 1, days_ago=2, version=place.version.key)
    await a_rating(place, 2, days_ago=1, version=place.version.key)
    await a_rating(place, 3, version=place.version.key)

    found = [one async for one in iterate_ratings(place.scope, StandingQuery(), limit=2)]

    assert [one.feedback.rating for one in found] == [3, 2]
    assert (found[0].prompt_id, found[0].prompt_name, found[0].version) == (
        "greet",
        "Greet",
        "1.0.0",
    )
