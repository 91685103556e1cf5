"""Own the page of the own account: name, password, and where it is signed in."""

from collections.abc import Coroutine
from functools import partial
from typing import Any, Final

import streamlit as st
from pydantic import SecretStr

from core.accounts.password_changes import change_password
from core.accounts.sessions import (
    end_all_sessions,
    end_other_sessions,
    end_session,
    list_sessions,
)
from core.accounts.users import UserChanges, update_user
from core.documents import Session, User
from core.errors import NotAuthenticated
from streamlit_app import bridge, viewer
from streamlit_app.components import problem, session_request
from streamlit_app.components.once import once
from streamlit_app.components.passwords import PASSWORD_RULE
from streamlit_app.components.title_row import title_row
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted, plain
from streamlit_app.viewer import Viewer

MAX_SHOWN: Final = 10
# Two fit beside each other in a wide window.
AREA_WIDTH: Final = 520
# In this order: each later browser also carries the marks of earlier ones.
BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def main() -> None:
    """Show the three areas, each with its own button."""
    who = viewer.current_user()
    with title_row("Account"):
        if st.button("Sign out", key="sign_out", icon=":material/logout:"):
            session_request.close_session()
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=AREA_WIDTH):
            offer_name(who)
            offer_password(who.user)
        with st.container(width=AREA_WIDTH):
            offer_sessions(who)


def offer_name(who: Viewer) -> None:
    """Change how the person is called."""
    with st.form("name"):
        st.subheader("You", anchor=False)
        st.text_input("Email", who.email, key="own_email", disabled=True)
        st.text_input(
            "Full name", who.user.full_name, key="own_name", autocomplete="name", max_chars=200
        )
        saved = once(
            "Save name", rename, key="save_name", done=lambda _: "Saved your name.", in_form=True
        )
        if saved.error:
            problem.show(saved.error)
    if saved.take():
        viewer.forget()


def rename() -> Coroutine[Any, Any, User]:
    """Read the form of the name."""
    who = viewer.current_user()
    changes = UserChanges(full_name=st.session_state["own_name"])
    return update_user(who.scope, who.user_id, changes)


def offer_password(user: User) -> None:
    """Change the password; other browsers are signed out, this one gets a new session."""
    with st.form("password"):
        st.subheader("Password", anchor=False)
        st.text_input(
            "Present password",
            key="present_password",
            type="password",
            autocomplete="current-password",
        )
        st.text_input(
            "New password",
            key="next_password",
            type="password",
            autocomplete="new-password",
            help=PASSWORD_RULE,
        )
        st.caption("Every other browser and program that uses this account is signed out.")
        replaced = once(
            "Change password",
            lambda: replace_password(
                user, st.session_state["present_password"], st.session_state["next_password"]
            ),
            key="change_password",
            in_form=True,
        )
        if isinstance(replaced.error, NotAuthenticated):
            problem.show(replaced.error, title="Nothing was changed.")
        elif replaced.error:
            problem.show(replaced.error)
    ticket = replaced.take()
    if ticket:
        session_request.open_session(ticket)


async def replace_password(user: User, present: str, following: str) -> str:
    """Return the ticket for a new session, as the change has ended all of them.

    Raises:
        NotAuthenticated: the present password is wrong.
        Invalid: the new one breaks a rule.
        RateLimited: it was tried too often.
    """
    runtime = viewer.runtime()
    await change_password(
        user,
        SecretStr(present),
        SecretStr(following),
        throttle=runtime.throttle,
        hasher=runtime.hasher,
    )
    return runtime.tickets.issue(user.key)


def offer_sessions(who: Viewer) -> None:
    """Say where the account is in use, and end one of them, all others, or all."""
    sessions = bridge.run(list_sessions(who.user))
    others = [one for one in sessions if one.key != who.session_id]
    with st.container(border=True):
        st.subheader("Signed in", anchor=False)
        for session in sessions[:MAX_SHOWN]:
            show_session(who, session)
        if len(sessions) > MAX_SHOWN:
            st.caption(f"And {counted(len(sessions) - MAX_SHOWN, 'older one')}.")
        with st.container(horizontal=True):
            if others:
                ended_others = once(
                    "Sign out of the others",
                    partial(end_other_sessions, who.user, who.session_id),
                    key="sign_out_others",
                    done=lambda number: f"Signed {counted(number, 'other session')} out.",
                )
                if ended_others.take() is not None:
                    st.rerun()
            ended = once(
                "Sign out everywhere",
                lambda: leave_everywhere(who.user),
                key="sign_out_everywhere",
                icon=":material/logout:",
            )
    if ended.take():
        session_request.close_session()


def show_session(who: Viewer, session: Session) -> None:
    """Draw one sign-in: what with, when last used, and its end."""
    is_this = session.key == who.session_id
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(width="stretch", gap=None):
            st.markdown(f"{plain(device(session.user_agent))}{' :blue-badge[This one]' * is_this}")
            st.caption(f"used {ago(session.last_seen_at)}, since {exact(session.created_at)}")
        if is_this:
            return
        press = once(
            "Sign out",
            partial(end_one, who.user, session),
            key=f"end_{session.key}",
            type="tertiary",
            done=lambda _: "Signed it out.",
        )
    if press.error:
        problem.show(press.error)
    if press.take():
        st.rerun()


async def end_one(user: User, session: Session) -> bool:
    """End one session of the user; True when done."""
    await end_session(user, session.key)
    return True


def device(user_agent: str) -> str:
    """Return browser and system of a user agent, else how it calls itself."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    return user_agent[:60] or "A program"


async def leave_everywhere(user: User) -> bool:
    """End all sessions of the user, this one included; True when done."""
    await end_all_sessions(user)
    return True


if __name__ == "__main__":
    main()
