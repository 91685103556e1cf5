"""Own the stored audit event: who did what, append only."""

from typing import Any

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from core.documents.base import Stored
from core.values.ids import Id


class AuditEvent(Stored):
    """One act; `target` is `kind:key`, `before` and `after` hold facts, never secrets."""

    actor: str
    action: str
    target: str
    application_id: Id | None = None
    before: dict[str, Any] = Field(default_factory=dict[str, Any])
    after: dict[str, Any] = Field(default_factory=dict[str, Any])
    reason: str = ""
    request_id: str = ""

    class Settings:
        name = "audit_events"
        indexes = [
            IndexModel([*by, ("created_at", DESCENDING), ("_id", DESCENDING)], name=name)
            for name, by in (
                ("newest", []),
                ("application_newest", [("application_id", ASCENDING)]),
                ("actor_newest", [("actor", ASCENDING)]),
                ("action_newest", [("action", ASCENDING)]),
                ("target_newest", [("target", ASCENDING)]),
            )
        ]
