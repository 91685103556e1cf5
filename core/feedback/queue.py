"""Own the queue of answers that a person has not rated yet."""

from datetime import timedelta
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict
from pymongo import DESCENDING
from pymongo.errors import ExecutionTimeout

from core import clock
from core.documents import ExecutionLog, Feedback
from core.errors import NotAllowed, Unavailable
from core.values.body import Text
from core.values.ids import Id
from core.values.scope import RANK, Scope

WINDOW: Final = timedelta(days=30)
LENGTH: Final = 50
# Answers looked at in one step; somebody who has rated all of them makes another step necessary.
STEP: Final = 500
_MAX_TIME_MS: Final = 3000
# Calls about a prompt's text, whose answers are no answers of the prompt.
_PURPOSES: Final = ["boost", "describe"]


class QueueQuery(BaseModel):
    """Which answers are to be rated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    application_id: Id | None = None
    prompt_id: Text | None = None
    version: Text | None = None


class Queue(NamedTuple):
    """Executions to rate, newest first; `has_more` when there are others after them."""

    items: list[ObjectId]
    has_more: bool


async def load_queue(scope: Scope, query: QueueQuery, *, length: int = LENGTH) -> Queue:
    """Return the newest answers of the last 30 days that the caller may rate and has not rated.

    Raises:
        NotAllowed: the caller is no person, or no editor of the application asked for.
        NotFound: the application asked for is not visible.
        Unavailable: the search took too long.
    """
    if scope.user_id is None:
        raise NotAllowed("Only people rate.", role="editor")
    wanted = _conditions(scope, query)
    found: list[ObjectId] = []
    last: dict[str, Any] = {}
    while len(found) <= length:
        rows = await _step(wanted, last)
        if not rows:
            break
        found += await _without_rated(scope.user_id, [row["_id"] for row in rows])
        at, key = rows[-1]["created_at"], rows[-1]["_id"]
        last = {"$or": [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": key}}]}
    return Queue(found[:length], has_more=len(found) > length)


def can_rate(scope: Scope, application_id: ObjectId) -> bool:
    """Tell whether the caller may rate answers of an application."""
    role = scope.role_in(application_id)
    return scope.user_id is not None and role is not None and RANK[role] >= RANK["editor"]


async def _step(wanted: dict[str, Any], last: dict[str, Any]) -> list[dict[str, Any]]:
    rows = (
        ExecutionLog.collection()
        .find({**wanted, **last}, {"created_at": 1}, max_time_ms=_MAX_TIME_MS)
        .sort([("created_at", DESCENDING), ("_id", DESCENDING)])
        .limit(STEP)
    )
    try:
        return await rows.to_list()
    except ExecutionTimeout as error:
        raise Unavailable(
            "Looking for answers to rate took too long.",
            what="execution log",
            remedy="Choose one prompt.",
        ) from error


async def _without_rated(user_id: ObjectId, keys: list[ObjectId]) -> list[ObjectId]:
    own = {"user_id": user_id, "execution_id": {"$in": keys}}
    rated = {
        row["execution_id"] async for row in Feedback.collection().find(own, {"execution_id": 1})
    }
    return [key for key in keys if key not in rated]


def _conditions(scope: Scope, query: QueueQuery) -> dict[str, Any]:
    conditions: dict[str, Any] = {
        "status": "success",
        "verifies": None,
        "metadata.purpose": {"$nin": _PURPOSES},
        "output_data.text": {"$gt": ""},
        "created_at": {"$gte": clock.now() - WINDOW},
    }
    if query.application_id is not None:
        key = str(query.application_id)
        scope.require("editor", query.application_id, kind="application", key=key)
        conditions["application_id"] = query.application_id
    elif not scope.sees_everything:
        rating = [key for key in scope.roles if can_rate(scope, key)]
        conditions["application_id"] = {"$in": rating}
    named = {"prompt_id": query.prompt_id, "version": query.version}
    return conditions | {name: value for name, value in named.items() if value is not None}
