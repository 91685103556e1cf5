"""Saves that meet make one prompt of each stretch; what nobody saved goes in time."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from core import clock
from core.documents import Prompt, PromptSource, SourceText
from core.extraction import sources
from core.extraction.saving import CLAIM, Chosen, save_chosen
from core.extraction.sources import Extractor, list_found, read_text, sweep_sources, take_text
from core.settings import ExtractionSettings
from core.values.scope import Scope
from tests.builders import a_scope, an_application

pytestmark = pytest.mark.usefixtures("database")

TEXT = "> Act as a cook for {{guests}}.\n\n> Act as a travel guide.\n\n> Act as a kind judge."


@pytest.fixture
async def scope(database: object) -> Scope:  # noqa: ARG001 -- opened for its effect
    return a_scope("editor", (await an_application()).key)


async def a_source(scope: Scope, text: str = TEXT) -> SourceText:
    (application_id,) = scope.roles
    return await take_text(scope, application_id, text, Extractor(ExtractionSettings()))


async def all_of(source: SourceText) -> list[Chosen]:
    found = await list_found(source, await read_text(source))
    return [Chosen(start=one.start, end=one.end, name=one.name) for one in found]


async def test_of_saves_at_once_each_stretch_becomes_one_prompt(scope: Scope) -> None:
    source = await a_source(scope)
    chosen = await all_of(source)

    reports = await asyncio.gather(*(save_chosen(scope, source, chosen) for _ in range(6)))

    outcomes = Counter(saved.outcome for report in reports for saved in report)
    assert outcomes["created"] == len(chosen) == 3
    refused = [one.problem for report in reports for one in report if one.problem]
    assert {problem.code for problem in refused} <= {"conflict"}
    assert await Prompt.count() == 3
    assert await PromptSource.count() == 3
    again = await save_chosen(scope, source, chosen)
    assert {saved.outcome for saved in again} == {"existing"}
    assert len({saved.prompt_id for saved in again}) == 3


async def test_a_save_that_died_is_taken_up_after_a_while(scope: Scope) -> None:
    source = await a_source(scope)
    chosen = await all_of(source)
    link = (await save_chosen(scope, source, chosen[:1]), await PromptSource.find_first({}))[1]
    assert link is not None
    died = {"prompt_id": None, "updated_at": clock.now()}
    await PromptSource.collection().update_one({"_id": link.key}, {"$set": died})

    (early,) = await save_chosen(scope, source, [chosen[0].model_copy(update={"name": "Cook"})])
    old = {"updated_at": clock.now() - 2 * CLAIM}
    await PromptSource.collection().update_one({"_id": link.key}, {"$set": old})
    (late,) = await save_chosen(scope, source, [chosen[0].model_copy(update={"name": "Cook"})])

    assert (early.outcome, late.outcome) == ("refused", "created")
    assert await PromptSource.count() == 1


async def test_sources_go_that_nobody_saved_from_and_no_others(scope: Scope) -> None:
    old = clock.now() - sources.KEPT_UNSAVED - timedelta(minutes=1)
    forgotten, saved, fresh = [await a_source(scope, f"> Act as cook {n}.") for n in range(3)]
    await save_chosen(scope, saved, await all_of(saved))
    ids = {"_id": {"$in": [forgotten.key, saved.key]}}
    await SourceText.collection().update_many(ids, {"$set": {"fetched_at": old}})

    assert await sweep_sources() == 1
    assert await sweep_sources() == 0

    left = {source.key async for source in SourceText.find_all()}
    assert left == {saved.key, fresh.key}


async def test_a_source_that_is_read_again_stays(scope: Scope) -> None:
    source = await a_source(scope)
    old = clock.now() - sources.KEPT_UNSAVED - timedelta(minutes=1)
    await SourceText.change_one({"_id": source.key}, {"fetched_at": old})

    again = await a_source(scope)

    assert await sweep_sources() == 0
    assert again.key == source.key
