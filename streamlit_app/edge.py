"""Own the outermost layer of the server: foreign hosts and pages, unknown addresses, headers."""

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.runtime import host_names, host_of
from core.settings import ServerSettings
from streamlit_app.addresses import base_path, is_own_origin
from streamlit_app.late_messages import in_order
from streamlit_app.nothing_here import nothing_here

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # No picture in a model's answer may carry text of the page to another host.
    "Content-Security-Policy": "frame-ancestors 'self'; img-src 'self' data: blob:",
    "Referrer-Policy": "same-origin",
}
# What answers below these may be HTML of its own; everywhere else HTML is the application's page.
_OWN_HTML = ("/api/", "/media/")
# Streamlit's own numbers (sessions, memory, caches), which it would show to everybody.
_CLOSED = "/_stcore/metrics"


class Edge:
    """ASGI middleware around Streamlit, the API and the session routes."""

    def __init__(self, app: ASGIApp, *, server: ServerSettings, pages: Iterable[str]) -> None:
        self._app = app
        self._server = server
        self._base = base_path(server)
        self._pages = frozenset(f"{self._base}/{page}" for page in pages) | {self._base}
        self._hosts = host_names(server)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(HTTPConnection(scope))
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        if scope["type"] == "http":
            await self._serve(scope, receive, _with_headers(send))
        else:
            await self._app(scope, *in_order(receive, send))

    def _refusal(self, connection: HTTPConnection) -> Response | None:
        if self._hosts is not None and host_of(connection.headers) not in self._hosts:
            return PlainTextResponse("This server does not answer under that name.\n", 421)
        # Streamlit would ask the internet for this machine's address to judge a foreign origin.
        from_page = connection.scope["type"] == "websocket" and "origin" in connection.headers
        if from_page and not is_own_origin(connection, self._server):
            return PlainTextResponse("This page belongs to another site.\n", 403)
        return None

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, but never let an unknown address answer with the application."""
        path: str = scope["path"]
        if path.rstrip("/") == self._base + _CLOSED:
            await self._nothing(scope, receive, send)
            return
        if path in self._pages or path.startswith(tuple(self._base + own for own in _OWN_HTML)):
            await self._app(scope, receive, send)
            return
        is_unknown = False

        async def send_known(message: Message) -> None:
            nonlocal is_unknown
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                html = headers.get("content-type", "").startswith("text/html")
                is_unknown = html and message["status"] < 300  # noqa: PLR2004 # HTTP's success
            if not is_unknown:
                await send(message)

        await self._app(scope, receive, send_known)
        if is_unknown:
            await self._nothing(scope, receive, send)

    async def _nothing(self, scope: Scope, receive: Receive, send: Send) -> None:
        await nothing_here(Headers(scope=scope), self._base)(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
