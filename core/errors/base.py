"""Own the root of the error tree and the errors about who may do what, and when."""

from collections.abc import Mapping
from typing import ClassVar


class PromptHubError(Exception):
    """Something went wrong inside.

    It is also the root of the tree: a stable `code`, a sentence for people, the facts behind it.
    """

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Mapping[str, object] = facts

    def add_facts(self, **facts: object) -> None:
        """Add what is learnt while the error travels up."""
        self.facts = {**self.facts, **facts}


class NotFound(PromptHubError):
    """There is no such thing, or the caller may not know that there is."""

    code = "not_found"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"There is no {kind} {key!r} that you can see.", kind=kind, key=key)
        self.kind = kind
        self.key = key


class NotAuthenticated(PromptHubError):
    """Nobody is signed in, or the credentials do not match or have ended."""

    code = "not_authenticated"


class NotAllowed(PromptHubError):
    """The caller may see the thing but its role does not allow the act."""

    code = "not_allowed"

    def __init__(self, message: str, *, role: str = "") -> None:
        super().__init__(message, role=role)
        self.role = role


class RateLimited(PromptHubError):
    """Too many attempts; try again after `retry_after_seconds`.

    `limit` is how many there may be, None where that is nobody's business.
    """

    code = "rate_limited"

    def __init__(self, message: str, *, retry_after_seconds: int, limit: int | None = None) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds, limit=limit)
        self.retry_after_seconds = retry_after_seconds
        self.limit = limit


class BudgetExceeded(PromptHubError):
    """The application's monthly budget (`limit`, US dollars) is used up.

    `unpriced` calls of the month had no known price and are not in the sum.
    """

    code = "budget_exceeded"

    def __init__(self, limit: str, *, unpriced: int = 0) -> None:
        super().__init__(
            f"The monthly budget of {limit} US dollars is used up.", limit=limit, unpriced=unpriced
        )
        self.limit = limit
        self.unpriced = unpriced


class GuardrailBlocked(PromptHubError):
    """A check refused the input or the answer."""

    code = "guardrail_blocked"

    def __init__(self, *, stage: str, check: str, reason: str) -> None:
        super().__init__(reason, stage=stage, check=check, reason=reason)
        self.stage = stage
        self.check = check
        self.reason = reason


class NotConfigured(PromptHubError):
    """Something needed is not set up; `setting` and `remedy` say how."""

    code = "not_configured"

    def __init__(self, message: str, *, setting: str, remedy: str) -> None:
        super().__init__(message, setting=setting, remedy=remedy)
        self.setting = setting
        self.remedy = remedy


class Unavailable(PromptHubError):
    """A part the product depends on does not answer now."""

    code = "unavailable"

    def __init__(self, message: str, *, what: str, remedy: str = "") -> None:
        super().__init__(message, what=what, remedy=remedy)
        self.what = what
        self.remedy = remedy
