"""Own reading the executions that a caller may see, newest first."""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import ExecutionTimeout

from core.documents import ExecutionLog
from core.errors import NotFound, Unavailable
from core.values.body import Text
from core.values.ids import Id
from core.values.scope import Scope
from prompthub.wire.literals import ExecutionStatus

MAX_TOTAL: Final = 10_000
# A search for a text reads rows; this bounds what one caller can make the database do.
_MAX_TIME_MS: Final = 3000
_MAX_EXPORT_MS: Final = 30_000
_TEXT_FIELDS: Final = (
    "prompt_id",
    "error_message",
    "output_data.text",
    "rendered_messages.content",
)


class ExecutionQuery(BaseModel):
    """Filters, all of which must hold.

    `model` is connection/model or the model's name alone, `start` is included, `end` is not,
    `text` is looked for as it stands, without regard to case.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    application_id: Id | None = None
    prompt_id: Text | None = None
    version: Text | None = None
    model: Text | None = None
    status: ExecutionStatus | None = None
    user_id: Id | None = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    text: Text = Field(default="", max_length=500)


class ExecutionPage(NamedTuple):
    """Rows newest first; `total` counts to `MAX_TOTAL` at most."""

    items: list[ExecutionLog]
    total: int
    total_is_capped: bool


class Neighbours(NamedTuple):
    """The executions next to one in a list; None at its ends."""

    newer: ObjectId | None
    older: ObjectId | None


async def get_execution(scope: Scope, execution_id: ObjectId) -> ExecutionLog:
    """Return one execution.

    Raises:
        NotFound: there is none, or it is of an application the caller cannot see.
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    found = await ExecutionLog.find_one({"_id": execution_id, **scope.visible()})
    if found is None:
        raise NotFound("execution", str(execution_id))
    return found


async def get_executions(
    scope: Scope, execution_ids: Sequence[ObjectId]
) -> dict[ObjectId, ExecutionLog]:
    """Return those of the executions that are there and that the caller may see, by id.

    Raises:
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    wanted = {"_id": {"$in": list(execution_ids)}, **scope.visible()}
    return {row.key: row async for row in ExecutionLog.find(wanted)}


async def has_executions(scope: Scope) -> bool:
    """Return whether there is any execution that the caller may see.

    Raises:
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    return await ExecutionLog.collection().find_one(scope.visible(), {"_id": 1}) is not None


async def list_executions(
    scope: Scope, query: ExecutionQuery, *, skip: int = 0, limit: int = 20
) -> ExecutionPage:
    """Return one page of the executions that match and that the caller may see.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
        Unavailable: the search took too long; a shorter time window helps.
    """
    wanted, hint = _conditions(scope, query), _hint(query)
    rows = (
        ExecutionLog.collection()
        .find(wanted, max_time_ms=_MAX_TIME_MS, **hint)
        .sort([("created_at", DESCENDING), ("_id", DESCENDING)])
        .skip(skip)
        .limit(limit)
    )
    try:
        items = [ExecutionLog.model_validate(row) async for row in rows]
        total = await ExecutionLog.collection().count_documents(
            wanted, limit=MAX_TOTAL + 1, maxTimeMS=_MAX_TIME_MS, **hint
        )
    except ExecutionTimeout as error:
        raise _took_too_long() from error
    return ExecutionPage(items, min(total, MAX_TOTAL), total > MAX_TOTAL)


async def iterate_executions(
    scope: Scope, query: ExecutionQuery, *, limit: int
) -> AsyncGenerator[ExecutionLog]:
    """Yield the newest executions that match and that the caller may see, at most `limit`.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
        Unavailable: the search took too long; a shorter time window helps.
    """
    rows = (
        ExecutionLog.collection()
        .find(_conditions(scope, query), max_time_ms=_MAX_EXPORT_MS, **_hint(query))
        .sort([("created_at", DESCENDING), ("_id", DESCENDING)])
        .limit(limit)
    )
    try:
        async for row in rows:
            yield ExecutionLog.model_validate(row)
    except ExecutionTimeout as error:
        raise _took_too_long() from error


async def find_neighbours(scope: Scope, query: ExecutionQuery, row: ExecutionLog) -> Neighbours:
    """Return what comes before and after `row` among the executions that match.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
        Unavailable: the search took too long; a shorter time window helps.
    """
    wanted, hint = _conditions(scope, query), _hint(query)
    newer, older = await asyncio.gather(
        _find_next(wanted, row, "$gt", ASCENDING, hint),
        _find_next(wanted, row, "$lt", DESCENDING, hint),
    )
    return Neighbours(newer, older)


async def _find_next(
    wanted: dict[str, Any], row: ExecutionLog, operator: str, order: int, hint: dict[str, Any]
) -> ObjectId | None:
    beyond: dict[str, Any] = {
        "$or": [
            {"created_at": {operator: row.created_at}},
            {"created_at": row.created_at, "_id": {operator: row.key}},
        ]
    }
    try:
        found = await ExecutionLog.collection().find_one(
            {"$and": [wanted, beyond]},
            {"_id": 1},
            sort=[("created_at", order), ("_id", order)],
            max_time_ms=_MAX_TIME_MS,
            **hint,
        )
    except ExecutionTimeout as error:
        raise _took_too_long() from error
    return None if found is None else found["_id"]


def _hint(query: ExecutionQuery) -> dict[str, Any]:
    """Name the index that holds running executions alone: by itself MongoDB would read all rows."""
    return {"hint": "running_leases"} if query.status == "running" else {}


def _took_too_long() -> Unavailable:
    return Unavailable(
        "Searching the executions took too long.",
        what="execution log",
        remedy="Choose a shorter time window, or fewer words.",
    )


def _conditions(scope: Scope, query: ExecutionQuery) -> dict[str, Any]:
    scope.refuse_application()
    conditions: dict[str, Any] = {**scope.visible()}
    if query.application_id is not None:
        key = str(query.application_id)
        scope.require("viewer", query.application_id, kind="application", key=key)
        conditions["application_id"] = query.application_id
    exact: Mapping[str, Any] = {
        "prompt_id": query.prompt_id,
        "version": query.version,
        "status": query.status,
        "user_id": query.user_id,
    }
    conditions |= {name: value for name, value in exact.items() if value is not None}
    conditions |= _of_model(query.model)
    window = {"$gte": query.start, "$lt": query.end}
    window = {operator: moment for operator, moment in window.items() if moment is not None}
    if window:
        conditions["created_at"] = window
    if query.text:
        pattern = {"$regex": re.escape(query.text), "$options": "i"}
        conditions["$or"] = [{field: pattern} for field in _TEXT_FIELDS]
    return conditions


def _of_model(model: str | None) -> dict[str, str]:
    if model is None:
        return {}
    provider, slash, name = model.partition("/")
    return {"model_provider": provider, "model_name": name} if slash else {"model_name": model}
