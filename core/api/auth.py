"""Own the routes of signing up, in and out."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.accounts import acceptance, password_changes, sessions, users
from core.accounts.sessions import authenticate
from core.accounts.tokens import issue_access_token
from core.accounts.users import NewUser, UserChanges
from core.api.answers import answer
from core.api.dependencies import Asking, AskingScope, AskingUser, Running, to_value
from core.api.paging import AskedPage
from core.api.strict_route import StrictRoute, UserRoute
from core.api.users import show_user
from core.documents import Session, User
from core.runtime import Runtime
from core.values.ids import Id
from prompthub.wire import auth as wire
from prompthub.wire.base import Page
from prompthub.wire.users import User as UserAnswer

public = APIRouter(prefix="/auth", route_class=StrictRoute, tags=["auth"])
signed_in = APIRouter(prefix="/auth", route_class=UserRoute, tags=["auth"])


@public.post("/register", status_code=201, response_model=UserAnswer)
async def register(body: wire.Registration, request: Request, runtime: Running) -> Response:
    """Open an account; the first one becomes superuser and owns the application `default`.

    With an `invitation` the address it is for can register where registration is closed too, and
    is a member of the application at once.
    """
    token = body.setup_token.get_secret_value() if body.setup_token else None
    user = await users.register(
        to_value(NewUser, body.model_dump(exclude={"setup_token", "invitation"})),
        accounts=runtime.settings.accounts,
        setup_token=token,
        needs_setup_token=runtime.setup_token,
        throttle=runtime.throttle,
        address=_address_of(request),
        invitation=body.invitation,
        hasher=runtime.hasher,
    )
    return answer(show_user(user), status=201, headers={"Location": "/api/v1/auth/me"})


def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


@public.post("/login", response_model=wire.Tokens)
async def sign_in(body: wire.Login, request: Request, runtime: Running) -> Response:
    """Exchange e-mail address and password for an access and a refresh token."""
    user = await authenticate(
        body.email,
        body.password.get_secret_value(),
        address=_address_of(request),
        throttle=runtime.throttle,
        hasher=runtime.hasher,
    )
    opened = await sessions.start_session(
        user,
        user_agent=request.headers.get("user-agent", ""),
        days=runtime.settings.accounts.session_days,
    )
    return _tokens(runtime, user, opened.session, opened.refresh.get_secret_value())


@public.post("/refresh", response_model=wire.Tokens)
async def refresh(body: wire.RefreshRequest, runtime: Running) -> Response:
    """Exchange a refresh token for the next pair; one that comes twice ends the session."""
    refreshed = await sessions.refresh_session(body.refresh_token.get_secret_value())
    return _tokens(runtime, refreshed.user, refreshed.session, refreshed.refresh.get_secret_value())


def _tokens(runtime: Runtime, user: User, session: Session, refresh_token: str) -> Response:
    minutes = runtime.settings.accounts.access_token_minutes
    return answer(
        wire.Tokens(
            access_token=issue_access_token(user, session, runtime.token_key, minutes),
            refresh_token=refresh_token,
            expires_in=minutes * 60,
        )
    )


@signed_in.post("/logout", status_code=204)
async def sign_out(caller: Asking, user: AskingUser) -> Response:
    """End the session of the access token."""
    if caller.session_id is not None:
        await sessions.end_session(user, caller.session_id)
    return Response(status_code=204)


@signed_in.post("/change-password", status_code=204)
async def change_password(
    body: wire.PasswordChange, user: AskingUser, runtime: Running
) -> Response:
    """Change the own password; all sessions end, this one included."""
    await password_changes.change_password(
        user,
        body.current_password,
        body.new_password,
        throttle=runtime.throttle,
        hasher=runtime.hasher,
    )
    return Response(status_code=204)


@signed_in.post("/accept-invitation", status_code=204)
async def accept_invitation(body: wire.InvitationUse, user: AskingUser) -> Response:
    """Become a member by an invitation of the own address; new people send it to register."""
    await acceptance.accept_invitation(user, body.invitation)
    return Response(status_code=204)


@signed_in.get("/me", response_model=UserAnswer)
async def show_me(user: AskingUser) -> Response:
    """Show the own account."""
    return answer(show_user(user))


@signed_in.put("/me", response_model=UserAnswer)
async def change_me(body: wire.ProfileChanges, user: AskingUser, scope: AskingScope) -> Response:
    """Change the own name."""
    changes = to_value(UserChanges, body.model_dump(exclude_unset=True))
    return answer(show_user(await users.update_user(scope, user.key, changes)))


@signed_in.get("/sessions", response_model=Page[wire.SessionInfo])
async def list_sessions(caller: Asking, user: AskingUser, asked: AskedPage) -> Response:
    """List the own live sessions, the one used last first."""
    found = await sessions.list_sessions(user)
    part = found[asked.skip : asked.skip + asked.limit]
    shown = [_show_session(one, is_current=one.key == caller.session_id) for one in part]
    return answer(Page[wire.SessionInfo](**asked.part_of(shown, len(found))))


def _show_session(session: Session, *, is_current: bool) -> wire.SessionInfo:
    return wire.SessionInfo(
        id=str(session.key),
        user_agent=session.user_agent,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        expires_at=session.expires_at,
        is_current=is_current,
    )


@signed_in.delete("/sessions", status_code=204)
async def end_sessions(user: AskingUser) -> Response:
    """Sign out everywhere, here included."""
    await sessions.end_all_sessions(user)
    return Response(status_code=204)


@signed_in.delete("/sessions/{session_id}", status_code=204)
async def end_session(session_id: Id, user: AskingUser) -> Response:
    """Sign one of the own sessions out."""
    await sessions.end_session(user, session_id)
    return Response(status_code=204)
