"""Own the shapes of applications and their members."""

from prompthub.wire.base import Answer, Id, Moment, Request, Usd
from prompthub.wire.literals import BudgetLevel, LogContent, Role


class Limits(Request):
    """What an application may use up; null means the server's setting, or no limit."""

    executions_per_minute: int | None = None
    monthly_budget_usd: Usd | None = None
    hard_stop: bool = False


class NewApplication(Request):
    """An application to be created; the caller becomes its owner."""

    name: str
    description: str = ""


class ApplicationChanges(Request):
    """Changes to an application; what is absent stays."""

    name: str | None = None
    description: str | None = None
    allowed_models: list[str] | None = None
    limits: Limits | None = None
    log_content: LogContent | None = None
    retention_days: int | None = None
    time_zone: str | None = None


class Application(Answer):
    """A consumer of prompts; `role` is the caller's role in it."""

    id: Id
    name: str
    description: str
    owner_id: Id
    role: Role
    api_key_prefix: str
    api_key_last_used_at: Moment | None
    is_active: bool
    allowed_models: list[str]
    limits: Limits
    log_content: LogContent
    retention_days: int | None
    time_zone: str
    created_at: Moment
    updated_at: Moment


class ApplicationWithKey(Application):
    """The answer to create and regenerate: the only one that ever shows the key."""

    api_key: str


class BudgetState(Answer):
    """How much of its monthly budget an application has used; `share` is 1 when all of it is.

    `level` is `nearly` from 80 % on. `unpriced` calls had no known price and are in no sum.
    """

    month: str
    limit_usd: Usd | None
    hard_stop: bool
    spent_usd: Usd
    unpriced: int
    share: float | None
    level: BudgetLevel


class MemberRole(Request):
    """The role a user shall hold."""

    role: Role


class Member(Answer):
    """A user's role in an application."""

    user_id: Id
    email: str
    full_name: str
    role: Role


class NewOwner(Request):
    """The member who shall own the application."""

    user_id: Id


class NewInvitation(Request):
    """Who shall be a member, by address, and with which role."""

    email: str
    role: Role


class Invitation(Answer):
    """An invitation that nobody has used yet; `invited_by` is an actor as in the audit trail."""

    id: Id
    email: str
    role: Role
    invited_by: str
    created_at: Moment
    expires_at: Moment


class Invited(Answer):
    """What came of an invitation.

    An address with an account is a member at once: `user_id` is its account. Any other is given
    `link`, which is in this answer only.
    """

    email: str
    role: Role
    user_id: Id | None
    invitation: Invitation | None
    link: str | None
