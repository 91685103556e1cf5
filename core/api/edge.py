"""Own the outermost layer of the API: request ids, headers of every answer, one log line each."""

import logging
import re
import secrets
from typing import Final, cast

from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import telemetry
from core.api.problems import answer_http_error, answer_unexpected, describe, problem
from core.api.request_rate import limit_headers
from core.api.traced import traced_request
from core.clock import Stopwatch
from core.execution.request import Engine
from core.execution.running import being_stopped
from core.rate_limits import last_taken
from core.runtime import Runtime, host_of

# What a proxy in front may pass on; anything else is replaced, so that no log line is forged.
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")

# As long as another process needs to take over.
STOPPING_RETRY_SECONDS: Final = 2

_NO_SNIFFING: Final = (b"x-content-type-options", b"nosniff")
_NO_STORE: Final = (b"cache-control", b"no-store")

_log = logging.getLogger(__name__)


class Edge:
    """ASGI middleware around every request: an error nobody foresaw ends here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        token = telemetry.request_id.set(request_id)
        last_taken.set(None)
        try:
            await self._serve(scope, receive, _Answer(send, request_id))
        finally:
            telemetry.request_id.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        engine = cast("Runtime", scope["app"].state.runtime).engine
        if engine.tracing is None:
            await self._answer(scope, receive, answer, engine)
            return
        with traced_request(engine.tracing, scope, route=_route_of, status=lambda: answer.status):
            await self._answer(scope, receive, answer, engine)

    async def _answer(
        self, scope: Scope, receive: Receive, answer: "_Answer", engine: Engine
    ) -> None:
        watch = Stopwatch()
        try:
            if engine.running.is_closing:
                await _refuse()(scope, receive, answer.send)
            else:
                await self._app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - the process edge of a request
            response = answer_unexpected(error)
            if answer.status is None:
                await response(scope, receive, answer.send)
        route = _route_of(scope)
        elapsed_ms = watch.elapsed_ms()
        engine.metrics.count_request(scope["method"], route, answer.status, elapsed_ms / 1000)
        _log.info(
            "request",
            extra=telemetry.facts(
                method=scope["method"],
                route=route,
                status=answer.status,
                latency_ms=round(elapsed_ms, 2),
            ),
        )


def _route_of(scope: Scope) -> str:
    """Return the template of the path, never the path itself, which holds what a client typed."""
    found = scope.get("route")
    return found.path if isinstance(found, APIRoute) else ""


def _refuse() -> Response:
    """Return the answer of a process that is being stopped; the connection ends with it."""
    error = being_stopped()
    headers = {"Retry-After": str(STOPPING_RETRY_SECONDS), "Connection": "close"}
    return problem(describe(error), headers)


class OwnHosts:
    """ASGI middleware that refuses requests sent to another name than the server's own."""

    def __init__(self, app: ASGIApp, *, names: frozenset[str] | None) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        names = self._names if scope["type"] == "http" else None
        if names is not None and host_of(Headers(scope=scope)) not in names:
            response = await answer_http_error(Request(scope), HTTPException(421))
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


class _Answer:
    """The sending side of one request; it adds headers and remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id.encode("ascii")
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            # A list of its own: that of a ready answer is shared by requests.
            headers = [
                *message["headers"],
                (b"x-request-id", self._request_id),
                _NO_SNIFFING,
                *limit_headers(),
            ]
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append(_NO_STORE)
            message["headers"] = headers
        await self._send(message)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value.decode("ascii")
    return secrets.token_hex(12)
