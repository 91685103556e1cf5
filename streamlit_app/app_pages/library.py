"""Own the library: find a prompt by meaning and filters, start one, bring in many, part twins."""

import asyncio

import streamlit as st

from core.errors import NotAuthenticated, PromptHubError
from core.prompts.listing import PromptQuery, count_prompts
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem, toasts
from streamlit_app.components.library import change
from streamlit_app.components.library.bring_in import bring_in
from streamlit_app.components.library.duplicates import (
    duplicates_view,
    is_asked_for,
    offer_duplicates,
)
from streamlit_app.components.library.empty import empty_library, is_loading
from streamlit_app.components.library.filters import choose
from streamlit_app.components.library.new_prompt import new_prompt
from streamlit_app.components.library.results import show_results
from streamlit_app.components.library.shelf import Shelf, open_shelf
from streamlit_app.components.search.notice import SEARCH
from streamlit_app.components.title_row import title_row


def main() -> None:
    """Show the prompts that the viewer may see, or how to start where there are none."""
    shelf, is_empty = bridge.run(look(viewer.scope()))
    if is_empty or is_loading():
        title_row("Library")
        empty_library(shelf)
        return
    if is_asked_for():
        duplicates_view(shelf)
        return
    draw_actions(shelf)
    search_and_results(shelf)


async def look(scope: Scope) -> tuple[Shelf, bool]:
    """Load what the page shows at once, and whether there is any prompt at all."""
    shelf, inactive = await asyncio.gather(
        open_shelf(scope), count_prompts(scope, PromptQuery(state="inactive"))
    )
    return shelf, not shelf.offers[None].total and not inactive


def draw_actions(shelf: Shelf) -> None:
    """Draw the title row; who may write nowhere sees no buttons to write with."""
    imports = adds = False
    with title_row("Library"):
        offer_duplicates()
        if shelf.writable():
            imports = st.button("Import", key="import", type="tertiary", icon=":material/upload:")
            adds = st.button(
                "New prompt", key="new", type="primary", icon=":material/add:", shortcut="N"
            )
    if adds:
        facets = shelf.offers[None].facets
        new_prompt(shelf, facets.folders, [tag for tag, _ in facets.tags])
    elif imports:
        bring_in(shelf)


@st.fragment(key=SEARCH)
def search_and_results(shelf: Shelf) -> None:
    """Answer typing and filters without running the whole page, and acts by running it."""
    if toasts.are_waiting():
        st.rerun()
    try:
        choice = choose(shelf)
        change.watch()
        change.show_outcome()
        show_results(shelf, choice)
    except NotAuthenticated:
        viewer.forget()
        st.rerun()
    except PromptHubError as error:
        problem.show(error)


if __name__ == "__main__":
    main()
