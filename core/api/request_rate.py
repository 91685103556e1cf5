"""Own the limit of requests per caller and its headers, for every way to an answer."""

from typing import Final

from starlette.requests import Request

from core.rate_limits import last_taken, subscriber
from core.runtime import Runtime

KIND: Final = "requests"

Header = tuple[bytes, bytes]


async def count_request(runtime: Runtime, actor: str) -> None:
    """Count a request of a known caller; `actor` is that of its scope.

    Raises:
        RateLimited: the caller's minute is used up.
    """
    await runtime.limits.take(KIND, actor, limit=runtime.settings.api.requests_per_minute)


async def count_anonymous_request(runtime: Runtime, request: Request) -> None:
    """Count a request without credentials, or with wrong ones, for its address.

    Raises:
        RateLimited: the address' minute is used up.
    """
    address = subscriber(request.client.host if request.client else "")
    limit = runtime.settings.api.anonymous_requests_per_minute
    await runtime.limits.take(KIND, f"address:{address}", limit=limit)


def limit_headers() -> tuple[Header, ...]:
    """Return what the limit counted last in this request leaves to its caller.

    Source: draft-ietf-httpapi-ratelimit-headers-06; why not a later one: decision 0012.
    """
    left = last_taken.get()
    if left is None:
        return ()
    return (
        (b"ratelimit-limit", b"%d" % left.limit),
        (b"ratelimit-remaining", b"%d" % left.remaining),
        (b"ratelimit-reset", b"%d" % left.reset_seconds),
    )
