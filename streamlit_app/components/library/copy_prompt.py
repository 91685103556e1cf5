"""Own the dialog that duplicates a prompt, here or into another application."""

from collections.abc import Coroutine
from typing import Any

import streamlit as st

from core.accounts.directory import Listed
from core.documents import Prompt
from core.prompts.duplicate import duplicate_prompt
from core.prompts.naming import id_from_name
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.focus import focus_first_field
from streamlit_app.components.library.name_link import address, standing
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.once import once
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

MAX_NAME = 200


def copy_prompt(shelf: Shelf, prompt: Prompt) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""

    @st.dialog(f"Duplicate {plain(prompt.name)}")
    def ask() -> None:
        st.caption(
            f"The copy starts with version {standing(prompt)} as its draft 1.0.0, with the same "
            "description, folder and tags. Changes to one don't reach the other."
        )
        name = ask_for_name(prompt)
        application = target_choice(shelf, prompt)
        st.text_input(
            "Id",
            key="copy_id",
            max_chars=64,
            placeholder=id_from_name(name),
            help="What applications fetch it by: a-z, 0-9 and -. Left empty, it is made from the "
            "name.",
        )
        offer_copy(shelf.scope, prompt, application, is_named=bool(name.strip()))
        focus_first_field("copy_focus")

    ask()


def ask_for_name(prompt: Prompt) -> str:
    """Draw the name, which starts as that of a copy."""
    name = st.text_input(
        "Name",
        f"Copy of {prompt.name}"[:MAX_NAME],
        key=f"copy_name_{prompt.key}",
        live="250ms",
        max_chars=MAX_NAME,
    )
    return name or ""


def offer_copy(scope: Scope, prompt: Prompt, application: Listed, *, is_named: bool) -> None:
    """Draw the button; the copy opens in the editor."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="copy_cancel", type="tertiary"):
            st.rerun()
        press = once(
            "Create copy",
            lambda: create(scope, prompt, application),
            key="copy_submit",
            type="primary",
            shortcut="Ctrl+Enter",
            disabled=not is_named,
            done=lambda copy: f"Created {plain(copy.name)}.",
        )
    if press.error:
        problem.show(press.error)
    copy = press.take()
    if copy is not None:
        st.switch_page(page_path("editor"), query_params=address(copy))


def target_choice(shelf: Shelf, prompt: Prompt) -> Listed:
    """Draw the choice of an application where there are several; the prompt's own comes first."""
    ordered = sorted(shelf.writable(), key=lambda one: one.key != prompt.application_id)
    if len(ordered) == 1 and ordered[0].key == prompt.application_id:
        return ordered[0]
    return st.selectbox(
        "Application",
        ordered,
        format_func=lambda application: application.name,
        key=f"copy_application_{prompt.key}",
    )


def create(scope: Scope, prompt: Prompt, application: Listed) -> Coroutine[Any, Any, Prompt]:
    """Read the dialog and make the call."""
    state = st.session_state
    return duplicate_prompt(
        scope,
        prompt,
        state["copy_id"].strip() or None,
        application_id=application.key,
        name=state[f"copy_name_{prompt.key}"],
    )
