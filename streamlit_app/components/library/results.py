"""Own what is below the filters: the count, the prompts as cards or table, the pages."""

import streamlit as st

from core.prompts.listing import PromptQuery
from streamlit_app import bridge
from streamlit_app.components.library.bulk import bulk_bar
from streamlit_app.components.library.filters import Choice, offer_of, remedies
from streamlit_app.components.library.row import prompt_row
from streamlit_app.components.library.shelf import Found, Shelf, find_prompts
from streamlit_app.components.library.table import prompt_table
from streamlit_app.formats import counted


def show_results(shelf: Shelf, choice: Choice) -> None:
    """Load and draw one page of what matches."""
    found = bridge.run(find_prompts(shelf.scope, choice.query, page=page_asked_for()))
    st.caption(count_line(shelf, choice.query, found))
    if not found.total:
        nothing_matches(choice.query)
    elif choice.view == "Table":
        chosen = prompt_table(shelf, found.prompts)
        if chosen:
            offer = offer_of(shelf, None)
            bulk_bar(shelf, chosen, [tag for tag, _ in offer.facets.tags])
    else:
        with st.container(gap="xsmall"):
            for prompt in found.prompts:
                prompt_row(shelf, prompt, found.passages[prompt.key])
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")


def page_asked_for() -> int:
    """Return the page of the pagination below, which is drawn last; of the URL at first."""
    asked = str(st.session_state.get("page") or st.query_params.get("page", "1"))
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1  # noqa: PLR2004  # pages beyond a million are a typing error


def count_line(shelf: Shelf, query: PromptQuery, found: Found) -> str:
    """Return how many prompts match, of how many."""
    if query.state == "inactive":
        return counted(found.total, "inactive prompt")
    every = offer_of(shelf, None).total
    if found.total == every:
        return counted(every, "prompt")
    return f"{found.total:,} of {counted(every, 'prompt')}"


def nothing_matches(query: PromptQuery) -> None:
    """Say so, and offer to take away one filter or all."""
    ways = remedies(query)
    with st.container(border=True):
        st.markdown("**Nothing matches.** Remove a filter, or search for other words.")
        with st.container(horizontal=True, gap="small"):
            for number, way in enumerate(ways):
                st.button(way.words, key=f"remedy_{number}", on_click=way.act)
            if len(ways) > 1:
                st.button(
                    "Clear all filters",
                    key="remedy_all",
                    type="tertiary",
                    on_click=clear_all,
                    args=(query,),
                )


def clear_all(query: PromptQuery) -> None:
    """Put every filter back; for callbacks."""
    for way in remedies(query):
        way.act()
