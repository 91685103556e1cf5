"""Own the dialog of a prompt's details: name, description, folder, tags, default model."""

from collections.abc import Coroutine
from typing import Any

import streamlit as st
from pydantic import ValidationError

from core.documents import Prompt
from core.errors import Invalid
from core.prompts.catalogue import PromptChanges, update_prompt
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.model_select import model_select
from streamlit_app.components.once import once


@st.dialog("Details", icon=":material/edit:")
def ask_for_details(scope: Scope, prompt: Prompt) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""
    _draw_inputs(prompt)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="details_cancel", type="tertiary"):
            st.rerun()
        press = once(
            "Save details",
            lambda: _save(scope, prompt),
            key="details_save",
            done=lambda _: "Saved the details.",
            type="primary",
        )
    if press.error:
        problem.show(press.error)
    if press.take() is not None:
        st.rerun()


def _draw_inputs(prompt: Prompt) -> None:
    st.text_input("Name", prompt.name, key="details_name", max_chars=200)
    st.text_area(
        "Description",
        prompt.description,
        key="details_description",
        max_chars=5000,
        height=90,
        placeholder="What it is for, in a sentence; searched in the library.",
    )
    st.text_input(
        "Folder", prompt.folder, key="details_folder", max_chars=300, placeholder="support/email"
    )
    st.multiselect(
        "Tags",
        prompt.tags,
        default=prompt.tags,
        key="details_tags",
        accept_new_options=True,
        max_selections=50,
        placeholder="Type a tag and press Enter",
    )
    model_select(
        "Default model",
        prompt.default_model,
        key="details_model",
        placeholder="None",
        help="Runs every version that names no model of its own.",
    )


def _save(scope: Scope, prompt: Prompt) -> Coroutine[Any, Any, Prompt]:
    typed = {
        name: st.session_state[f"details_{name}"]
        for name in ("name", "description", "folder", "tags")
    }
    return _store(scope, prompt, {**typed, "default_model": st.session_state["details_model"]})


async def _store(scope: Scope, prompt: Prompt, typed: dict[str, Any]) -> Prompt:
    try:
        changes = PromptChanges.model_validate(typed)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        words = "The name is missing." if field == "name" else f"The {field} can't be used."
        raise Invalid(
            words, field=field, remedy=first["msg"].removeprefix("Value error, ")
        ) from None
    return await update_prompt(scope, prompt, changes, expected_revision=prompt.revision)
