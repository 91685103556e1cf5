"""Own the people of an application: who they are, their roles, and whom to add."""

from functools import partial
from typing import Final

import streamlit as st

from core.accounts.members import Membership, list_members, remove_member, set_member
from core.documents import Application
from core.values.scope import Scope
from prompthub.wire.literals import Role
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.applications.invite import invite_form, open_invitations
from streamlit_app.components.applications.wording import ROLES, role_help
from streamlit_app.components.confirm import confirm
from streamlit_app.components.once import press_of
from streamlit_app.components.pages import Pages
from streamlit_app.components.people import called
from streamlit_app.components.search_box import search_box
from streamlit_app.formats import plain, some_of

_PAGES: Final = Pages("members_page", 20)


def members_tab(scope: Scope, application: Application) -> None:
    """Draw the form to invite, what is open, and the people by address."""
    with st.container(width=760):
        invite_form(scope, application)
        open_invitations(scope, application)
        _people(scope, application)


def _people(scope: Scope, application: Application) -> None:
    everybody = bridge.run(list_members(scope, application.key))
    found = _search(everybody)
    st.caption(some_of(len(found), len(everybody), "person", "people"))
    if not found:
        st.markdown("Nobody matches. Change the text.")
    with st.container(gap="xsmall"):
        for one in _PAGES.part(found):
            _row(scope, application, one)
    _PAGES.draw(len(found))


def _search(everybody: list[Membership]) -> list[Membership]:
    if len(everybody) <= _PAGES.size:
        return everybody
    wanted = search_box(
        "Search people", "Name or email", key="member", on_change=_PAGES.begin_again
    ).casefold()
    return [
        one for one in everybody if wanted in f"{one.user.full_name} {one.user.email}".casefold()
    ]


def _row(scope: Scope, application: Application, one: Membership) -> None:
    with st.container(
        border=True,
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{called(one.user)}** {_badges(scope, one)}")
            if one.user.full_name:
                st.text(one.user.email)
        if one.is_owner:
            st.caption("Owner, always admin", width="content")
            return
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            _role_select(scope, application, one)
            if st.button(
                "Remove...",
                key=f"remove_{one.user.key}",
                type="tertiary",
                help="Take this person out of the application",
            ):
                _ask_to_remove(scope, application, one)
    press = press_of(f"role_{one.user.key}", Application)
    if press.error:
        problem.show(press.error)


def _badges(scope: Scope, one: Membership) -> str:
    shown = (
        ":gray-badge[You]" if one.user.key == scope.user_id else "",
        "" if one.user.is_active else ":gray-badge[:material/block: Inactive]",
    )
    return " ".join(filter(None, shown))


def _role_select(scope: Scope, application: Application, one: Membership) -> None:
    press = press_of(f"role_{one.user.key}", Application)
    press.grace_seconds = 0  # two choices in a row are no double click
    # A choice that was refused, or that somebody else changed, shows the stored role again.
    key = f"role_{one.user.key}_{one.role}_{press.number}"

    def choose() -> None:
        role: Role = st.session_state[key]
        press.fire(
            press.number,
            partial(set_member, scope, application.key, one.user.key, role),
            lambda _: f"{called(one.user)} is {_a(role)} now.",
        )
        if one.user.key == scope.user_id:
            viewer.forget()

    st.selectbox(
        f"Role of {plain(one.user.email)}",
        ROLES,
        index=ROLES.index(one.role),
        key=key,
        help=role_help(),
        label_visibility="collapsed",
        width=130,
        disabled=not one.user.is_active,
        on_change=choose,
    )


def _a(role: Role) -> str:
    return f"{'an' if role[0] in 'aeo' else 'a'} {role}"


def _ask_to_remove(scope: Scope, application: Application, one: Membership) -> None:
    confirm(
        f"Remove {one.user.full_name or one.user.email}?",
        f"{called(one.user)} doesn't see {plain(application.name)} any more, its prompts, runs and "
        "figures included. What was written stays. You can invite again at any time.",
        verb="Remove",
        operation=partial(remove_member, scope, application.key, one.user.key),
        key=f"remove_it_{one.user.key}",
        done=lambda _: f"Removed {called(one.user)}.",
    )
