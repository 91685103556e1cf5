"""Own background jobs as people see them: put one in, look at it, call it off."""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core import clock
from core.documents import Job, JobItem, changed
from core.errors import Conflict, Invalid, NotFound
from core.values.scope import Scope
from prompthub.wire.literals import JobKind

MAX_ITEMS: Final = 100
# How many jobs of an application may wait or run: others want their turn, too.
MAX_OPEN: Final = 20
# An ended job can be looked at for so long, and its key stands for it.
KEPT: Final = timedelta(days=30)
OPEN_STATUSES: Final = ("queued", "running")
OPEN_STATES: Final = ("waiting", "running")


class JobPage(NamedTuple):
    """Jobs newest first, without their items, and how many there are in all."""

    items: list[Job]
    total: int


async def start_job(
    scope: Scope,
    application_id: ObjectId,
    kind: JobKind,
    subjects: Sequence[str],
    *,
    idempotency_key: str | None = None,
) -> Job:
    """Put a job in for one item each of `subjects`; a worker takes it within moments.

    Under a key that was used before, the job of then is returned.

    Raises:
        NotFound, NotAllowed: the application is not the caller's to write to.
        Conflict: too many jobs of the application are not over yet.
        Invalid: the key stands for another request, or there are no or too many subjects.
    """
    scope.require("editor", application_id, kind="application", key=str(application_id))
    if not 1 <= len(subjects) <= MAX_ITEMS:
        raise Invalid(f"A job takes 1 to {MAX_ITEMS} items.", field="items")
    digest = hashlib.sha256(json.dumps([kind, *subjects]).encode()).hexdigest()
    known = await _find_started(application_id, idempotency_key, digest)
    if known is not None:
        return known
    await _require_room(application_id)
    items = [JobItem(subject=subject) for subject in subjects]
    job = Job(application_id=application_id, kind=kind, items=items, total=len(items))
    job.user_id, job.created_by = scope.user_id, scope.actor
    job.idempotency_key, job.request_digest = idempotency_key, digest
    job.lease_until = job.created_at  # any worker may take it at once
    try:
        return await job.insert()
    except DuplicateKeyError:
        known = await _find_started(application_id, idempotency_key, digest)
        if known is None:
            raise
        return known


async def _find_started(application_id: ObjectId, key: str | None, digest: str) -> Job | None:
    if key is None:
        return None
    known = await Job.find_first({"application_id": application_id, "idempotency_key": key})
    if known is not None and known.request_digest != digest:
        raise Invalid(
            "This key was used for another request before.",
            field="Idempotency-Key",
            remedy="Use a new key for each request, and the same one only to repeat it unchanged.",
        )
    return known


async def _require_room(application_id: ObjectId) -> None:
    unended = {"application_id": application_id, "status": {"$in": OPEN_STATUSES}}
    if await Job.collection().count_documents(unended, limit=MAX_OPEN) >= MAX_OPEN:
        raise Conflict(
            f"{MAX_OPEN} jobs of the application are waiting or running; wait for one of them, "
            "or cancel it."
        )


async def get_job(scope: Scope, job_id: ObjectId) -> Job:
    """Return a job with its items.

    Raises:
        NotFound: there is none, or it is of an application the caller cannot see.
        NotAllowed: the caller is no person.
    """
    scope.refuse_application()
    job = await Job.find_first({"_id": job_id, **scope.visible()})
    if job is None:
        raise NotFound("job", str(job_id))
    return job


async def list_jobs(
    scope: Scope, *, application_id: ObjectId | None = None, skip: int = 0, limit: int = 20
) -> JobPage:
    """Return a page of the jobs of one application, or of all that the caller sees.

    Raises:
        NotFound: the application is not visible.
        NotAllowed: the caller is no person.
    """
    scope.refuse_application()
    wanted = scope.visible()
    if application_id is not None:
        scope.require("viewer", application_id, kind="application", key=str(application_id))
        wanted = {"application_id": application_id}
    rows = Job.collection().find(wanted, {"items": 0})
    rows = rows.sort([("created_at", -1), ("_id", -1)]).skip(skip).limit(limit)
    items = [Job.model_validate(row) async for row in rows]
    return JobPage(items, await Job.collection().count_documents(wanted))


async def cancel_job(scope: Scope, job_id: ObjectId) -> Job:
    """Call a job off: what is not done will not be done, what is done stays.

    One that is over stays as it is.

    Raises:
        NotFound: there is none, or it is of an application the caller cannot see.
        NotAllowed: the caller is no editor there, or no person.
    """
    job = await get_job(scope, job_id)
    scope.require("editor", job.application_id, kind="job", key=str(job_id))
    change = end_of("cancelled")
    change["$set"]["items.$[open].state"] = "cancelled"
    after = await Job.collection().find_one_and_update(
        {"_id": job_id, "status": {"$in": OPEN_STATUSES}},
        change,
        array_filters=[{"open.state": {"$in": OPEN_STATES}}],
        return_document=ReturnDocument.AFTER,
    )
    return await get_job(scope, job_id) if after is None else Job.model_validate(after)


def end_of(status: str) -> dict[str, Any]:
    """Return the update that ends a job."""
    moment = clock.now()
    fields: dict[str, Any] = {"status": status, "ended_at": moment, "expires_at": moment + KEPT}
    return {**changed(**fields, lease_owner=None, lease_until=None)}
