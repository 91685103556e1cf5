"""Own the rarer things to do to one prompt, in the menu of its row."""

from typing import Final

import streamlit as st

from core.documents import Prompt
from core.prompts.listing import PromptMark
from streamlit_app.components.library.copy_prompt import copy_prompt
from streamlit_app.components.library.deactivate import ask_to_deactivate
from streamlit_app.components.library.name_link import address
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.navigation import page_path

_ACTS: Final = {
    "versions": ":material/history: Versions",
    "runs": ":material/list_alt: Runs",
    "copy": ":material/file_copy: Duplicate...",
    "deactivate": ":material/archive: Deactivate...",
}


def row_menu(shelf: Shelf, prompt: Prompt, key: str) -> None:
    """Draw the menu; only what the viewer's roles allow."""
    chosen = st.menu_button(
        ":material/more_horiz:",
        acts_of(shelf, prompt),
        key=f"row_{key}",
        type="tertiary",
        format_func=_ACTS.__getitem__,
    )
    match chosen:
        case "versions":
            st.switch_page(page_path("versions"), query_params=address(prompt))
        case "runs":
            st.switch_page(page_path("executions"), query_params=address(prompt))
        case "copy":
            copy_prompt(shelf, prompt)
        case "deactivate":
            ask_to_deactivate(shelf, [PromptMark.of(prompt)])
        case _:
            pass


def acts_of(shelf: Shelf, prompt: Prompt) -> list[str]:
    """Return what can be done, by role and state."""
    acts = ["versions", "runs"]
    if shelf.writable() and prompt.newest_version:
        acts.append("copy")
    if prompt.is_active and shelf.holds("operator", prompt.application_id):
        acts.append("deactivate")
    return acts
