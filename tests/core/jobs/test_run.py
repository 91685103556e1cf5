"""A job is done once: by one worker at a time, from where a dead one stopped, until cancelled."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from core import clock
from core.documents import Job, JobItem
from core.errors import FetchFailed, Invalid
from core.jobs.queue import cancel_job, get_job, start_job
from core.jobs.run import Pace, Worker
from core.values.scope import SYSTEM
from tests.builders import a_scope

pytestmark = pytest.mark.usefixtures("database")

PACE = Pace(at_once=2, lease_seconds=5, beat_seconds=0.05, back_off_seconds=(0, 0))
BRIEF = PACE._replace(lease_seconds=0.2)


class Acts:
    """What is done for items, as a test tells it: by subject, errors first, then an event."""

    def __init__(self) -> None:
        self.calls = Counter[str]()
        self.errors: dict[str, list[Exception]] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.entered = asyncio.Event()

    async def act(self, job: Job, item: JobItem) -> dict[str, Any]:
        assert job.items
        self.calls[item.subject] += 1
        self.entered.set()
        if errors := self.errors.get(item.subject):
            raise errors.pop(0)
        if gate := self.gates.get(item.subject):
            await gate.wait()
        return {"said": item.subject.upper()}

    def worker(self, pace: Pace = PACE) -> Worker:
        return Worker({"extract_pages": self.act}, pace)


async def a_job(*subjects: str) -> Job:
    application_id = ObjectId()
    scope = a_scope("editor", application_id)
    return await start_job(scope, application_id, "extract_pages", subjects or ("a", "b", "c"))


async def state_of(job: Job) -> Job:
    return await get_job(SYSTEM, job.key)


async def until(job: Job, is_so: Callable[[Job], bool]) -> Job:
    """The job as soon as the worker has written that."""
    while not is_so(after := await state_of(job)):  # noqa: ASYNC110 - it looks into the store
        await asyncio.sleep(0.01)
    return after


def states(job: Job) -> list[str]:
    return [item.state for item in job.items]


async def test_every_item_is_done_and_the_job_ends() -> None:
    job, acts = await a_job(), Acts()

    assert await acts.worker().run_next() == 1
    assert await acts.worker().run_next() == 0

    after = await state_of(job)
    assert (after.status, after.done, after.failed, after.attempts) == ("done", 3, 0, 1)
    assert [item.result["said"] for item in after.items] == ["A", "B", "C"]
    assert after.lease_owner is None
    assert after.ended_at is not None
    assert after.expires_at is not None


async def test_one_item_that_fails_does_not_end_the_others() -> None:
    job, acts = await a_job(), Acts()
    acts.errors["b"] = [Invalid("It is no page.", field="url", remedy="Give another.")]

    await acts.worker().run_next()

    after = await state_of(job)
    assert (after.status, after.done, after.failed) == ("done", 2, 1)
    assert states(after) == ["done", "failed", "done"]
    assert after.items[1].problem is not None
    assert after.items[1].problem.remedy == "Give another."
    assert acts.calls["b"] == 1


async def test_what_fails_in_passing_is_tried_again_and_not_for_ever() -> None:
    job, acts = await a_job("a", "b", "c"), Acts()
    busy = FetchFailed("Busy.", upstream_status=503, is_retryable=True)
    acts.errors = {"a": [busy], "b": [busy] * 9, "c": [ValueError("a bug")]}

    await acts.worker().run_next()

    after = await state_of(job)
    assert states(after) == ["done", "failed", "done"]
    assert [item.attempts for item in after.items] == [2, 3, 2]
    assert (after.done, after.failed) == (2, 1)
    assert after.items[0].problem is None


async def test_another_attempt_waits_as_long_as_was_asked_for() -> None:
    job, acts = await a_job("a"), Acts()
    acts.errors["a"] = [FetchFailed("Busy.", is_retryable=True, retry_after_seconds=90)]
    working = asyncio.create_task(acts.worker().run_next())

    await until(job, lambda it: it.items[0].not_before is not None)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)

    item = (await state_of(job)).items[0]
    assert item.not_before is not None
    assert item.not_before > clock.now() + timedelta(seconds=60)
    assert acts.calls["a"] == 1


async def test_a_job_of_which_nothing_could_be_done_has_failed() -> None:
    job, acts = await a_job("a"), Acts()
    acts.errors["a"] = [Invalid("No.", field="url")]

    await acts.worker().run_next()

    assert (await state_of(job)).status == "failed"


async def test_several_workers_take_different_jobs() -> None:
    jobs, acts = [await a_job(f"a{n}", f"b{n}") for n in range(6)], Acts()

    await asyncio.gather(*(acts.worker().run_next() for _ in range(9)))

    assert [(await state_of(job)).status for job in jobs] == ["done"] * 6
    assert set(acts.calls.values()) == {1}


async def test_a_worker_that_died_is_followed_by_another_at_what_is_not_done() -> None:
    job, acts = await a_job("a", "b"), Acts()
    dead = {"lease_owner": "dead:1", "lease_until": clock.now() - timedelta(seconds=1)}
    items = [
        JobItem(subject="a", state="done", attempts=1, result={"said": "then"}),
        JobItem(subject="b", state="running", attempts=1),
    ]
    rows = {"items": [item.model_dump() for item in items], "done": 1}
    await Job.change_one({"_id": job.key}, {"status": "running", "attempts": 1, **dead, **rows})

    await acts.worker().run_next()

    after = await state_of(job)
    assert (after.status, after.done, after.attempts) == ("done", 2, 2)
    assert [item.result["said"] for item in after.items] == ["then", "B"]
    assert acts.calls == {"b": 1}


async def test_an_item_that_kills_its_workers_is_given_up() -> None:
    job, acts = await a_job("a", "b"), Acts()
    items = [JobItem(subject="a", state="running", attempts=3), JobItem(subject="b")]
    await Job.change_one({"_id": job.key}, {"items": [item.model_dump() for item in items]})

    await acts.worker().run_next()

    assert states(await state_of(job)) == ["failed", "done"]
    assert acts.calls == {"b": 1}


async def test_a_job_under_way_is_not_taken_while_its_worker_lives() -> None:
    job, acts = await a_job("a"), Acts()
    acts.gates["a"] = asyncio.Event()
    working = asyncio.create_task(acts.worker(BRIEF).run_next())
    await acts.entered.wait()
    first = await state_of(job)

    assert first.lease_until is not None
    over = first.lease_until
    await until(job, lambda _: clock.now() > over)
    assert await Acts().worker().run_next() == 0
    acts.gates["a"].set()
    await working

    assert (await state_of(job)).attempts == 1


async def test_a_worker_that_lost_its_job_writes_nothing_more() -> None:
    job, acts, other = await a_job("a"), Acts(), Acts()
    acts.gates["a"] = asyncio.Event()
    other.gates["a"] = asyncio.Event()
    late = asyncio.create_task(acts.worker(PACE._replace(beat_seconds=60)).run_next())
    await acts.entered.wait()
    await Job.change_one({"_id": job.key}, {"lease_until": clock.now()})
    now = asyncio.create_task(other.worker().run_next())
    await other.entered.wait()

    acts.gates["a"].set()
    await late
    between = await state_of(job)
    other.gates["a"].set()
    await now

    after = await state_of(job)
    assert (between.status, between.done, states(between)) == ("running", 0, ["running"])
    assert (after.status, after.done, after.attempts, after.items[0].attempts) == ("done", 1, 2, 2)


async def test_a_cancelled_job_stops_and_keeps_what_was_done() -> None:
    job, acts = await a_job("a", "b", "c"), Acts()
    acts.gates = {"b": asyncio.Event(), "c": asyncio.Event()}
    working = asyncio.create_task(acts.worker().run_next())
    await until(job, lambda it: it.done == 1 and acts.calls["c"] == 1)

    cancelled = await cancel_job(SYSTEM, job.key)
    await working

    after = await state_of(job)
    assert cancelled.status == after.status == "cancelled"
    assert states(after) == ["done", "cancelled", "cancelled"]
    assert (after.done, after.failed) == (1, 0)
    assert (await cancel_job(SYSTEM, job.key)).ended_at == after.ended_at


async def test_a_worker_that_is_stopped_puts_its_job_back_for_the_next() -> None:
    job, acts = await a_job("a"), Acts()
    acts.gates["a"] = asyncio.Event()
    working = asyncio.create_task(acts.worker().run_next())
    await acts.entered.wait()
    await until(job, lambda it: states(it) == ["running"])

    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    put_back = await state_of(job)
    await Acts().worker().run_next()

    assert working.cancelled()
    assert (put_back.status, put_back.items[0].attempts) == ("queued", 0)
    assert (await state_of(job)).status == "done"
