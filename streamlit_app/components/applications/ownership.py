"""Own handing an application over to one of its members."""

from collections.abc import Coroutine
from functools import partial
from typing import Any

import streamlit as st
from bson import ObjectId

from core.accounts.members import list_members, transfer_application
from core.documents import Application
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.once import once, press_of
from streamlit_app.formats import plain


def transfer_button(scope: Scope, application: Application) -> None:
    """Draw the button for the owner and superusers; others learn who may."""
    may = scope.sees_everything or scope.user_id == application.owner_id
    with st.container(border=True):
        st.markdown("**Hand it over**")
        if not may:
            st.caption("Only the owner and superusers hand the application over.")
            return
        if not application.members:
            st.caption("Invite the next owner as a member first, in the tab Members.")
            return
        st.caption("A member becomes the owner; the old owner stays as an admin.")
        if st.button("Hand over...", key="transfer", icon=":material/swap_horiz:"):
            press_of(f"transfer_{application.key}").error = None
            _ask(scope, application)


@st.dialog("Hand the application over")
def _ask(scope: Scope, application: Application) -> None:
    people = {
        one.user.key: f"{one.user.full_name} {one.user.email}".strip()
        for one in bridge.run(list_members(scope, application.key))
        if not one.is_owner and one.user.is_active
    }
    st.selectbox(
        "New owner",
        list(people),
        index=None,
        key="transfer_to",
        format_func=lambda key: people.get(key, ""),
        placeholder="Choose a member",
    )
    typed = st.text_input(f"Type `{plain(application.name)}` to confirm", key="transfer_typed")
    st.caption("You can't take it back yourself: only the new owner or a superuser can.")
    chosen: ObjectId | None = st.session_state.get("transfer_to")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="transfer_cancel", type="tertiary"):
            st.rerun()
        press = once(
            "Hand over",
            partial(_transfer, scope, application),
            key=f"transfer_{application.key}",
            type="primary",
            disabled=chosen is None or typed.strip() != application.name,
            done=lambda after: f"{plain(people.get(after.owner_id, 'The member'))} is the owner.",
        )
    if press.error:
        problem.show(press.error)
    if press.take() is not None:
        viewer.forget()
        st.rerun()


def _transfer(scope: Scope, application: Application) -> Coroutine[Any, Any, Application]:
    return transfer_application(scope, application.key, st.session_state["transfer_to"])
