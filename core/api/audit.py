"""Own the route of the audit trail; nothing can change or delete it."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from core import audit
from core.api.answers import answer
from core.api.dependencies import AskedMoment, AskingScope, to_value
from core.api.paging import AskedPage
from core.api.strict_route import UserRoute
from core.audit import AuditQuery
from core.documents import AuditEvent
from core.values.ids import Id
from prompthub.wire import audit as wire

router = APIRouter(prefix="/audit", route_class=UserRoute, tags=["audit"])


@router.get("", response_model=wire.AuditPage)
async def list_events(
    scope: AskingScope,
    asked: AskedPage,
    *,
    application_id: Annotated[
        Id | None, Query(description="Its admins may ask; the whole trail is for superusers.")
    ] = None,
    actor: Annotated[
        str | None, Query(description="As in an event, or an e-mail address alone.")
    ] = None,
    action: Annotated[str | None, Query(description="Such as version.publish.")] = None,
    target: Annotated[str | None, Query(description="As in an event: kind:id.")] = None,
    start: Annotated[AskedMoment | None, Query(description="Included.")] = None,
    end: Annotated[AskedMoment | None, Query(description="Not included.")] = None,
) -> Response:
    """List who did what, newest first; `total` stops counting at 10,000."""
    asked_for = {"application_id": application_id, "actor": actor, "action": action}
    query = to_value(
        AuditQuery, {**asked_for, "target": target, "start": start, "end": end}, where="query"
    )
    page = await audit.list_events(scope, query, skip=asked.skip, limit=asked.limit)
    shown = [_show(event) for event in page.items]
    part = asked.part_of(shown, page.total, total_is_capped=page.total_is_capped)
    return answer(wire.AuditPage(**part, total_is_capped=page.total_is_capped))


def _show(event: AuditEvent) -> wire.AuditEvent:
    kind, _, name = event.actor.partition(":")
    return wire.AuditEvent(
        id=str(event.key),
        actor=event.actor,
        actor_email=name if kind == "user" else None,
        action=event.action,
        target=event.target,
        application_id=str(event.application_id) if event.application_id else None,
        before=event.before,
        after=event.after,
        reason=event.reason,
        request_id=event.request_id,
        created_at=event.created_at,
    )
