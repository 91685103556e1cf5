"""Own the shapes of background jobs."""

from pydantic import Field

from prompthub.wire.base import Answer, Id, Moment
from prompthub.wire.extraction import SaveProblem
from prompthub.wire.literals import JobItemState, JobKind, JobStatus


class JobSummary(Answer):
    """A job: of `total` items so many are `done` and `failed`; `attempts` counts workers."""

    id: Id
    application_id: Id
    kind: JobKind
    status: JobStatus
    total: int
    done: int
    failed: int
    attempts: int
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None


class JobItem(Answer):
    """An address, and what came of it; `source_id` leads to its proposals.

    A `problem` of what is still waiting is that of the attempt before.
    """

    url: str
    state: JobItemState
    attempts: int
    source_id: Id | None
    title: str
    prompts: int = Field(description="Proposals that are prompts.")
    answers: int = Field(description="Proposals that are sample answers.")
    problem: SaveProblem | None


class Job(JobSummary):
    """A job with its items, in the order they were given."""

    items: list[JobItem]


class JobList(Answer):
    """A page of jobs, newest first."""

    items: list[JobSummary]
    next_cursor: str | None
    total: int
