"""Own the order in which every route works: who asks, then what is asked, then the answer."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final

import pymongo
from fastapi import params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from core.api.callers import Caller, authenticate, runtime_of
from core.api.problems import MAX_FIELD_CHARS, problem_answer
from core.api.request_rate import count_anonymous_request, count_request
from core.errors import Invalid, NotAllowed, NotAuthenticated, TooLarge, UnsupportedMedia
from core.settings import ApiSettings
from core.values import strict_json

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

# A request waits no longer than this for the database, whatever it asks of it.
DATABASE_SECONDS: Final = 4.5
# Longer bodies take milliseconds to parse, which must not hold up other requests.
QUICK_BYTES: Final = 64 * 1024
RUN_STATUSES: Final = frozenset({402, 502, 504})


class StrictRequest(Request):
    """A request whose body was read once, within its limit, and parsed strictly."""

    _read: bytes = b""
    _parsed: Any = None

    async def load(self, limit: int) -> None:
        """Read and parse the body.

        Raises:
            TooLarge: it is longer than `limit` bytes.
            UnsupportedMedia: it is not announced as JSON.
            Invalid: it is no JSON that can be stored and sent back.
        """
        self._read = await self._read_within(limit)
        if self._read:
            _require_json(self.headers)
            self._parsed = await _parse(self._read)

    async def _read_within(self, limit: int) -> bytes:
        too_large = TooLarge(f"The body is larger than {limit} bytes.", field="body", limit=limit)
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > limit:
            raise too_large
        read = bytearray()
        async for chunk in self.stream():
            read += chunk
            if len(read) > limit:
                raise too_large
        return bytes(read)

    @override
    async def body(self) -> bytes:
        return self._read

    @override
    async def json(self) -> Any:
        return self._parsed


async def _parse(read: bytes) -> Any:
    if len(read) <= QUICK_BYTES:
        return strict_json.parse(read)
    return await asyncio.to_thread(strict_json.parse, read)


def _require_json(headers: Headers) -> None:
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if media_type.strip().lower() != "application/json" or charset not in ("", "utf-8"):
        raise UnsupportedMedia(media_type)


class StrictRoute(APIRoute):
    """A route for everybody: only named query parameters, only strict JSON.

    `database_seconds` bounds all waiting for the database together; None leaves it to each query.
    """

    database_seconds: ClassVar[float | None] = DATABASE_SECONDS
    credentials: ClassVar[tuple[str, ...]] = ()
    statuses: ClassVar[frozenset[int]] = frozenset({422, 429, 503})

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Describe who may call and every error that may come, as FastAPI knows neither."""
        described = {status: problem_answer(status) for status in sorted(self.statuses)}
        options["responses"] = {**described, **(options.get("responses") or {})}
        options["openapi_extra"] = {"security": [{name: []} for name in self.credentials]}
        super().__init__(path, endpoint, **options)

    @override
    def get_route_handler(self) -> Handler:
        inner = super().get_route_handler()
        known = frozenset(
            parameter.alias
            for parameter in get_flat_params(self.dependant)
            if isinstance(parameter.field_info, params.Query)
        )

        async def handle(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            with pymongo.timeout(DATABASE_SECONDS):
                await self.admit(strict)
            _check_query(strict, known)
            if self.body_field is not None:
                await strict.load(self.body_limit(runtime_of(strict).settings.api))
            with pymongo.timeout(self.database_seconds):
                return await inner(strict)

        return handle

    async def admit(self, request: Request) -> None:
        """Let everybody in, within the limit of their address."""
        await count_anonymous_request(runtime_of(request), request)

    def body_limit(self, limits: ApiSettings) -> int:
        """Return how many bytes a body may have."""
        return limits.max_body_bytes


class CallerRoute(StrictRoute):
    """A route for signed-in users and for applications with their key."""

    credentials = ("access_token", "api_key")
    statuses = StrictRoute.statuses | {401, 403, 404, 409}

    @override
    async def admit(self, request: Request) -> None:
        request.state.caller = await _known_caller(request)


async def _known_caller(request: Request) -> Caller:
    runtime = runtime_of(request)
    try:
        caller = await authenticate(request)
    except NotAuthenticated:
        await count_anonymous_request(runtime, request)
        raise
    await count_request(runtime, caller.scope.actor)
    return caller


class UserRoute(CallerRoute):
    """A route for signed-in users only."""

    credentials = ("access_token",)

    @override
    async def admit(self, request: Request) -> None:
        caller = await _known_caller(request)
        if caller.user is None:
            raise NotAllowed("This is for people; an API key renders and executes.")
        request.state.caller = caller


class RunRoute(CallerRoute):
    """A route that waits for a model, far longer than for the database."""

    database_seconds = None
    statuses = CallerRoute.statuses | RUN_STATUSES


class UserRunRoute(UserRoute):
    """The same for signed-in users only."""

    database_seconds = None
    statuses = UserRoute.statuses | RUN_STATUSES


class UserSlowRoute(UserRoute):
    """A route for signed-in users that looks at every row there is, and takes the time it needs."""

    database_seconds = None


class UserImportRoute(UserSlowRoute):
    """The same for what takes or gives a whole file."""

    statuses = UserRoute.statuses | {413}

    @override
    def body_limit(self, limits: ApiSettings) -> int:
        return limits.max_import_bytes


def _check_query(request: Request, known: frozenset[str]) -> None:
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise Invalid(
                "There is no such query parameter here.",
                field=f"query.{name[:MAX_FIELD_CHARS]}",
                remedy="Leave it out.",
            )
        if "\x00" in value:
            raise Invalid("A query parameter holds a NUL character.", field=f"query.{name}")
