"""Own the page of the own account: name, password, and where it is signed in."""

from collections.abc import Coroutine
from typing import Any

import streamlit as st
from pydantic import SecretStr

from core.accounts.password_changes import change_password
from core.accounts.sessions import end_all_sessions, list_sessions
from core.accounts.users import UserChanges, update_user
from core.documents import User
from core.errors import NotAuthenticated
from streamlit_app import bridge, viewer
from streamlit_app.components import problem, session_request
from streamlit_app.components.once import once
from streamlit_app.components.passwords import PASSWORD_RULE
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import counted
from streamlit_app.viewer import Viewer


def main() -> None:
    """Show the three areas, each with its own button."""
    who = viewer.current_user()
    with title_row("Account"):
        if st.button("Sign out", key="sign_out", icon=":material/logout:"):
            session_request.close_session()
    with st.container(width=520):
        offer_name(who)
        offer_password(who.user)
        offer_sign_out_everywhere(who.user)


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


def offer_sign_out_everywhere(user: User) -> None:
    """Say where the account is in use, and end all of it."""
    with st.container(border=True):
        st.subheader("Signed in", anchor=False)
        number = len(bridge.run(list_sessions(user)))
        st.caption(f"In {counted(number, 'browser or program', 'browsers and programs')}.")
        ended = once(
            "Sign out everywhere",
            lambda: leave_everywhere(user),
            key="sign_out_everywhere",
            icon=":material/logout:",
        )
    if ended.take():
        session_request.close_session()


async def leave_everywhere(user: User) -> bool:
    """End all sessions of the user, this one included; True when done."""
    await end_all_sessions(user)
    return True


if __name__ == "__main__":
    main()
