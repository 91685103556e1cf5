"""Own the audit trail: who did what, append only, and never less than what was done.

A change of a prompt or a version carries its event in the same write (`unrecorded`); the event then
moves to the trail. Whoever dies in between leaves it to `record_unrecorded`, a part of the repair
at start-up and by the worker. No verb changes or deletes an event.
See docs/decisions/0011-audit-with-the-change.md.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple, TypeVar

from bson import ObjectId
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pymongo import DESCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from core.documents import AuditEvent, Prompt, PromptVersion, changed
from core.documents.base import Audited
from core.errors import NotAllowed, NotFound
from core.values.body import Text
from core.values.ids import Id
from core.values.scope import Scope

# Counting further costs more than it tells.
MAX_TOTAL: Final = 10_000
AUDITED: Final = (Prompt, PromptVersion)
_NEWEST: Final = [("created_at", DESCENDING), ("_id", DESCENDING)]

Kind = TypeVar("Kind", bound=Audited)
Short = Annotated[Text, Field(max_length=300)]


class AuditQuery(BaseModel):
    """Filters, all of which must hold; `start` is included, `end` is not.

    `actor` is written as in an event, or is a user's e-mail address alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    application_id: Id | None = None
    actor: Short | None = None
    action: Short | None = None
    target: Short | None = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


class AuditPage(NamedTuple):
    """Events newest first; `total` counts to `MAX_TOTAL` at most."""

    items: list[AuditEvent]
    total: int
    total_is_capped: bool


def make_event(
    scope: Scope,
    action: str,
    target: str,
    *,
    application_id: ObjectId | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Return an event that is not stored yet.

    `action` is `noun.verb` ("version.publish"), `target` is `kind:key` ("prompt:<id>");
    `before` and `after` hold facts and never a secret.
    """
    return AuditEvent(
        actor=scope.actor,
        action=action,
        target=target,
        application_id=application_id,
        before=before or {},
        after=after or {},
        reason=reason,
        request_id=scope.request_id,
    )


async def record(
    scope: Scope,
    action: str,
    target: str,
    *,
    application_id: ObjectId | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Append one event; the arguments are those of `make_event`."""
    await make_event(
        scope,
        action,
        target,
        application_id=application_id,
        before=before,
        after=after,
        reason=reason,
    ).insert()


async def change_one(
    kind: type[Kind], old: Mapping[str, Any], fields: Mapping[str, Any], event: AuditEvent
) -> Kind | None:
    """Do `kind.change_one` and record the event; when nothing changed, nothing is recorded."""
    row = stored_event(event)
    after = await kind.collection().find_one_and_update(
        old,
        {**changed(**fields), "$push": {"unrecorded": row}},
        projection={"unrecorded": 0},
        return_document=ReturnDocument.AFTER,
    )
    if after is None:
        return None
    await record_carried(kind, after["_id"], [row])
    return kind.model_validate(after)


def stored_event(event: AuditEvent) -> dict[str, Any]:
    """Return an event as it is stored, for a document that carries it in its own insert."""
    return event.model_dump(by_alias=True, exclude={"revision_id"})


async def record_carried(
    kind: type[Audited], key: ObjectId, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Move events from the document that carries them to the trail; repeating it does no harm."""
    for row in rows:
        try:
            await AuditEvent.collection().insert_one(dict(row))
        except DuplicateKeyError:
            continue  # moved by somebody else, who has yet to take it away here
    done = {"$pull": {"unrecorded": {"_id": {"$in": [row["_id"] for row in rows]}}}}
    await kind.collection().update_one({"_id": key}, done)


async def record_unrecorded() -> int:
    """Record what a process that died had done and not yet recorded; return how many documents."""
    moved = 0
    for kind in AUDITED:
        carrying = kind.collection().find({"unrecorded._id": {"$exists": True}}, {"unrecorded": 1})
        async for row in carrying:
            await record_carried(kind, row["_id"], row["unrecorded"])
            moved += 1
    return moved


async def list_events(
    scope: Scope, query: AuditQuery, *, skip: int = 0, limit: int = 20
) -> AuditPage:
    """Return one page of the trail: all of it to superusers, an application's to its admins.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: the caller is no superuser, and no admin of the application asked for.
    """
    wanted = _conditions(scope, query)
    rows = AuditEvent.collection().find(wanted).sort(_NEWEST).skip(skip).limit(limit)
    found, total = await asyncio.gather(
        rows.to_list(), AuditEvent.collection().count_documents(wanted, limit=MAX_TOTAL + 1)
    )
    items = [AuditEvent.model_validate(row) for row in found]
    return AuditPage(items, min(total, MAX_TOTAL), total > MAX_TOTAL)


async def iterate_events(
    scope: Scope, query: AuditQuery, *, limit: int
) -> AsyncIterator[AuditEvent]:
    """Give the events of all pages, newest first, for a file.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: the caller is no superuser, and no admin of the application asked for.
    """
    rows = AuditEvent.collection().find(_conditions(scope, query)).sort(_NEWEST).limit(limit)
    async for row in rows:
        yield AuditEvent.model_validate(row)


async def get_event(scope: Scope, event_id: ObjectId) -> AuditEvent:
    """Return one event to superusers and the admins of its application.

    Raises:
        NotFound: there is none, or it is not for the caller.
    """
    scope.refuse_application()
    event = await AuditEvent.find_first({"_id": event_id})
    if event is not None and scope.sees_everything:
        return event
    if event is None or event.application_id is None:
        raise NotFound("event", str(event_id))
    scope.require("admin", event.application_id, kind="event", key=str(event_id))
    return event


def _conditions(scope: Scope, query: AuditQuery) -> dict[str, Any]:
    scope.refuse_application()
    if query.application_id is not None:
        key = str(query.application_id)
        scope.require("admin", ObjectId(key), kind="application", key=key)
    elif not scope.sees_everything:
        raise NotAllowed(
            "The whole trail is for superusers; admins name their application by application_id.",
            role="superuser",
        )
    actor = query.actor
    if actor is not None and "@" in actor and ":" not in actor:
        actor = f"user:{actor.lower()}"
    exactly = {
        "application_id": query.application_id,
        "actor": actor,
        "action": query.action,
        "target": query.target,
    }
    wanted = {name: value for name, value in exactly.items() if value is not None}
    return wanted | _within(query.start, query.end)


def _within(start: datetime | None, end: datetime | None) -> dict[str, Any]:
    edges = {"$gte": start, "$lt": end}
    given = {edge: moment for edge, moment in edges.items() if moment is not None}
    return {"created_at": given} if given else {}
