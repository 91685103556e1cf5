"""Own the words for failed HTTP calls to a provider; its own text is never shown."""

import math
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import httpx2

from core import clock
from core.errors import ProviderError, ProviderOverloaded, ProviderRefused, ProviderTimeout
from core.providers.answer import Asked
from core.values.generation import ModelParams

# A provider that asks for more than an hour is not waited for anyway.
_LONGEST_RETRY_AFTER_SECONDS: Final = 3600.0
# 529 is not registered; several providers use it for "overloaded".
_SITE_OVERLOADED: Final = 529
_REFUSALS: Final[Mapping[int, str]] = MappingProxyType(
    {
        401: "did not accept the API key; check the key of this connection",
        402: "wants to be paid first; check the account there",
        403: "does not allow this key to use the model",
        404: "does not know the model or the address; check both",
        413: "found the request too large",
    }
)


def refusal_of_status(
    response: httpx2.Response, *, code: str | None, param: object, asked: Asked
) -> ProviderError:
    """Return the error for an answer with a status other than success."""
    status = response.status_code
    if code == "insufficient_quota":
        return _refused("has no quota left for this key; check the plan and billing there", asked)
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, _SITE_OVERLOADED):
        return ProviderOverloaded(
            f"The provider {asked.provider} is overloaded or limits our calls; try again later.",
            provider=asked.provider,
            model=asked.model,
            retry_after_seconds=_retry_after_seconds(response),
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return ProviderError(
            f"The provider {asked.provider} failed with status {status}.",
            provider=asked.provider,
            model=asked.model,
            is_retryable=True,
        )
    if status < HTTPStatus.BAD_REQUEST:
        return _refused("sent us on to another address, which is never followed", asked)
    return _refused(_REFUSALS.get(status, _refused_param(param, asked)), asked)


def timed_out(error: Exception, asked: Asked) -> ProviderError:
    """Return the error for a call that took too long; only a slow connect is tried again."""
    cause = error.__cause__ or error
    return ProviderTimeout(
        f"The provider {asked.provider} did not answer in time.",
        provider=asked.provider,
        model=asked.model,
        is_retryable=isinstance(cause, httpx2.ConnectTimeout | httpx2.PoolTimeout),
    )


def unreachable(asked: Asked) -> ProviderError:
    """Return the error for a connection that cannot be made or broke."""
    return ProviderError(
        f"The provider {asked.provider} could not be reached or broke off; check its address, "
        "and that it runs.",
        provider=asked.provider,
        model=asked.model,
        is_retryable=True,
    )


def _refused(what: str, asked: Asked) -> ProviderRefused:
    return ProviderRefused(
        f"The provider {asked.provider} {what}.", provider=asked.provider, model=asked.model
    )


def _refused_param(param: object, asked: Asked) -> str:
    known = {"max_completion_tokens": "max_tokens"}
    name = known.get(param, param) if isinstance(param, str) else None
    if name in ModelParams.model_fields:
        return f"does not take the parameter {name} as it is for the model {asked.model}"
    return "turned the request down as invalid; check the model name and the parameters"


def _retry_after_seconds(response: httpx2.Response) -> float:
    """Read Retry-After: seconds or an HTTP date; 0 when absent or absurd. Source: RFC 9110."""
    text = response.headers.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return 0
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - clock.now()).total_seconds()
    if not math.isfinite(seconds):
        return 0
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_SECONDS)
