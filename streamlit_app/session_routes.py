"""Own the two routes that give a browser its session cookie and take it away again."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.accounts.sessions import end_session, find_session_user, start_session
from core.documents import User
from core.runtime import Runtime
from streamlit_app.addresses import base_path, is_own_origin, is_secure
from streamlit_app.viewer import COOKIE

# Only a script of our own page can send it: a form or a link of another site cannot.
HEADER, HEADER_VALUE = "x-requested-with", "prompthub"
MAX_TICKET_BYTES = 256
DAY_SECONDS = 24 * 60 * 60


def session_routes(runtime: Runtime) -> Sequence[Route]:
    """Return `POST /session/open` (ticket for cookie) and `POST /session/close` (sign out)."""
    base, sessions = base_path(runtime.settings.server), _Sessions(runtime)
    return (
        Route(f"{base}/session/open", sessions.open, methods=["POST"]),
        Route(f"{base}/session/close", sessions.close, methods=["POST"]),
    )


@dataclass(frozen=True, slots=True)
class _Sessions:
    runtime: Runtime

    async def open(self, request: Request) -> Response:
        """Exchange the ticket in the body for the cookie of a new session."""
        if not self._is_ours(request):
            return _refuse(403, "Sign in on the page of this server.")
        user_id = self.runtime.tickets.redeem(await _read_ticket(request))
        user = None if user_id is None else await User.get(user_id)
        if user is None or not user.is_active:
            return _refuse(401, "The sign-in took too long. Sign in again.")
        days = self.runtime.settings.accounts.session_days
        agent = request.headers.get("user-agent", "")
        opened = await start_session(user, user_agent=agent, days=days)
        return self._answer(request, opened.cookie.get_secret_value(), max_age=days * DAY_SECONDS)

    async def close(self, request: Request) -> Response:
        """End the session of the cookie and take the cookie back."""
        if not self._is_ours(request):
            return _refuse(403, "Sign out on the page of this server.")
        signed_in = await find_session_user(request.cookies.get(COOKIE, ""))
        if signed_in is not None:
            await end_session(signed_in.user, signed_in.session.key)
        return self._answer(request, "", max_age=0)

    def _is_ours(self, request: Request) -> bool:
        own_header = request.headers.get(HEADER) == HEADER_VALUE
        return own_header and is_own_origin(request, self.runtime.settings.server)

    def _answer(self, request: Request, cookie: str, *, max_age: int) -> Response:
        server = self.runtime.settings.server
        response = Response(status_code=204, headers={"Cache-Control": "no-store"})
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=max_age,
            path=base_path(server) or "/",
            secure=is_secure(request, server),
            httponly=True,
            samesite="lax",
        )
        return response


def _refuse(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status, headers={"Cache-Control": "no-store"})


async def _read_ticket(request: Request) -> str:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_TICKET_BYTES:
                return ""
    except ClientDisconnect:
        return ""
    return body.decode("ascii", "replace")
