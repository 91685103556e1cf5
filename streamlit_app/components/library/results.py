"""Own what is below the filters: the count, the prompts as cards or table, the pages."""

import streamlit as st

from core.prompts.listing import PromptQuery
from streamlit_app import bridge, viewer
from streamlit_app.components.library.bulk import bulk_bar
from streamlit_app.components.library.figures import OF_WHEN, load_figures
from streamlit_app.components.library.filters import (
    ALL_VERSIONS,
    PAGES,
    SHOWN,
    Choice,
    offer_of,
)
from streamlit_app.components.library.remedies import nothing_matches
from streamlit_app.components.library.row import prompt_row
from streamlit_app.components.library.shelf import (
    PAGE_SIZE,
    Found,
    Row,
    Searched,
    Shelf,
    list_page,
    search,
)
from streamlit_app.components.library.table import prompt_table
from streamlit_app.components.library.ticks import ticks
from streamlit_app.components.search.notice import search_notice
from streamlit_app.formats import counted, some_of

MODES = {"hybrid": "by meaning and words", "lexical": "by words"}


def show_results(shelf: Shelf, choice: Choice) -> None:
    """Draw the best matches of what was typed, else the list."""
    if choice.is_search:
        show_matches(shelf, choice)
    else:
        show_list(shelf, choice)


def show_list(shelf: Shelf, choice: Choice) -> None:
    """Load and draw one page of the list."""
    found = bridge.run(list_page(shelf.scope, choice.query, skip=PAGES.skip))
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.caption(count_line(shelf, choice.query, found), width="content")
        if found.total:
            st.caption(OF_WHEN.capitalize(), width="content")
    search_notice(is_search=False)
    if not found.total:
        nothing_matches(choice, all_versions=True)
    else:
        draw_rows(shelf, choice, found.rows, total=found.total)
    PAGES.draw(found.total)


def show_matches(shelf: Shelf, choice: Choice) -> None:
    """Load and draw the best matches; more of them one step at a time."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        line = st.container(width="content")
        all_versions = st.toggle(
            "All versions",
            key=ALL_VERSIONS,
            bind="query-params",
            help="Search older and newer texts too, not only what each prompt says now.",
        )
    shown = int(st.session_state.get(SHOWN, PAGE_SIZE))
    found = bridge.run(
        search(
            shelf.scope,
            choice.query,
            all_versions=all_versions,
            shown=shown,
            engine=viewer.runtime().search,
        )
    )
    line.caption(match_line(shelf, found, all_versions=all_versions))
    search_notice(is_search=True)
    if not found.rows:
        nothing_matches(choice, all_versions=all_versions)
        return
    draw_rows(shelf, choice, found.rows)
    if found.has_more:
        st.button(
            f"Show {PAGE_SIZE} more",
            key="search_more",
            type="tertiary",
            icon=":material/expand_more:",
            on_click=show_more,
            args=(shown,),
        )


def show_more(shown: int) -> None:
    """Show one step more; for callbacks."""
    st.session_state[SHOWN] = shown + PAGE_SIZE


def draw_rows(shelf: Shelf, choice: Choice, rows: list[Row], *, total: int = 0) -> None:
    """Draw the rows as cards, or as a table to act on several; `total` prompts match in all."""
    prompts = list({row.prompt.key: row.prompt for row in rows}.values())
    bridge.run(load_figures(shelf, prompts))
    if choice.view == "Cards":
        with st.container(gap="xsmall"):
            for row in rows:
                prompt_row(shelf, row)
        return
    prompt_table(shelf, prompts)
    if chosen := list(ticks().values()):
        tags = [tag for tag, _ in offer_of(shelf, None).facets.tags]
        every = None if choice.is_search else choice.query
        bulk_bar(shelf, chosen, tags, every=every, total=total)


def count_line(shelf: Shelf, query: PromptQuery, found: Found) -> str:
    """Return how many prompts match, of how many."""
    if query.state == "inactive":
        return counted(found.total, "inactive prompt")
    every = offer_of(shelf, None).total
    return some_of(found.total, every, "prompt")


def match_line(shelf: Shelf, found: Searched, *, all_versions: bool) -> str:
    """Return how many of the best matches are shown, and how they were found."""
    if not found.rows:
        return f"No match {MODES[found.mode]}"
    what = counted(len(found.rows), "version" if all_versions else "prompt")
    if found.has_more:
        every = offer_of(shelf, None).total
        what = f"The best {what}" if all_versions else f"The best {len(found.rows)} of {every:,}"
    return f"{what} · {MODES[found.mode]}"
