import asyncio
from datetime import timedelta

import pytest
from bson import ObjectId

from core import clock
from core.documents import ExecutionLog
from core.execution.record import (
    ORPHANED,
    close_record,
    keep_alive,
    open_record,
    sweep_orphans,
)


@pytest.fixture
async def row(database: object) -> ExecutionLog:  # noqa: ARG001 -- opened for its effect
    return ExecutionLog(application_id=ObjectId(), model_provider="openai", model_name="m")


async def test_of_many_closes_one_counts(row: ExecutionLog) -> None:
    await open_record(row, lease_seconds=60)

    closed = await asyncio.gather(
        *(close_record(row, {"status": "success", "attempts": at}) for at in range(8))
    )

    assert sorted(closed) == [False] * 7 + [True]
    stored = await ExecutionLog.get(row.key)
    assert stored is not None
    assert stored.attempts == closed.index(True)


async def test_a_row_past_its_lease_is_swept_and_can_no_longer_be_closed(
    row: ExecutionLog,
) -> None:
    await open_record(row, lease_seconds=-1)

    swept = await asyncio.gather(sweep_orphans(), sweep_orphans())
    closed = await close_record(row, {"status": "success"})

    stored = await ExecutionLog.get(row.key)
    assert stored is not None
    assert sum(swept) == 1
    assert not closed
    assert (stored.status, stored.error_type) == ("failed", ORPHANED)
    assert stored.finished_at is not None


async def test_a_long_call_is_kept_alive_and_not_mistaken_for_an_orphan(row: ExecutionLog) -> None:
    await open_record(row, lease_seconds=0.3)
    alive = asyncio.create_task(keep_alive(row, lease_seconds=0.3, longest_seconds=60))

    await asyncio.sleep(0.8)

    assert await sweep_orphans() == 0
    alive.cancel()
    await asyncio.sleep(0.4)
    assert await sweep_orphans() == 1


async def test_renewing_ends_when_the_row_is_closed(row: ExecutionLog) -> None:
    await open_record(row, lease_seconds=0.3)
    await close_record(row, {"status": "success"})

    await asyncio.wait_for(keep_alive(row, lease_seconds=0.3, longest_seconds=60), 5)

    stored = await ExecutionLog.get(row.key)
    assert stored is not None
    assert stored.lease_until is None


async def test_a_live_row_is_left_alone(row: ExecutionLog) -> None:
    await open_record(row, lease_seconds=60)

    assert await sweep_orphans() == 0
    assert row.lease_until is not None
    assert row.lease_until > clock.now() + timedelta(seconds=50)


async def test_a_close_ends_even_when_its_caller_is_cancelled(row: ExecutionLog) -> None:
    await open_record(row, lease_seconds=60)
    closing = asyncio.create_task(close_record(row, {"status": "cancelled"}))
    await asyncio.sleep(0)

    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    await asyncio.sleep(0.5)

    stored = await ExecutionLog.get(row.key)
    assert stored is not None
    assert stored.status == "cancelled"
