"""Own the routes of feedback on a version."""

from bson import ObjectId
from fastapi import APIRouter
from starlette.responses import Response

from core import feedback
from core.api.answers import answer
from core.api.dependencies import AskedPrompt, AskingScope, to_value
from core.api.paging import AskedPage
from core.api.strict_route import UserRoute
from core.documents import Feedback, Prompt, PromptVersion
from core.errors import NotFound
from core.execution.log import get_execution
from core.feedback import NewRating, Rated
from core.prompts.resolve import resolve_version
from core.values.estimate import Estimate
from core.values.scope import Scope
from prompthub.wire import feedback as wire

router = APIRouter(
    prefix="/prompts/{prompt_id}/versions/{version}/feedback",
    route_class=UserRoute,
    tags=["feedback"],
)


@router.post(
    "",
    status_code=201,
    response_model=wire.Feedback,
    responses={200: {"description": "Your earlier rating was changed", "model": wire.Feedback}},
)
async def rate(
    version: str, body: wire.NewFeedback, prompt: AskedPrompt, scope: AskingScope
) -> Response:
    """Rate a version, or one execution of it; rating the same again changes your rating (200)."""
    found = await resolve_version(scope, prompt, version)
    new = to_value(NewRating, body.model_dump(exclude={"execution_id"}))
    rated = await _rate(scope, prompt, found, new, body.execution_id)
    shown = _show(found, rated.feedback)
    if not rated.created:
        return answer(shown)
    location = (
        f"/api/v1/prompts/{prompt.prompt_id}/versions/{found.version}/feedback"
        f"?application_id={prompt.application_id}"
    )
    return answer(shown, status=201, headers={"Location": location})


async def _rate(
    scope: Scope, prompt: Prompt, version: PromptVersion, new: NewRating, execution_id: str | None
) -> Rated:
    if execution_id is None:
        return await feedback.rate_version(scope, prompt, version, new)
    execution = await get_execution(scope, ObjectId(execution_id))
    if execution.prompt_version_id != version.key:
        raise NotFound("execution", execution_id)
    return await feedback.rate_execution(scope, execution, new)


@router.get("", response_model=wire.FeedbackPage)
async def list_feedback(
    version: str, prompt: AskedPrompt, scope: AskingScope, asked: AskedPage
) -> Response:
    """List the ratings of a version and of its executions, newest first, with their mean."""
    found = await resolve_version(scope, prompt, version)
    page = await feedback.list_feedback(scope, prompt, found, skip=asked.skip, limit=asked.limit)
    part = asked.part_of([_show(found, one) for one in page.items], page.total)
    return answer(wire.FeedbackPage(**part, summary=_summarise(page.rating)))


def _show(version: PromptVersion, one: Feedback) -> wire.Feedback:
    return wire.Feedback(
        id=str(one.key),
        version=version.version,
        execution_id=str(one.execution_id) if one.execution_id else None,
        user_id=str(one.user_id),
        rating=one.rating,
        comment=one.comment,
        improvement_suggestion=one.improvement_suggestion,
        created_at=one.created_at,
        updated_at=one.updated_at,
    )


def _summarise(rating: Estimate | None) -> wire.RatingSummary | None:
    if rating is None:
        return None
    return wire.RatingSummary.model_validate(rating, from_attributes=True)
