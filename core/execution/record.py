"""Own the row of an execution: opened before the call, kept alive, closed exactly once."""

import asyncio
import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from bson import ObjectId
from pymongo.errors import PyMongoError

from core import clock
from core.documents import ExecutionLog
from core.errors import PromptHubError

ORPHANED: Final = "orphaned"

# A close must end even when the caller is cancelled while it runs; the event loop itself holds
# tasks only weakly.
_closing: set[asyncio.Task[bool]] = set()


async def insert_refused(row: ExecutionLog, error: PromptHubError) -> None:
    """Store an execution that failed before a model could be called."""
    row.status = "failed"
    row.error_type = error.code
    row.error_message = error.message
    row.finished_at = clock.now()
    row.idempotency_key = None  # no model was called: put right, it may be sent under the same key
    await row.insert()


async def open_record(row: ExecutionLog, *, lease_seconds: float) -> None:
    """Store the execution as running, held by this process for `lease_seconds`."""
    row.status = "running"
    row.lease_owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    row.lease_until = clock.now() + timedelta(seconds=lease_seconds)
    await row.insert()


async def close_record(row: ExecutionLog, fields: Mapping[str, Any]) -> bool:
    """Set the final `fields` on a row that is still running and ours.

    Return whether it was: a row that the sweeper or another close got first stays as it is.
    The update goes on when the caller is cancelled.
    """
    change = {
        "$set": {**fields, "finished_at": clock.now()},
        "$unset": {"lease_owner": "", "lease_until": ""},
    }
    task = asyncio.create_task(_update_running(row, change))
    _closing.add(task)
    task.add_done_callback(_closing.discard)
    return await asyncio.shield(task)


async def keep_alive(row: ExecutionLog, *, lease_seconds: float, longest_seconds: float) -> None:
    """Renew the lease until cancelled, the row is no longer ours, or `longest_seconds` are over.

    The bound is for a stream that nobody reads on and nobody closes: it becomes an orphan.
    """
    watch = clock.Stopwatch()
    while watch.elapsed_ms() < longest_seconds * 1000:
        await asyncio.sleep(lease_seconds / 3)
        until = clock.now() + timedelta(seconds=lease_seconds)
        # A store that is away for a moment may be back before the lease ends.
        with suppress(PyMongoError):
            if not await _update_running(row, {"$set": {"lease_until": until}}):
                return


async def sweep_orphans() -> int:
    """Mark running rows past their lease as failed and return how many there were.

    Safe to run in several processes at once: each row is changed only while it is running.
    """
    moment = clock.now()
    swept = await ExecutionLog.collection().update_many(
        {"status": "running", "lease_until": {"$lt": moment}},
        {
            "$set": {
                "status": "failed",
                "error_type": ORPHANED,
                "error_message": "The process that ran this execution ended before it did.",
                "finished_at": moment,
            },
            "$unset": {"lease_owner": "", "lease_until": ""},
        },
    )
    return swept.modified_count


async def _update_running(row: ExecutionLog, change: Mapping[str, Any]) -> bool:
    ours: dict[str, ObjectId | str | None] = {
        "_id": row.key,
        "status": "running",
        "lease_owner": row.lease_owner,
    }
    updated = await ExecutionLog.collection().update_one(ours, change)
    return updated.modified_count == 1
