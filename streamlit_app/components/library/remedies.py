"""Own what the library offers where nothing matches: one filter less, or more to search in."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import streamlit as st

from streamlit_app.components.library.filters import (
    ALL_APPLICATIONS,
    ALL_FOLDERS,
    ALL_VERSIONS,
    Choice,
    begin_again,
)
from streamlit_app.formats import plain

# By whether words were typed, and whether filters are set.
ADVICE = {
    (True, True): "Remove a filter, or search for other words.",
    (True, False): "Search for other words.",
    (False, True): "Remove a filter.",
    (False, False): "",
}


class Remedy(NamedTuple):
    """One way to see more: its words and what it does."""

    words: str
    act: Callable[[], None]


def nothing_matches(choice: Choice, *, all_versions: bool) -> None:
    """Say so, and offer to take away one filter or all, or to search older texts as well."""
    ways = remedies(choice)
    with st.container(border=True):
        st.markdown(
            f"**Nothing matches.** {ADVICE[choice.is_search, len(ways) > choice.is_search]}"
        )
        with st.container(horizontal=True, gap="small"):
            for number, way in enumerate(ways):
                st.button(way.words, key=f"remedy_{number}", on_click=way.act)
            if choice.is_search and not all_versions:
                st.button(
                    "Search all versions",
                    key="remedy_versions",
                    on_click=reset,
                    args=(ALL_VERSIONS, True),
                )
            if len(ways) > 1:
                st.button(
                    "Clear all filters",
                    key="remedy_all",
                    type="tertiary",
                    on_click=clear_all,
                    args=(ways,),
                )


def remedies(choice: Choice) -> list[Remedy]:
    """Return what can be taken away of a choice that nothing matches."""
    query = choice.query
    found: list[Remedy] = []
    if choice.is_search:
        found.append(Remedy("Clear the search", partial(reset, "q", "")))
    if query.state:
        found.append(Remedy(f"Remove *{query.state.capitalize()}*", partial(reset, "state", None)))
    if query.label:
        found.append(Remedy(f"Remove *{plain(query.label)}*", partial(reset, "label", None)))
    for tag in query.tags:
        left = [other for other in query.tags if other != tag]
        found.append(Remedy(f"Remove *{plain(tag)}*", partial(reset, "tag", left)))
    if query.folder:
        found.append(Remedy("Search all folders", partial(reset, "folder", ALL_FOLDERS)))
    if query.application_id:
        found.append(Remedy("Search all applications", partial(reset, "app", ALL_APPLICATIONS)))
    return found


def reset(key: str, value: str | list[str] | bool | None) -> None:
    """Put a filter back; for callbacks."""
    st.session_state[key] = value
    begin_again()


def clear_all(ways: list[Remedy]) -> None:
    """Put every filter back; for callbacks."""
    for way in ways:
        way.act()
