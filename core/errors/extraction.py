"""Own the errors of reading what lies outside: pages and files."""

from typing import Literal

from core.errors.base import PromptHubError
from core.errors.invalid import Invalid

UnreadableReason = Literal[
    "media_type", "not_pdf", "encrypted", "broken", "scanned", "too_long", "too_slow", "empty"
]


class AddressRefused(Invalid):
    """An address may not be fetched: it leads inside, or is not written as a web address."""

    code = "address_refused"


class SourceUnreadable(Invalid):
    """A page or file cannot be read; `reason` says why."""

    code = "source_unreadable"

    def __init__(
        self, message: str, *, reason: UnreadableReason, field: str = "file", remedy: str = ""
    ) -> None:
        super().__init__(message, field=field, remedy=remedy, reason=reason)
        self.reason: UnreadableReason = reason


class FetchFailed(PromptHubError):
    """A page could not be fetched; `upstream_status` is what its server answered, if it did.

    `retry_after_seconds` is what it asked for before another attempt.
    """

    code = "fetch_failed"

    def __init__(
        self,
        message: str,
        *,
        upstream_status: int | None = None,
        is_retryable: bool = False,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message, upstream_status=upstream_status)
        self.upstream_status = upstream_status
        self.is_retryable = is_retryable
        self.retry_after_seconds = retry_after_seconds


class FetchTimeout(FetchFailed):
    """A page did not arrive in time."""

    code = "fetch_timeout"

    def __init__(self, message: str) -> None:
        super().__init__(message, is_retryable=True)
