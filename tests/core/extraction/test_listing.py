"""Sources are listed for who may read them, found by title and address, without reading texts."""

from typing import Any

import pytest
from bson import ObjectId

from core.documents import SourceText
from core.errors import NotFound
from core.extraction.listing import list_taken
from core.extraction.review import Choice, keep_choices, list_choices
from core.values.scope import Scope
from tests.places import a_place

pytestmark = pytest.mark.usefixtures("database")


async def a_source(application_id: ObjectId, title: str, url: str = "") -> SourceText:
    return await SourceText(
        application_id=application_id,
        content_digest=title,
        source_type="web",
        title=title,
        source_url=url,
        packed=b"x" * 1000,
        found=[[0, 9, "A", "prompt", 0.9, False]],
    ).insert()


async def titles(scope: Scope, **more: Any) -> list[str]:
    return [one.title for one in (await list_taken(scope, skip=0, limit=10, **more)).items]


async def test_the_newest_come_first_and_words_narrow_them_by_title_or_address() -> None:
    place = await a_place()
    await a_source(place.application.key, "Tides (old)", "https://sea.example.org/tides")
    await a_source(place.application.key, "Moons")

    assert await titles(place.scope) == ["Moons", "Tides (old)"]
    assert await titles(place.scope, text="SEA (old)") == ["Tides (old)"]
    assert await titles(place.scope, text="sun") == []
    page = await list_taken(place.scope, skip=1, limit=1)
    assert (page.total, page.items[0].found, page.items[0].saved) == (2, 1, 0)


async def test_the_sources_of_others_are_none() -> None:
    place = await a_place()
    source = await a_source(ObjectId(), "Not yours")

    assert await titles(place.scope) == []
    with pytest.raises(NotFound):
        await list_taken(place.scope, application_id=source.application_id, skip=0, limit=1)
    with pytest.raises(NotFound):
        await keep_choices(place.scope, source, {0: Choice(ticked=True)})


async def test_the_list_is_in_an_index_with_what_is_searched() -> None:
    place = await a_place()
    await a_source(place.application.key, "Tides")
    query = {"application_id": place.application.key, "title": {"$regex": "x", "$options": "i"}}

    plan = (
        await SourceText.collection().find(query).sort([("fetched_at", -1), ("_id", -1)]).explain()
    )

    stats = plan["executionStats"]
    assert "application_fetched" in str(plan["queryPlanner"]["winningPlan"])
    # A text that does not match is not read.
    assert (stats["totalKeysExamined"], stats["totalDocsExamined"]) == (1, 0)


async def test_a_choice_is_kept_and_forgotten_when_it_is_as_proposed_again() -> None:
    place = await a_place()
    source = await a_source(place.application.key, "Tides")

    await keep_choices(
        place.scope, source, {0: Choice(name="Mine", tags=("a",)), 9: Choice(end=20)}
    )
    assert await list_choices(place.scope, source) == {
        0: Choice(name="Mine", tags=("a",)),
        9: Choice(end=20),
    }
    await keep_choices(place.scope, source, {0: Choice()})

    assert list(await list_choices(place.scope, source)) == [9]
