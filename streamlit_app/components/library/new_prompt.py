"""Own the dialog that starts a prompt: its name and place; its text comes in the editor."""

from collections.abc import Coroutine, Sequence
from typing import Any

import streamlit as st

from core.accounts.directory import Listed
from core.documents import Prompt
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.naming import id_from_name
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.application_choice import application_choice
from streamlit_app.components.focus import focus_first_field
from streamlit_app.components.library.name_link import address
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.once import once
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path


@st.dialog("New prompt")
def new_prompt(shelf: Shelf, folders: Sequence[str], tags: Sequence[str]) -> None:
    """Ask for the name and the place, create the prompt and go on in the editor."""
    name = st.text_input(
        "Name",
        key="new_name",
        live="250ms",
        max_chars=200,
        placeholder="What it does, e.g. Summarize a meeting",
    )
    application = application_choice(shelf.writable(), key="new_application")
    ask_for_place(folders, tags)
    st.text_input(
        "Id",
        key="new_id",
        max_chars=64,
        placeholder=id_from_name(name or "") if (name or "").strip() else "made from the name",
        help="What applications fetch it by: a-z, 0-9 and -. It can't be changed later. "
        "Left empty, it is made from the name.",
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        press = once(
            "Create prompt",
            lambda: create(shelf.scope, application),
            key="new_submit",
            type="primary",
            shortcut="Ctrl+Enter",
            disabled=not (name or "").strip(),
            done=lambda prompt: f"Created {plain(prompt.name)}.",
        )
    if press.error:
        problem.show(press.error)
    created = press.take()
    if created is not None:
        st.switch_page(page_path("editor"), query_params=address(created))
    focus_first_field("new_focus")


def ask_for_place(folders: Sequence[str], tags: Sequence[str]) -> None:
    """Draw the folder and the tags, of those in use or new ones."""
    st.selectbox(
        "Folder",
        folders,
        index=None,
        key="new_folder",
        accept_new_options=True,
        placeholder="None; type one, e.g. Legal/Board",
    )
    st.multiselect(
        "Tags",
        tags,
        key="new_tags",
        accept_new_options=True,
        placeholder="None; choose or type",
    )


def create(scope: Scope, application: Listed) -> Coroutine[Any, Any, Prompt]:
    """Read the dialog and make the call."""
    state = st.session_state
    new = NewPrompt(
        application_id=application.key,
        name=state["new_name"],
        prompt_id=state["new_id"].strip() or None,
        folder=state["new_folder"] or "",
        tags=tuple(state["new_tags"]),
    )
    return create_prompt(scope, new)
