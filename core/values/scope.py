"""Own `Scope`: who acts, and what that person or application may see and do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from bson import ObjectId

from core.errors import NotAllowed, NotFound
from prompthub.wire.literals import Role

RANK: Mapping[Role, int] = MappingProxyType({"viewer": 1, "editor": 2, "operator": 3, "admin": 4})


@dataclass(frozen=True, slots=True)
class Scope:
    """The caller of a verb. `roles` maps each visible application to the role held there.

    `kind` is "user", "application" (an API key: published versions of its own application only)
    or "system" (the process itself: start-up, worker, operator commands).

    An application's scope holds the role viewer in its own application, so that every verb that
    changes something refuses it. Two kinds of verbs look at `kind` as well: execution, which
    needs an editor, takes an application too and serves it published versions only; verbs that
    read what people did (logs, members, audit) refuse an application.
    """

    kind: Literal["user", "application", "system"]
    user_id: ObjectId | None = None
    is_superuser: bool = False
    roles: Mapping[ObjectId, Role] = field(default_factory=lambda: MappingProxyType({}))
    actor: str = ""
    request_id: str = ""

    @property
    def sees_everything(self) -> bool:
        """Whether no application is hidden from the caller."""
        return self.is_superuser or self.kind == "system"

    def role_in(self, application_id: ObjectId) -> Role | None:
        """Return the role held in an application, None when it is not visible."""
        return "admin" if self.sees_everything else self.roles.get(application_id)

    def require(self, role: Role, application_id: ObjectId, *, kind: str, key: str) -> None:
        """Pass when the caller holds at least `role` in the application.

        Raises:
            NotFound: the application is not visible; named as the `kind` and `key` asked for.
            NotAllowed: it is visible, but the role held there is lower.
        """
        held = self.role_in(application_id)
        if held is None:
            raise NotFound(kind, key)
        if RANK[held] < RANK[role]:
            raise NotAllowed(f"This needs the role {role}; yours is {held}.", role=role)

    def refuse_application(self) -> None:
        """Pass for people and the system: drafts and what people did are nothing for a key.

        Raises:
            NotAllowed: an application asks with its key.
        """
        if self.kind == "application":
            raise NotAllowed("This is for people; an API key renders and executes.")

    def require_superuser(self) -> None:
        """Pass for superusers and the system only.

        Raises:
            NotAllowed: for everybody else.
        """
        if not self.sees_everything:
            raise NotAllowed("This is for superusers.", role="superuser")

    def visible(self) -> dict[str, Any]:
        """Return the part of a query on `application_id` that hides what is not the caller's."""
        return {} if self.sees_everything else {"application_id": {"$in": list(self.roles)}}


SYSTEM = Scope(kind="system", actor="system")
