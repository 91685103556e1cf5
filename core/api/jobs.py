"""Own the routes of background jobs."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from core.api.answers import answer
from core.api.dependencies import AskingScope
from core.api.paging import AskedPage
from core.api.strict_route import UserRoute
from core.documents import Job, JobItem
from core.extraction.bulk import result_of
from core.jobs import queue
from core.values.ids import Id
from prompthub.wire import jobs as wire
from prompthub.wire.extraction import SaveProblem

router = APIRouter(prefix="/jobs", route_class=UserRoute, tags=["jobs"])


@router.get("", response_model=wire.JobList)
async def list_jobs(
    scope: AskingScope, page: AskedPage, application_id: Id | None = None
) -> Response:
    """List jobs, newest first."""
    found = await queue.list_jobs(
        scope, application_id=application_id, skip=page.skip, limit=page.limit
    )
    items = [wire.JobSummary(**_summary(job)) for job in found.items]
    return answer(wire.JobList(**page.part_of(items, found.total)))


@router.get("/{job_id}", response_model=wire.Job)
async def get_job(job_id: Id, scope: AskingScope) -> Response:
    """Show a job and what came of each item so far."""
    return answer(_show(await queue.get_job(scope, job_id)))


@router.post("/{job_id}/cancel", response_model=wire.Job)
async def cancel_job(job_id: Id, scope: AskingScope) -> Response:
    """Call a job off; what was done stays. One that is over is answered as it is."""
    return answer(_show(await queue.cancel_job(scope, job_id)))


def _show(job: Job) -> wire.Job:
    return wire.Job(**_summary(job), items=[_show_item(item) for item in job.items])


def _summary(job: Job) -> dict[str, Any]:
    shown = {*wire.JobSummary.model_fields} - {"id", "application_id"}
    return {
        "id": str(job.key),
        "application_id": str(job.application_id),
        **{name: getattr(job, name) for name in shown},
    }


def _show_item(item: JobItem) -> wire.JobItem:
    result = result_of(item)
    return wire.JobItem(
        url=item.subject,
        state=item.state,
        attempts=item.attempts,
        source_id=str(result.source_id) if result else None,
        title=result.title if result else "",
        prompts=result.prompts if result else 0,
        answers=result.answers if result else 0,
        problem=item.problem and SaveProblem.model_validate(item.problem.model_dump()),
    )
