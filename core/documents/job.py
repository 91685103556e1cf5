"""Own the stored background job: what is to be done, how far it is, and who is at it."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from core.documents.base import Changing
from core.values.ids import Id
from prompthub.wire.literals import JobItemState, JobKind, JobStatus


class JobProblem(BaseModel):
    """Why an item failed, and what to do."""

    code: str
    message: str
    field: str = ""
    remedy: str = ""


class JobItem(BaseModel):
    """One thing to do for a `subject`; `result` is what came of it, by the kind of the job.

    `attempts` counts the one under way. One that is waiting is not tried before `not_before`;
    its `problem` is that of the attempt before.
    """

    subject: str
    state: JobItemState = "waiting"
    attempts: int = 0
    not_before: datetime | None = None
    result: dict[str, Any] = Field(default_factory=dict[str, Any])
    problem: JobProblem | None = None


class Job(Changing):
    """Work that goes on after the answer, item by item.

    While it is running it is held by `lease_owner` until `lease_until`; then, or while it is
    queued, any worker may take it, which `attempts` counts. `total`, `done` and `failed` count
    items. It ends as `done` when one of them was, else as `failed`; who cancels it keeps what was
    done until then. The work is done in the name of `user_id`, with what that person may then.
    """

    application_id: Id
    kind: JobKind
    status: JobStatus = "queued"
    items: list[JobItem] = Field(default_factory=list[JobItem], repr=False)
    total: int = 0
    done: int = 0
    failed: int = 0
    attempts: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = None
    user_id: Id | None = None
    created_by: str = ""
    idempotency_key: str | None = None
    request_digest: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will be done any more."""
        return self.status not in {"queued", "running"}

    class Settings:
        name = "jobs"
        indexes = [
            IndexModel([("status", ASCENDING), ("lease_until", ASCENDING)], name="status_lease"),
            IndexModel(
                [("application_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
                name="application_newest",
            ),
            IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="newest"),
            IndexModel(
                [("application_id", ASCENDING), ("idempotency_key", ASCENDING)],
                name="idempotency_key",
                unique=True,
                partialFilterExpression={"idempotency_key": {"$type": "string"}},
            ),
            IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
        ]
