"""Own the dialog that creates an application, and the way on to its key."""

from collections.abc import Coroutine
from typing import Any

import streamlit as st

from core.accounts.applications import Created, NewApplication, create_application
from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.applications.fresh_key import keep_key
from streamlit_app.components.focus import focus_first_field
from streamlit_app.components.once import once, press_of
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path


def create_button() -> None:
    """Draw the primary button of the page, which everybody has."""
    if st.button(
        "New application", key="create", type="primary", icon=":material/add:", shortcut="N"
    ):
        press_of("create_submit").error = None
        create_dialog()


@st.dialog("New application")
def create_dialog() -> None:
    """Ask for a name and go on to the page of the application, which shows the key once."""
    name = st.text_input(
        "Name",
        key="create_name",
        live="250ms",
        max_chars=100,
        placeholder="The program that will use the prompts, e.g. Support desk",
    )
    st.text_area(
        "Description",
        key="create_description",
        max_chars=5000,
        height=90,
        placeholder="What it is for, and whom to ask about it.",
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="create_cancel", type="tertiary"):
            st.rerun()
        press = once(
            "Create application",
            _create,
            key="create_submit",
            type="primary",
            shortcut="Ctrl+Enter",
            disabled=not (name or "").strip(),
            done=lambda created: f"Created {plain(created.application.name)}.",
        )
    if press.error:
        problem.show(press.error)
    if (created := press.take()) is not None:
        keep_key(created)
        viewer.forget()  # the scope was read before there was this application
        key = str(created.application.key)
        st.switch_page(page_path("applications"), query_params={"application": key, "tab": "Key"})
    focus_first_field("create_focus")


def _create() -> Coroutine[Any, Any, Created]:
    state = st.session_state
    new = NewApplication(
        name=state["create_name"] or "", description=state["create_description"] or ""
    )
    return create_application(viewer.scope(), new)
