"""Jobs belong to an application: who may see and cancel them, and what a key stands for."""

import asyncio

import pytest
from bson import ObjectId

from core.documents import Job
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.jobs.queue import MAX_OPEN, cancel_job, get_job, list_jobs, start_job
from core.values.scope import SYSTEM, Scope
from tests.builders import a_scope

pytestmark = pytest.mark.usefixtures("database")

HERE = ObjectId()
EDITOR = a_scope("editor", HERE)
VIEWER = a_scope("viewer", HERE)
STRANGER = a_scope("admin", ObjectId())


async def a_job(*subjects: str, key: str | None = None, scope: Scope = EDITOR) -> Job:
    subjects = subjects or ("a",)
    return await start_job(scope, HERE, "extract_pages", subjects, idempotency_key=key)


async def test_editors_start_and_cancel_viewers_look_and_others_see_nothing() -> None:
    job = await a_job()

    assert (await get_job(VIEWER, job.key)).key == job.key
    for act in (get_job, cancel_job):
        with pytest.raises(NotFound):
            await act(STRANGER, job.key)
        with pytest.raises(NotAllowed):
            await act(Scope(kind="application", roles={HERE: "viewer"}), job.key)
    with pytest.raises(NotAllowed):
        await cancel_job(VIEWER, job.key)
    with pytest.raises(NotAllowed):
        await a_job(scope=VIEWER)
    with pytest.raises(NotFound):
        await a_job(scope=STRANGER)
    with pytest.raises(NotFound):
        await list_jobs(STRANGER, application_id=HERE)
    assert (await cancel_job(EDITOR, job.key)).status == "cancelled"


async def test_a_list_shows_the_newest_first_page_by_page_without_items() -> None:
    jobs = [await a_job(f"{n}") for n in range(5)]

    first = await list_jobs(VIEWER, limit=2)
    last = await list_jobs(VIEWER, application_id=HERE, skip=4, limit=2)

    assert [job.key for job in first.items] == [jobs[4].key, jobs[3].key]
    assert [job.key for job in last.items] == [jobs[0].key]
    assert (first.total, last.total, first.items[0].total) == (5, 5, 1)
    assert first.items[0].items == []
    assert (await list_jobs(STRANGER)).total == 0


async def test_the_lists_and_the_next_job_are_found_by_an_index() -> None:
    await a_job()
    newest = [("created_at", -1), ("_id", -1)]
    asked = [
        Job.collection().find({"application_id": {"$in": [HERE]}}).sort(newest),
        Job.collection().find({}).sort(newest),
        Job.collection().find({"status": {"$in": ["queued"]}, "lease_until": {"$lte": 1}}),
    ]

    for query in asked:
        plan = str((await query.explain())["queryPlanner"]["winningPlan"])
        assert "COLLSCAN" not in plan
        assert "'SORT'" not in plan


async def test_a_key_stands_for_one_job_however_often_it_is_sent() -> None:
    sent = await asyncio.gather(*(a_job("a", "b", key="once") for _ in range(8)))

    assert len({job.key for job in sent}) == 1
    assert (await list_jobs(SYSTEM)).total == 1
    with pytest.raises(Invalid) as refused:
        await a_job("c", key="once")
    assert refused.value.field == "Idempotency-Key"
    assert (await a_job("a", "b", key="twice")).key != sent[0].key


async def test_an_application_cannot_fill_the_queue() -> None:
    jobs = [await a_job(str(n)) for n in range(MAX_OPEN)]

    with pytest.raises(Conflict, match="cancel"):
        await a_job()
    await cancel_job(EDITOR, jobs[0].key)

    assert (await a_job()).status == "queued"


async def test_a_job_has_one_to_a_hundred_items() -> None:
    with pytest.raises(Invalid):
        await start_job(EDITOR, HERE, "extract_pages", [])
    with pytest.raises(Invalid):
        await start_job(EDITOR, HERE, "extract_pages", [str(n) for n in range(101)])
