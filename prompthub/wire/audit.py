"""Own the shapes of the audit trail."""

from typing import Any

from prompthub.wire.base import Answer, Id, Moment, Page


class AuditEvent(Answer):
    """Who did what to which thing, and why.

    `actor` is `user:E-MAIL`, `application:ID` or `system`, and `actor_email` the address where it
    is a person. `before` and `after` are the facts that changed.
    """

    id: Id
    actor: str
    actor_email: str | None
    action: str
    target: str
    application_id: Id | None
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    request_id: str
    created_at: Moment


class AuditPage(Page[AuditEvent]):
    """Events, newest first; `total` stops counting at 10,000."""

    total_is_capped: bool
