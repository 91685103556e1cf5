"""Own the one mapping from errors to problem+json answers (RFC 9457)."""

import inspect
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi.exceptions import RequestValidationError
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core import errors
from core.database.outage import find_outage
from core.errors import Invalid, PromptHubError, Unavailable

MEDIA_TYPE: Final = "application/problem+json"
STATUS: Final[Mapping[type[PromptHubError], int]] = {
    PromptHubError: 500,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.NotAuthenticated: 401,
    errors.NotAllowed: 403,
    errors.RateLimited: 429,
    errors.BudgetExceeded: 402,
    errors.GuardrailBlocked: 422,
    errors.NotConfigured: 503,
    errors.Unavailable: 503,
    errors.FetchFailed: 502,
    errors.FetchTimeout: 504,
    errors.ProviderError: 502,
    errors.ProviderTimeout: 504,
    errors.ProviderOverloaded: 503,
    errors.ProviderRefused: 502,
}
# The database needs about this long to elect a primary or to be started again.
DATABASE_RETRY_SECONDS: Final = 5
# Longer names of fields come from a client's own keys and help nobody.
MAX_FIELD_CHARS: Final = 200
MAX_FIELD_PROBLEMS: Final = 20

_log = logging.getLogger(__name__)


def status_of(error: type[PromptHubError]) -> int:
    """Return the HTTP status of a class of errors: its own, or that of the nearest ancestor."""
    return next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)


def title_of(error: type[PromptHubError]) -> str:
    """Return the title of a class of errors: the first sentence of its docstring."""
    return (inspect.getdoc(error) or "").split("\n", 1)[0].rstrip(".")


def describe(error: PromptHubError, *, status: int | None = None) -> dict[str, Any]:
    """Return the members of the problem that an error is shown as."""
    facts = {name: fact for name, fact in error.facts.items() if fact not in (None, "", [])}
    kind = type(error)
    return facts | _members(
        kind.code, title_of(kind), status or status_of(kind), detail=error.message
    )


def _members(code: str, title: str, status: int, *, detail: str) -> dict[str, Any]:
    return {
        "type": f"urn:prompthub:error:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }


def problem(members: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer for the members of a problem."""
    return Response(
        orjson.dumps(members, default=str),
        status_code=members["status"],
        headers=dict(headers or {}),
        media_type=MEDIA_TYPE,
    )


def problem_answer(status: int) -> dict[str, Any]:
    """Return how an operation describes an answer that is a problem."""
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


async def answer_our_error(request: Request, error: Exception) -> Response:
    """Answer an error of ours; one that has no other place is a bug and is logged."""
    if not isinstance(error, PromptHubError):
        raise error
    stale = isinstance(error, errors.StaleRevision) and "if-match" in request.headers
    members = describe(error, status=412 if stale else None)
    if members["status"] == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("A request failed.", exc_info=error)
    return problem(members, _headers(error))


def _headers(error: PromptHubError) -> dict[str, str]:
    match error:
        case errors.NotAuthenticated():
            return {"WWW-Authenticate": "Bearer"}
        case errors.RateLimited() | errors.ProviderOverloaded():
            return {"Retry-After": str(max(1, round(error.retry_after_seconds)))}
        case Unavailable():
            return {"Retry-After": str(DATABASE_RETRY_SECONDS)}
        case _:
            return {}


async def answer_invalid_request(_request: Request, error: Exception) -> Response:
    """Answer FastAPI's validation error, naming each field but never what stood in it."""
    if not isinstance(error, RequestValidationError):
        raise error
    return problem(field_problems(error.errors()))


def field_problems(found: Any) -> dict[str, Any]:
    """Return the problem for pydantic's list of errors; the first one makes the detail."""
    listed = [
        {"field": _field_name(one["loc"]), "message": _message(one)}
        for one in list(found)[:MAX_FIELD_PROBLEMS]
    ]
    first = listed[0]
    members = _members(
        Invalid.code,
        title_of(Invalid),
        status_of(Invalid),
        detail=f"{first['field']}: {first['message']}",
    )
    return members | {"field": first["field"], "errors": listed}


def _field_name(loc: tuple[int | str, ...]) -> str:
    """Return the path of a field as a client writes it: `body.required_fields.0.name`."""
    return ".".join(str(part) for part in loc)[:MAX_FIELD_CHARS]


def _message(found: Mapping[str, Any]) -> str:
    if found["type"] == "extra_forbidden":
        return "This field is not known here."
    return str(found["msg"]).removeprefix("Value error, ")


async def answer_http_error(_request: Request, error: Exception) -> Response:
    """Answer what the framework raises by itself: no such route, wrong method."""
    if not isinstance(error, HTTPException):
        raise error
    words = HTTPStatus(error.status_code)
    code = words.name.lower()
    members = _members(code, words.phrase, words, detail=words.description or words.phrase)
    return problem(members, error.headers)


async def answer_database_error(_request: Request, error: Exception) -> Response:
    """Answer 503 when the database is away, 500 for anything else of the driver."""
    if not isinstance(error, PyMongoError):
        raise error
    outage = find_outage(error)
    if outage is None:
        return answer_unexpected(error)
    _log.warning("The database does not answer.", exc_info=error)
    return problem(describe(outage), _headers(outage))


def answer_unexpected(error: Exception) -> Response:
    """Log an error nobody foresaw with its traceback and answer 500 without any of it."""
    return problem(describe_unexpected(error))


def describe_unexpected(error: Exception) -> dict[str, Any]:
    """Log an error nobody foresaw with its traceback and return a problem without any of it."""
    _log.error("A request failed unexpectedly.", exc_info=error)
    return describe(PromptHubError("Something went wrong here; the log has the details."))


HANDLERS: Final[Mapping[int | type[Exception], Any]] = {
    PromptHubError: answer_our_error,
    RequestValidationError: answer_invalid_request,
    HTTPException: answer_http_error,
    PyMongoError: answer_database_error,
}


async def answer_error(
    request: Request, error: PromptHubError | RequestValidationError | PyMongoError
) -> Response:
    """Answer as the framework does by `HANDLERS`, for what answers in front of it."""
    kind = next(kind for kind in type(error).__mro__ if kind in HANDLERS)
    answered: Response = await HANDLERS[kind](request, error)
    return answered
