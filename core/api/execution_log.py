"""Own the routes of the log of executions."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from core.api.answers import answer
from core.api.dependencies import AskedMoment, AskingScope
from core.api.paging import AskedPage
from core.api.strict_route import UserRoute, UserSlowRoute
from core.documents import ExecutionLog
from core.execution import erasure, log
from core.execution.log import ExecutionQuery
from core.values.ids import Id
from prompthub.wire import executions as wire
from prompthub.wire.literals import ExecutionStatus
from prompthub.wire.versions import RenderedMessage

router = APIRouter(prefix="/executions", route_class=UserRoute, tags=["execution"])
of_person = APIRouter(prefix="/users", route_class=UserSlowRoute, tags=["execution"])


@router.get("", response_model=wire.ExecutionPage)
async def list_executions(
    scope: AskingScope,
    asked: AskedPage,
    *,
    application_id: Id | None = None,
    prompt_id: str | None = None,
    version: str | None = None,
    model: Annotated[str | None, Query(description="connection/model, or the model alone.")] = None,
    status: ExecutionStatus | None = None,
    user_id: Id | None = None,
    start: Annotated[AskedMoment | None, Query(description="Included.")] = None,
    end: Annotated[AskedMoment | None, Query(description="Not included.")] = None,
    text: Annotated[str, Query(max_length=500, description="Occurs in what was said.")] = "",
) -> Response:
    """List executions, newest first; `total` stops counting at 10,000."""
    query = ExecutionQuery(
        application_id=application_id,
        prompt_id=prompt_id,
        version=version,
        model=model,
        status=status,
        user_id=user_id,
        start=start,
        end=end,
        text=text,
    )
    page = await log.list_executions(scope, query, skip=asked.skip, limit=asked.limit)
    rows = [_show(row) for row in page.items]
    part = asked.part_of(rows, page.total, total_is_capped=page.total_is_capped)
    return answer(wire.ExecutionPage(**part, total_is_capped=page.total_is_capped))


@router.get("/{execution_id}", response_model=wire.ExecutionRow)
async def get_execution(execution_id: Id, scope: AskingScope) -> Response:
    """Show one execution with the exact messages that were sent."""
    return answer(_show(await log.get_execution(scope, execution_id)))


@router.post("/{execution_id}/erase", response_model=wire.Erased)
async def erase_execution(execution_id: Id, scope: AskingScope) -> Response:
    """Erase what was said in an execution and in ratings of it; its figures stay. For admins."""
    erased = await erasure.erase_execution(scope, execution_id)
    return answer(wire.Erased(**erased._asdict()))


@of_person.post("/{user_id}/erase-data", response_model=wire.Erased)
async def erase_user(user_id: Id, scope: AskingScope) -> Response:
    """Erase what a person said in executions and ratings, and who it was. For superusers."""
    erased = await erasure.erase_user(scope, user_id)
    return answer(wire.Erased(**erased._asdict()))


def _show(row: ExecutionLog) -> wire.ExecutionRow:
    return wire.ExecutionRow(
        execution_id=str(row.key),
        status=row.status,
        output=wire.Output(text=str(row.output_data.get("text", ""))),
        model=f"{row.model_provider}/{row.model_name}" if row.model_provider else "",
        version=row.version,
        usage=wire.Usage(
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            is_estimated=row.tokens_estimated,
        ),
        cost_usd=row.cost_usd,
        cost_status=row.cost_status,
        latency_ms=row.latency_ms,
        time_to_first_token_ms=row.time_to_first_token_ms,
        finish_reason=row.finish_reason,
        guardrails=[wire.Verdict.model_validate(v) for v in row.guardrail_verdicts],
        application_id=str(row.application_id),
        prompt_id=row.prompt_id,
        user_id=str(row.user_id) if row.user_id else None,
        verifies=str(row.verifies) if row.verifies else None,
        response_model=row.response_model,
        variables=row.input_data.get("variables", {}),
        messages=[RenderedMessage(role=m.role, content=m.content) for m in row.rendered_messages],
        findings=[wire.Finding.model_validate(one) for one in row.findings],
        dependencies=[wire.UsedVersion.model_validate(one) for one in row.dependencies],
        omitted_params=row.omitted_params,
        error=_show_error(row),
        metadata=row.metadata,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _show_error(row: ExecutionLog) -> wire.ExecutionError | None:
    if row.error_type is None:
        return None
    return wire.ExecutionError(type=row.error_type, message=row.error_message or "")
