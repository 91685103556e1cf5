"""Own the superuser's page of accounts: add, let in, shut out, give rights, reset passwords."""

import secrets
from collections.abc import Coroutine
from functools import partial
from typing import Any, Literal, get_args

import streamlit as st
from pydantic import SecretStr

from core.accounts.password_changes import reset_password
from core.accounts.users import (
    NewUser,
    UserChanges,
    UserQuery,
    create_user,
    list_users,
    update_user,
)
from core.documents import User
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.confirm import confirm
from streamlit_app.components.erase_dialog import ask_to_erase_person
from streamlit_app.components.filter_select import filter_switch
from streamlit_app.components.no_match import no_match
from streamlit_app.components.once import once
from streamlit_app.components.pages import Pages
from streamlit_app.components.passwords import PASSWORD_RULE
from streamlit_app.components.search_box import search_box
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import counted, plain

PAGES = Pages("users_page", 20)
STATES: dict[str, dict[str, bool]] = {
    "All": {},
    "Active": {"is_active": True},
    "Inactive": {"is_active": False},
    "Superusers": {"is_superuser": True},
}
Act = Literal[
    "Deactivate...",
    "Activate...",
    "Make superuser...",
    "Take superuser rights...",
    "Reset password...",
    "Erase data...",
]


def main() -> None:
    """Show the search, the accounts and the pages of them."""
    with title_row("Users"):
        adds = st.button("Add user...", key="add_user", type="primary", icon=":material/add:")
    query = ask_for_query()
    found = bridge.run(list_users(viewer.scope(), query, skip=PAGES.skip, limit=PAGES.size))
    st.caption(counted(found.total, "account"))
    if not found.total:
        no_match(
            "Nobody matches. Change the text, or show all.",
            show="Show all accounts",
            key="users_all",
            on_click=show_all,
        )
    for user in found.items:
        show_user(user)
    PAGES.draw(found.total)
    if adds:
        add_user()


def ask_for_query() -> UserQuery:
    """Draw the search box and the states; every change of them starts at the first page."""
    with st.container(horizontal=True, vertical_alignment="center"):
        text = search_box("Search", "Name or email", key="users_text", on_change=PAGES.begin_again)
        state = filter_switch("State", list(STATES), key="users_state", on_change=PAGES.begin_again)
    return UserQuery.model_validate({"text": text, **STATES[state]})


def show_all() -> None:
    """Take all filters away; for callbacks."""
    st.session_state["users_text"] = ""
    st.session_state["users_state"] = "All"
    PAGES.begin_again()


def show_user(user: User) -> None:
    """Draw one account with what can be done to it."""
    with st.container(
        border=True,
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{called(user)}** {badges(user)}")
            st.text(user.email)
        if user.key == viewer.current_user().user_id:
            st.caption("This is you", width="content")
        chosen = st.menu_button(
            "More",
            acts(user),
            key=f"more_{user.key}",
            type="tertiary",
            icon=":material/more_horiz:",
        )
    if chosen:
        ask(chosen, user)


def called(user: User) -> str:
    """Return what to call a person, as plain text."""
    return plain(user.full_name or user.email)


def badges(user: User) -> str:
    """Return the badges of what is special about an account."""
    special = [
        ":blue-badge[:material/shield_person: Superuser]" if user.is_superuser else "",
        "" if user.is_active else ":gray-badge[:material/block: Inactive]",
    ]
    return " ".join(filter(None, special))


def acts(user: User) -> list[Act]:
    """Return what can be done to an account; one's own has a page for the rest."""
    if user.key == viewer.current_user().user_id:
        return ["Erase data..."]
    skipped = {
        "Activate..." if user.is_active else "Deactivate...",
        "Make superuser..." if user.is_superuser else "Take superuser rights...",
    }
    return [act for act in get_args(Act) if act not in skipped]


def ask(act: Act, user: User) -> None:
    """Ask before the act, naming what the person will notice."""
    if act == "Reset password...":
        ask_for_password(user)
        return
    if act == "Erase data...":
        ask_to_erase_person(viewer.scope(), user)
        return
    name = called(user)
    title, changes, consequence = {
        "Deactivate...": (
            f"Deactivate {name}?",
            UserChanges(is_active=False),
            f"{name} is signed out everywhere and can't sign in. You can activate it again.",
        ),
        "Activate...": (
            f"Activate {name}?",
            UserChanges(is_active=True),
            f"{name} can sign in again.",
        ),
        "Make superuser...": (
            f"Make {name} a superuser?",
            UserChanges(is_superuser=True),
            f"{name} sees and changes everything on this server, accounts included.",
        ),
        "Take superuser rights...": (
            f"Take superuser rights from {name}?",
            UserChanges(is_superuser=False),
            f"{name} keeps only the roles held in applications.",
        ),
    }[act]
    confirm(
        title,
        consequence,
        verb=act.removesuffix("..."),
        operation=partial(update_user, viewer.scope(), user.key, changes),
        key=f"act_{user.key}",
        done=lambda changed: f"Changed the account of {called(changed)}.",
    )


@st.dialog("Reset password")
def ask_for_password(user: User) -> None:
    """Set another password, to be handed over by the superuser."""
    st.markdown(
        f"{called(user)} is signed out everywhere. Hand the new password "
        "over yourself; it can be changed on the account page."
    )
    with st.form("reset", border=False):
        st.text_input(
            "New password",
            st.session_state.setdefault(f"suggested_{user.key}", secrets.token_urlsafe(15)),
            key="reset_to",
            autocomplete="off",
            help=f"A random one is suggested; copy it now, it is not shown again. {PASSWORD_RULE}",
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            reset = once(
                "Reset password",
                partial(set_password, user),
                key=f"reset_{user.key}",
                done=lambda changed: f"Reset the password of {called(changed)}.",
                type="primary",
                in_form=True,
            )
    if reset.error:
        problem.show(reset.error)
    if reset.take():
        del st.session_state[f"suggested_{user.key}"]
        st.rerun()


def set_password(user: User) -> Coroutine[Any, Any, User]:
    """Read the form of another password."""
    new = SecretStr(st.session_state["reset_to"])
    return reset_password(viewer.scope(), user.key, new, hasher=viewer.runtime().hasher)


@st.dialog("Add user")
def add_user() -> None:
    """Open an account for somebody else, also where registration is closed."""
    with st.form("add", border=False):
        st.text_input("Full name", key="added_name", autocomplete="off", max_chars=200)
        st.text_input("Email", key="added_email", autocomplete="off")
        st.text_input(
            "Password",
            key="added_password",
            type="password",
            autocomplete="new-password",
            help=f"{PASSWORD_RULE} Hand it over yourself.",
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            added = once(
                "Add user",
                open_account,
                key="add_user_submit",
                done=lambda user: f"Added {called(user)}.",
                type="primary",
                in_form=True,
            )
    if added.error:
        problem.show(added.error)
    if added.take():
        st.rerun()


def open_account() -> Coroutine[Any, Any, User]:
    """Read the form of an account for somebody else."""
    state = st.session_state
    new = NewUser(
        email=state["added_email"],
        password=SecretStr(state["added_password"]),
        full_name=state["added_name"],
    )
    return create_user(viewer.scope(), new, hasher=viewer.runtime().hasher)


if __name__ == "__main__":
    main()
