"""Own "Go to" (Ctrl+K), on every page: a few letters lead to a prompt or a page."""

from collections.abc import Iterable

import streamlit as st

from core.documents import Prompt
from core.prompts.listing import PromptQuery, list_prompts
from streamlit_app import bridge, viewer
from streamlit_app.components.focus import focus_first_field
from streamlit_app.formats import plain
from streamlit_app.navigation import PAGES, PageEntry, page_path

SHOWN = 8
# Of so many that have the letters anywhere, those that have them in the name come first.
LOOKED_AT = 64
MAX_LETTERS = 100


def go_to_button() -> None:
    """Draw the button, and the dialog once it is pressed."""
    if st.button(
        "Go to", key="go_to", type="tertiary", icon=":material/search:", shortcut="Ctrl+K"
    ):
        go_to()


@st.dialog("Go to")
def go_to() -> None:
    """Ask for a few letters and offer what they fit, prompts first."""
    typed = st.text_input(
        "Prompt or page",
        key="go_to_text",
        live=True,
        icon=":material/search:",
        placeholder="Name of a prompt or page",
        label_visibility="collapsed",
    ).strip()
    text = typed[:MAX_LETTERS]
    prompts = find_prompts(text)
    for prompt in prompts:
        st.page_link(
            page_path("editor"),
            label=plain(prompt.name),
            icon=":material/edit_note:",
            query_params={"prompt": prompt.prompt_id, "application": str(prompt.application_id)},
        )
    pages = list(find_pages(text))
    for page in pages:
        st.page_link(page_path(page.url_path), label=page.title, icon=f":material/{page.icon}:")
    if not prompts and not pages:
        st.caption(f"Nothing is called *{plain(text)}*.")
    focus_first_field("go_to_focus", answered=typed)


def find_prompts(text: str) -> list[Prompt]:
    """Return prompts of that name, then others the letters occur in, each changed last first."""
    query = PromptQuery(text=text)
    found = bridge.run(list_prompts(viewer.scope(), query, skip=0, limit=LOOKED_AT)).items
    return sorted(found, key=lambda prompt: text.casefold() not in prompt.name.casefold())[:SHOWN]


def find_pages(text: str) -> Iterable[PageEntry]:
    """Return the pages of the viewer's menu that the letters occur in."""
    scope = viewer.scope()
    for page in PAGES:
        if page.is_in_menu(scope) and text.casefold() in page.title.casefold():
            yield page
