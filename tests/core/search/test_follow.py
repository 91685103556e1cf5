"""The index equals a full rescan, whoever changed what meanwhile."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from core.database.connect import Database
from core.documents import Prompt, PromptVersion
from core.search.engine import SearchEngine
from tests.core.search.conftest import Desk, a_prompt
from tests.core.search.picture import Picture, picture_of
from tests.core.search.restless import an_engine, work

ROOT = Path(__file__).parents[3]


async def rescanned(engine: SearchEngine) -> Picture:
    """What an index knows that reads everything now."""
    fresh = SearchEngine(engine.embeddings)
    await fresh.refresh()
    return picture_of(fresh.snapshot)


@pytest.mark.parametrize("seed", [1, 2])
async def test_two_processes_that_change_everything_know_the_same(
    database: Database, desk: Desk, mongo_uri: str, seed: int
) -> None:
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.core.search.restless", mongo_uri, database.name,
        str(desk.application_id), str(seed + 100), cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 26,
    )  # fmt: skip
    assert other.stdout is not None
    try:
        engine, behind = an_engine()
        await work(desk.application_id, seed, engine, behind)
        assert await other.stdout.readline() == b"done\n"
        await behind.follow()
        await engine.refresh()
        expected = await rescanned(engine)
    finally:
        theirs, _ = await other.communicate(b"\n")

    assert len(expected) > 10
    assert any(facts[-1] for facts in expected.values())
    assert picture_of(engine.snapshot) == expected
    assert json.loads(theirs) == json.loads(json.dumps(expected))


async def test_what_goes_without_a_trace_is_missed(desk: Desk) -> None:
    engine = SearchEngine(recount_seconds=0)
    kept = await a_prompt(desk.operator, "Kept", "About apples.")
    gone = await a_prompt(desk.operator, "Gone", "About pears.")
    await engine.refresh()

    await PromptVersion.find({"prompt_id": gone.key}).delete()
    await Prompt.find({"_id": gone.key}).delete()
    await engine.refresh()

    assert [facts[4] for facts in picture_of(engine.snapshot).values()] == [kept.name]
    assert picture_of(engine.snapshot) == await rescanned(engine)


async def test_a_restart_knows_what_was_known(desk: Desk) -> None:
    engine, behind = an_engine()
    await a_prompt(desk.operator, "One", "About apples.", "About pears.", publish=True)
    await behind.follow()
    await engine.refresh()
    before = picture_of(engine.snapshot)

    assert await rescanned(engine) == before
    assert len(before) == 2
    assert all(len(facts[-1]) == 2 for facts in before.values())
