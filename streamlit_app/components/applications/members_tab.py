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
from streamlit_app.components.people import called
from streamlit_app.formats import counted, plain

PAGE_SIZE: Final = 20


def members_tab(scope: Scope, application: Application) -> None:
    """Draw the form to invite, what is open, and the people by address."""
    with st.container(width=760):
        invite_form(scope, application)
        open_invitations(scope, application)
        _people(scope, application)


def _people(scope: Scope, application: Application) -> None:
    everybody = bridge.run(list_members(scope, application.key))
    found = _search(everybody)
    told = counted(len(everybody), "person", "people")
    st.caption(told if len(found) == len(everybody) else f"{len(found):,} of {told}")
    if not found:
        st.markdown("Nobody matches. Change the text.")
    pages = -(-len(found) // PAGE_SIZE)
    page = min(_page_asked_for(), max(1, pages))
    with st.container(gap="xsmall"):
        for one in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]:
            _row(scope, application, one)
    if pages > 1:
        st.pagination(pages, key="members_page", bind="query-params")


def _page_asked_for() -> int:
    asked = st.session_state.get("members_page") or st.query_params.get("members_page", "1")
    return max(1, int(asked)) if str(asked).isdecimal() else 1


def _search(everybody: list[Membership]) -> list[Membership]:
    if len(everybody) <= PAGE_SIZE:
        return everybody
    text = st.text_input(
        "Search people",
        key="member",
        bind="query-params",
        type="search",
        live="250ms",
        placeholder="Name or email",
        label_visibility="collapsed",
        max_chars=200,
        on_change=_begin_again,
    )
    wanted = (text or "").casefold().strip()
    return [
        one for one in everybody if wanted in f"{one.user.full_name} {one.user.email}".casefold()
    ]


def _begin_again() -> None:
    if "members_page" in st.session_state:
        st.session_state["members_page"] = 1


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
