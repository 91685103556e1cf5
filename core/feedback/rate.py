"""Own rating a version or an execution, taking it back, and reading the ratings."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict, Field
from pymongo import ReturnDocument

from core import clock
from core.documents import ExecutionLog, Feedback, Prompt, PromptVersion
from core.errors import NotAllowed, NotFound
from core.values.body import Text
from core.values.estimate import Estimate, estimate_rating_sum
from core.values.scope import Scope
from prompthub.wire.feedback import Rating

MAX_TEXT_CHARS = 5000


class NewRating(BaseModel):
    """What somebody thinks: 1 (bad) to 5 (good), why, and what would be better."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rating: Rating
    comment: Text = Field(default="", max_length=MAX_TEXT_CHARS)
    improvement_suggestion: Text = Field(default="", max_length=MAX_TEXT_CHARS)


class Rated(NamedTuple):
    """The stored rating; `created` is False when it changed an earlier one of the same person."""

    feedback: Feedback
    created: bool


class FeedbackPage(NamedTuple):
    """Ratings newest first, how many there are in all, and the mean of them all."""

    items: list[Feedback]
    total: int
    rating: Estimate | None


class _Place(NamedTuple):
    """What is rated, and whose it is."""

    application_id: ObjectId
    version_id: ObjectId | None
    execution_id: ObjectId | None


async def rate_version(
    scope: Scope, prompt: Prompt, version: PromptVersion, new: NewRating
) -> Rated:
    """Store the caller's rating of a version of `prompt`, in place of an earlier one.

    Raises:
        NotAllowed: the caller is no editor, or no person.
        NotFound: the prompt is not visible.
    """
    scope.require("editor", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    place = _Place(prompt.application_id, version.key, None)
    return await _rate(scope, new, place)


async def rate_execution(scope: Scope, execution: ExecutionLog, new: NewRating) -> Rated:
    """Store the caller's rating of one execution, in place of an earlier one.

    It counts for the version that was executed; an unsaved body has none.

    Raises:
        NotAllowed: the caller is no editor, or no person.
        NotFound: the execution is not visible.
    """
    key = str(execution.key)
    scope.require("editor", execution.application_id, kind="execution", key=key)
    place = _Place(execution.application_id, execution.prompt_version_id, execution.key)
    return await _rate(scope, new, place)


async def _rate(scope: Scope, new: NewRating, place: _Place) -> Rated:
    # Exactly the fields of the unique index: the server itself repeats an upsert that lost the
    # race of two first ratings (MongoDB manual, "Upsert with Duplicate Values").
    target = {
        "user_id": _person(scope),
        "prompt_version_id": place.version_id,
        "execution_id": place.execution_id,
    }
    moment = clock.now()
    # A suggestion that somebody has dealt with is open again when its author has rated anew.
    written = {"application_id": place.application_id, "done_at": None, "done_by": None}
    stored = await Feedback.collection().find_one_and_update(
        target,
        {
            "$set": {**new.model_dump(), **written, "updated_at": moment},
            "$setOnInsert": {"created_at": moment},
            "$inc": {"revision": 1},
        },
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    feedback = Feedback.model_validate(stored)
    return Rated(feedback, created=feedback.revision == 1)


async def delete_own(scope: Scope, feedback_id: ObjectId) -> None:
    """Take a rating of the caller's own back.

    Raises:
        NotFound: there is none of the caller with this id.
        NotAllowed: the caller is no person.
    """
    own = {"_id": feedback_id, "user_id": _person(scope)}
    deleted = await Feedback.collection().delete_one(own)
    if not deleted.deleted_count:
        raise NotFound("feedback", str(feedback_id))


async def list_feedback(
    scope: Scope, prompt: Prompt, version: PromptVersion, *, skip: int = 0, limit: int = 20
) -> FeedbackPage:
    """Return a page of the ratings of a version of `prompt` and of its executions.

    Raises:
        NotFound: the prompt is not visible.
        NotAllowed: the caller holds only an API key.
    """
    scope.require("viewer", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    if scope.kind == "application":
        raise NotAllowed("Feedback is read by people.")
    wanted: dict[str, Any] = {"prompt_version_id": version.key}
    rows = Feedback.find(wanted).sort("-created_at", "-_id")
    items = await rows.skip(skip).limit(limit).to_list()
    counted = Feedback.collection().aggregate(
        [{"$match": wanted}, {"$group": {"_id": "$rating", "count": {"$sum": 1}}}]
    )
    counts = {int(row["_id"]): int(row["count"]) async for row in await counted}
    total = sum(rating * count for rating, count in counts.items())
    given = sum(counts.values())
    return FeedbackPage(items, given, estimate_rating_sum(given, total))


async def find_ratings(
    scope: Scope, executions: Sequence[ExecutionLog]
) -> dict[ObjectId, list[Feedback]]:
    """Return everybody's ratings of those executions that the caller may see, by execution.

    Raises:
        NotAllowed: the caller holds only an API key.
    """
    scope.refuse_application()
    found: dict[ObjectId, list[Feedback]] = {}
    seen = [one.key for one in executions if scope.role_in(one.application_id) is not None]
    wanted = {"execution_id": {"$in": seen}}
    async for one in Feedback.find(wanted):
        if one.execution_id is not None:
            found.setdefault(one.execution_id, []).append(one)
    return found


async def find_own_ratings(
    scope: Scope, execution_ids: Sequence[ObjectId]
) -> dict[ObjectId, Feedback]:
    """Return the caller's own ratings of executions, by execution.

    Raises:
        NotAllowed: the caller is no person.
    """
    wanted = {"user_id": _person(scope), "execution_id": {"$in": list(execution_ids)}}
    found = await Feedback.find(wanted).to_list()
    return {one.execution_id: one for one in found if one.execution_id is not None}


def _person(scope: Scope) -> ObjectId:
    if scope.user_id is None:
        raise NotAllowed("Only people rate.", role="editor")
    return scope.user_id
