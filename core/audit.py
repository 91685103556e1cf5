"""Own the audit trail: who did what, append only."""

from typing import Any

from bson import ObjectId

from core.documents import AuditEvent
from core.values.scope import Scope


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
    """Append one event.

    `action` is `noun.verb` ("version.publish"), `target` is `kind:key` ("prompt:<id>");
    `before` and `after` hold facts and never a secret.
    """
    await AuditEvent(
        actor=scope.actor,
        action=action,
        target=target,
        application_id=application_id,
        before=before or {},
        after=after or {},
        reason=reason,
        request_id=scope.request_id,
    ).insert()
