"""The background loop goes on whatever a chore does, and ends with its block."""

import asyncio
import logging
from contextlib import suppress

import pytest

from core import worker


async def test_a_failing_chore_is_logged_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = 0
    enough = asyncio.Event()

    async def fail() -> int:
        msg = "the database is away"
        raise ConnectionError(msg)

    async def count() -> int:
        nonlocal done
        done += 1
        if done == 3:
            enough.set()
        return 0

    async with asyncio.timeout(5):
        async with worker.working({"fail": fail, "count": count}, pause_seconds=0):
            await enough.wait()

    failures = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(failures) >= 3
    assert all(record.exc_info for record in failures)


async def test_leaving_the_block_ends_a_chore_that_hangs() -> None:
    started = asyncio.Event()

    async def hang() -> int:
        started.set()
        await asyncio.Event().wait()
        return 0

    async with asyncio.timeout(5):
        async with worker.working({"hang": hang}):
            await started.wait()

    assert [task for task in asyncio.all_tasks() if task.get_name() == "prompthub-worker"] == []


async def test_leaving_the_block_ends_a_chore_that_loses_the_first_request_to_end() -> None:
    started = asyncio.Event()

    async def lose_one() -> int:
        started.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return 0

    async with asyncio.timeout(5):
        async with worker.working({"lose_one": lose_one}, pause_seconds=60):
            await started.wait()


def test_what_a_death_leaves_undone_is_looked_after() -> None:
    needed = {"sweep_orphans", "repair_prompts", "repair_invitations", "roll_up"}

    assert needed <= set(worker.CHORES)
    assert worker.PAUSE_SECONDS <= 20


async def test_the_last_turn_of_each_chore_is_noted_with_its_outcome() -> None:
    turns: worker.Turns = {}
    done = asyncio.Event()

    async def fail() -> None:
        raise ValueError

    async def work() -> None:
        done.set()

    async with worker.working({"fail": fail, "work": work}, pause_seconds=60, turns=turns):
        await done.wait()
        await asyncio.sleep(0)

    assert {name: turn.has_failed for name, turn in turns.items()} == {"fail": True, "work": False}
