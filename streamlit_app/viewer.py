"""Own who is looking: the signed-in user of this browser session, and the process's runtime."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from bson import ObjectId

from core.accounts.access import scope_of_user
from core.accounts.sessions import SignedIn, find_session_user
from core.documents import User
from core.errors import NotAuthenticated
from core.runtime import Runtime
from core.values.scope import Scope
from streamlit_app import bridge

COOKIE = "ph_session"
# Signing out takes effect at once for people; a burst of fragments asks the database once.
RECHECK_SECONDS = 1
_STATE = "viewer"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in person and what that person may do."""

    user: User
    session_id: ObjectId
    scope: Scope

    @property
    def user_id(self) -> ObjectId:
        """The id of the account."""
        return self.user.key

    @property
    def email(self) -> str:
        """The address signed in with."""
        return self.user.email

    @property
    def full_name(self) -> str:
        """The name to show; the address where none was given."""
        return self.user.full_name or self.user.email

    @property
    def is_superuser(self) -> bool:
        """Whether everything of this server is open to the person."""
        return self.user.is_superuser


@dataclass(frozen=True, slots=True)
class _Checked:
    """The outcome of the last look at the session record, kept for `RECHECK_SECONDS`."""

    cookie: str
    viewer: Viewer
    at: float


@dataclass(slots=True)
class _Process:
    runtime: Runtime | None = None
    find_cookie: Callable[[], str | None] | None = None


_process = _Process()


def install(runtime: Runtime, *, find_cookie: Callable[[], str | None] | None = None) -> None:
    """Give every page of this process the runtime.

    `find_cookie` says where the session cookie comes from: the browser, unless tests of pages
    (which have no browser) hand in their own.
    """
    _process.runtime = runtime
    _process.find_cookie = find_cookie


def runtime() -> Runtime:
    """Return the runtime of this process: settings, engine, tickets, throttle.

    Raises:
        RuntimeError: a page was run without the server.
    """
    if _process.runtime is None:
        raise RuntimeError("Start the application with python -m streamlit_app.server.")
    return _process.runtime


def find_viewer() -> Viewer | None:
    """Return who is signed in here, None when nobody is.

    The session record is looked at again after a second, because the cookie a page sees is that of
    the last connection: only so does signing out elsewhere take effect in an open tab.
    """
    cookie = (_process.find_cookie or _browser_cookie)()
    if not cookie:
        return None
    kept = st.session_state.get(_STATE)
    if isinstance(kept, _Checked) and kept.cookie == cookie and _is_fresh(kept):
        return kept.viewer
    viewer = bridge.run(_check(cookie))
    if viewer is None:
        forget()
        return None
    st.session_state[_STATE] = _Checked(cookie, viewer, time.monotonic())
    return viewer


def current_user() -> Viewer:
    """Return who is signed in here; `main.py` has let nobody else reach a page.

    Raises:
        NotAuthenticated: the session has ended since.
    """
    viewer = find_viewer()
    if viewer is None:
        raise NotAuthenticated("Your session has ended. Sign in again.")
    return viewer


def scope() -> Scope:
    """Return what the viewer may see and do, for every verb of core.

    Raises:
        NotAuthenticated: the session has ended since.
    """
    return current_user().scope


def forget() -> None:
    """Look at the session again at the next question, e.g. after roles or the name changed."""
    st.session_state.pop(_STATE, None)


def zone() -> ZoneInfo:
    """Return the time zone of the viewer's browser, UTC where it names none we know."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _is_fresh(checked: _Checked) -> bool:
    return time.monotonic() - checked.at < RECHECK_SECONDS


def _browser_cookie() -> str | None:
    return st.context.cookies.get(COOKIE)


async def _check(cookie: str) -> Viewer | None:
    signed_in: SignedIn | None = await find_session_user(cookie)
    if signed_in is None:
        return None
    return Viewer(
        user=signed_in.user,
        session_id=signed_in.session.key,
        scope=await scope_of_user(signed_in.user),
    )
