"""Own doing background jobs: taken under a lease, item by item, gone on with after a death."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import pymongo
from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from core import clock
from core.documents import Job, JobItem, JobProblem, changed
from core.errors import FetchFailed, PromptHubError, ProviderError, RateLimited, Unavailable
from core.jobs.queue import OPEN_STATES, OPEN_STATUSES, end_of
from core.telemetry import facts
from prompthub.wire.literals import JobKind

_log = logging.getLogger(__name__)

# What is done for one item; its result is kept in the item. It may be done again after a death.
Act = Callable[[Job, JobItem], Awaitable[dict[str, Any]]]
PAUSE_SECONDS: Final = 1.0
# No more is waited for who asks for patience.
MAX_PAUSE_SECONDS: Final = 120.0
_UNKNOWN: Final = JobProblem(
    code="internal_error",
    message="Something went wrong inside.",
    remedy="Try it again; tell an administrator when it stays.",
)
_FATAL: Final = JobProblem(
    code="internal_error",
    message="The process that worked on it ended each time.",
    remedy="Try it alone; tell an administrator when it stays.",
)

_AT_ONCE: Final = datetime.fromtimestamp(0, UTC)

# The release of a job must end even when its worker is cancelled while it runs.
_releasing: set[asyncio.Task[Any]] = set()


class Pace(NamedTuple):
    """How a job is done: `back_off_seconds` are the pauses between the attempts at an item."""

    at_once: int = 4
    lease_seconds: float = 20
    beat_seconds: float = 2
    back_off_seconds: tuple[float, ...] = (5, 30)

    @property
    def attempts(self) -> int:
        """How often an item is tried."""
        return len(self.back_off_seconds) + 1


class Lost(Exception):
    """The job is no longer this worker's: it was cancelled, or taken by another."""


class Worker:
    """Does the jobs of the kinds it knows, one at a time; make several for several at once."""

    def __init__(self, acts: Mapping[JobKind, Act], pace: Pace) -> None:
        self._acts = acts
        self._pace = pace

    async def run_next(self) -> int:
        """Take a job that nobody is at and do it to its end; return how many it was, 0 or 1.

        Of several workers, in any process, one takes it. Cancelled, it puts the job back.
        """
        job = await _take(list(self._acts), self._pace)
        if job is None:
            return 0
        try:
            await _Held(job, self._acts[job.kind], self._pace).do()
        except asyncio.CancelledError:
            await _release(job)
            raise
        return 1


async def _take(kinds: list[JobKind], pace: Pace) -> Job | None:
    """Return the job that has waited for longest, held by us from now on."""
    moment = clock.now()
    row = await Job.collection().find_one_and_update(
        {
            "status": {"$in": OPEN_STATUSES},
            "lease_until": {"$lte": moment},
            "kind": {"$in": kinds},
        },
        [
            {
                "$set": {
                    "status": "running",
                    "lease_owner": f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
                    "lease_until": moment + timedelta(seconds=pace.lease_seconds),
                    "attempts": {"$add": ["$attempts", 1]},
                    "started_at": {"$ifNull": ["$started_at", moment]},
                    "updated_at": moment,
                    "revision": {"$add": ["$revision", 1]},
                }
            }
        ],
        sort=[("lease_until", 1)],
        return_document=ReturnDocument.AFTER,
    )
    return None if row is None else Job.model_validate(row)


async def _release(job: Job) -> None:
    """Put a job back for others at once; an attempt that was cut short does not count."""
    change = changed(status="queued", lease_owner=None, lease_until=clock.now())
    change["$set"]["items.$[open].state"] = "waiting"
    change["$inc"]["items.$[open].attempts"] = -1
    updating = Job.collection().update_one(
        _ours(job), change, array_filters=[{"open.state": "running"}]
    )
    task = asyncio.ensure_future(updating)
    _releasing.add(task)
    task.add_done_callback(_releasing.discard)
    # Not reached, the job is free when the lease ends.
    with suppress(PyMongoError):
        await asyncio.shield(task)


def _ours(job: Job) -> dict[str, Any]:
    return {"_id": job.key, "status": "running", "lease_owner": job.lease_owner}


class _Held:
    """A job in this worker's hands; every write is made only while it still is."""

    def __init__(self, job: Job, act: Act, pace: Pace) -> None:
        self._job = job
        self._act = act
        self._pace = pace

    async def do(self) -> None:
        """Do the job to its end, or until it is no longer ours."""
        try:
            async with asyncio.TaskGroup() as group:
                beating = group.create_task(self._keep())
                await self._work()
                beating.cancel()
        except* Lost:
            _log.info("A job was cancelled or taken over.", extra=facts(job_id=str(self._job.key)))

    async def _keep(self) -> None:
        """Renew the lease, until it is over."""
        renewed = clock.Stopwatch()
        while renewed.elapsed_ms() < self._pace.lease_seconds * 1000:
            await asyncio.sleep(self._pace.beat_seconds)
            trying = clock.Stopwatch()
            until = clock.now() + timedelta(seconds=self._pace.lease_seconds)
            # A store that is away for a moment may be back before the lease ends.
            with suppress(PyMongoError), pymongo.timeout(self._pace.beat_seconds):
                await self._change({}, {"$set": {"lease_until": until}})
                renewed = trying
        raise Lost

    async def _work(self) -> None:
        """Do what is open, again what failed in passing, and end the job."""
        while waiting := self._waiting():
            order = iter(waiting)
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._pace.at_once, len(waiting))):
                    group.create_task(self._drain(order))
        states = [item.state for item in self._job.items]
        await self._change({}, end_of("done" if "done" in states else "failed"))

    def _waiting(self) -> list[int]:
        """Return what is open; first that whose time has come first."""
        items = self._job.items
        places = [at for at, item in enumerate(items) if item.state in OPEN_STATES]
        return sorted(places, key=lambda at: _due(items[at]))

    async def _drain(self, places: Iterator[int]) -> None:
        for at in places:
            await self._do(at, self._job.items[at])

    async def _do(self, at: int, item: JobItem) -> None:
        pause = (_due(item) - clock.now()).total_seconds()
        if pause > 0:
            await asyncio.sleep(pause)
        if item.attempts >= self._pace.attempts:  # it was under way when its worker died
            await self._note(at, item.model_copy(update={"state": "failed", "problem": _FATAL}))
            return
        begun = {"state": "running", "attempts": item.attempts + 1, "not_before": None}
        item = await self._note(at, item.model_copy(update=begun))
        await self._note(at, await self._attempt(item))

    async def _attempt(self, item: JobItem) -> JobItem:
        """Return the item with what came of it (this is the edge of background work)."""
        try:
            result = await self._act(self._job, item)
        except PromptHubError as error:
            return self._failed(item, _told(error), pause_seconds=_pause_after(error))
        except Exception:  # noqa: BLE001 - the process edge of background work
            _log.exception("An item of a job failed.", extra=facts(job_id=str(self._job.key)))
            return self._failed(item, _UNKNOWN, pause_seconds=0)
        return item.model_copy(update={"state": "done", "result": result, "problem": None})

    def _failed(
        self, item: JobItem, problem: JobProblem, *, pause_seconds: float | None
    ) -> JobItem:
        if pause_seconds is None or item.attempts >= self._pace.attempts:
            return item.model_copy(update={"state": "failed", "problem": problem})
        pause = max(pause_seconds, self._pace.back_off_seconds[item.attempts - 1])
        not_before = clock.now() + timedelta(seconds=pause)
        later = {"state": "waiting", "problem": problem, "not_before": not_before}
        return item.model_copy(update=later)

    async def _note(self, at: int, item: JobItem) -> JobItem:
        """Store an item that is still open as it is now."""
        change: dict[str, Any] = changed(**{f"items.{at}": item.model_dump()})
        if item.state in {"done", "failed"}:
            change["$inc"][item.state] = 1
        await self._change({f"items.{at}.state": {"$in": OPEN_STATES}}, change)
        self._job.items[at] = item
        return item

    async def _change(self, more: Mapping[str, Any], change: Mapping[str, Any]) -> None:
        done = await Job.collection().update_one({**_ours(self._job), **more}, change)
        if not done.matched_count:
            raise Lost


def _due(item: JobItem) -> datetime:
    return item.not_before or _AT_ONCE


def _told(error: PromptHubError) -> JobProblem:
    return JobProblem(
        code=error.code,
        message=error.message,
        field=str(error.facts.get("field") or ""),
        remedy=str(error.facts.get("remedy") or ""),
    )


def _pause_after(error: PromptHubError) -> float | None:
    """Return how long to wait at least before trying again, None where that is of no use."""
    match error:
        case FetchFailed() | ProviderError() if error.is_retryable:
            asked = getattr(error, "retry_after_seconds", None) or 0
        case RateLimited():
            asked = error.retry_after_seconds
        case Unavailable():
            asked = 0
        case _:
            return None
    return min(asked, MAX_PAUSE_SECONDS)
