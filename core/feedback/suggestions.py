"""Own the inbox of suggestions: what people wrote would be better, open or dealt with."""

import asyncio
from typing import Any, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict
from pymongo import DESCENDING

from core import clock
from core.documents import Feedback
from core.errors import Conflict, NotFound
from core.feedback.named import NamedRating, name_all
from core.feedback.standing import versions_of
from core.values.ids import Id
from core.values.scope import Scope


class SuggestionQuery(BaseModel):
    """Which suggestions: open ones or those dealt with; of one application or prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    is_done: bool = False
    application_id: Id | None = None
    prompt_key: Id | None = None


class SuggestionPage(NamedTuple):
    """One page of suggestions, newest first, and how many there are in all."""

    items: list[NamedRating]
    total: int


async def list_suggestions(
    scope: Scope, query: SuggestionQuery, *, skip: int = 0, limit: int = 20
) -> SuggestionPage:
    """Return one page of the suggestions that the caller may see.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
    """
    wanted = await _conditions(scope, query)
    rows = Feedback.collection().find(wanted)
    rows = rows.sort([("updated_at", DESCENDING), ("_id", DESCENDING)]).skip(skip).limit(limit)
    found, total = await asyncio.gather(
        rows.to_list(), Feedback.collection().count_documents(wanted)
    )
    return SuggestionPage(await name_all([Feedback.model_validate(row) for row in found]), total)


async def count_open(scope: Scope) -> int:
    """Return how many suggestions are open to the caller.

    Raises:
        NotAllowed: an application asks with its key.
    """
    wanted = await _conditions(scope, SuggestionQuery())
    return await Feedback.collection().count_documents(wanted)


async def get_suggestion(scope: Scope, suggestion_id: ObjectId) -> NamedRating:
    """Return one suggestion.

    Raises:
        NotFound: there is none, or it is of an application the caller cannot see.
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    wanted = {"_id": suggestion_id, "improvement_suggestion": {"$gt": ""}, **scope.visible()}
    found = await Feedback.find_first(wanted)
    if found is None:
        raise NotFound("suggestion", str(suggestion_id))
    (named,) = await name_all([found])
    return named


async def set_done(scope: Scope, suggestion: Feedback, *, is_done: bool) -> Feedback:
    """Say that a suggestion was dealt with, or open it again; return it as it is then.

    Raises:
        NotFound: it is of an application the caller cannot see.
        NotAllowed: the caller is no editor.
        Conflict: somebody changed it meanwhile.
    """
    scope.refuse_application()
    key = str(suggestion.key)
    owner = suggestion.application_id
    if owner is None:
        raise NotFound("suggestion", key)
    scope.require("editor", owner, kind="suggestion", key=key)
    change = {
        "done_at": clock.now() if is_done else None,
        "done_by": scope.user_id if is_done else None,
    }
    # The moment of the suggestion stays: `updated_at` says when it was made.
    old = {"_id": suggestion.key, "revision": suggestion.revision}
    written = await Feedback.collection().update_one(old, {"$set": change, "$inc": {"revision": 1}})
    if not written.modified_count:
        raise Conflict("Somebody has changed this suggestion meanwhile; look at it again.")
    update = {**change, "revision": suggestion.revision + 1}
    return suggestion.model_copy(update=update)


async def _conditions(scope: Scope, query: SuggestionQuery) -> dict[str, Any]:
    scope.refuse_application()
    conditions: dict[str, Any] = {
        "improvement_suggestion": {"$gt": ""},
        "done_at": {"$ne": None} if query.is_done else None,
        **scope.visible(),
    }
    if query.application_id is not None:
        key = str(query.application_id)
        scope.require("viewer", query.application_id, kind="application", key=key)
        conditions["application_id"] = query.application_id
    if query.prompt_key is not None:
        conditions["prompt_version_id"] = {"$in": await versions_of(query.prompt_key)}
    return conditions
