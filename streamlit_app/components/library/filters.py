"""Own the library's filters: widgets bound to the URL, so that every view can be shared."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import streamlit as st
from bson import ObjectId

from core.prompts.listing import PromptQuery
from core.values.semver import LABEL
from prompthub.wire.literals import PromptState
from streamlit_app import bridge
from streamlit_app.components.filter_select import filter_select, filter_switch
from streamlit_app.components.library.shelf import PAGE_SIZE, Offer, Shelf, load_offer
from streamlit_app.components.pages import Pages
from streamlit_app.components.search.keys import search_keys
from streamlit_app.components.search_box import search_box
from streamlit_app.formats import plain

View = Literal["Cards", "Table"]
Sort = Literal["updated", "name"]
SORTS: dict[Sort, str] = {"updated": "Last changed", "name": "Name"}
# The words that stand in the URL.
ALL_APPLICATIONS, ALL_FOLDERS = "All applications", "All folders"
# More tags than fit into one row beside states and labels are chosen from a list.
TAGS_SHOWN = 7
LABEL_ICON = ":material/sell: "
# How many matches are shown, and the order to go back to after a search.
SHOWN, SORT_KEPT = "search_shown", "sort_kept"
ALL_VERSIONS = "versions"
PAGES = Pages("page", PAGE_SIZE)


class Choice(NamedTuple):
    """What the viewer has chosen: a query and how to show the answer."""

    query: PromptQuery
    view: View

    @property
    def is_search(self) -> bool:
        """Whether words were typed, so that the best matches come first."""
        return bool(self.query.text.strip())


def choose(shelf: Shelf) -> Choice:
    """Draw the search box and all filters, and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center"):
        text = search_box(
            "Search",
            "Say what it should do, e.g. minutes of a board meeting",
            key="q",
            max_chars=500,
            on_change=begin_again,
        )
        application_id = application_select(shelf)
        sort = sort_select(is_search=bool(text))
        view = view_switch()
    offer = offer_of(shelf, application_id)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        query = PromptQuery(
            text=text,
            application_id=application_id,
            sort=sort,
            state=state_pills(),
            label=label_pills(offer),
            tags=tag_pills(offer),
            folder=folder_select(offer),
        )
        search_keys()
    return Choice(query, view)


def begin_again() -> None:
    """Go to the first page, as another list begins."""
    st.session_state.pop(SHOWN, None)
    PAGES.begin_again()


def application_select(shelf: Shelf) -> ObjectId | None:
    """Draw the choice of an application where there are several."""
    names = distinct_names(shelf)
    if len(names) < 2:  # noqa: PLR2004  # a choice needs two
        return None
    chosen = filter_select(
        "Application", [ALL_APPLICATIONS, *names], key="app", width=180, on_change=begin_again
    )
    return names.get(chosen)


def distinct_names(shelf: Shelf) -> dict[str, ObjectId]:
    """Return the applications by a name of their own, as the URL holds the name."""
    names: dict[str, ObjectId] = {}
    for key, application in shelf.applications.items():
        taken = application.name in names or application.name == ALL_APPLICATIONS
        names[f"{application.name} ({str(key)[-4:]})" if taken else application.name] = key
    return names


def offer_of(shelf: Shelf, application_id: ObjectId | None) -> Offer:
    """Return what can be filtered by; loaded once for each application while one searches."""
    if application_id not in shelf.offers:
        shelf.offers[application_id] = bridge.run(load_offer(shelf.scope, application_id))
    return shelf.offers[application_id]


def sort_select(*, is_search: bool) -> Sort:
    """Draw the choice of the order; a search has its own, and the choice comes back after it."""
    if is_search:
        st.selectbox(
            "Sort",
            ["Best match"],
            key="search_order",
            label_visibility="collapsed",
            width=150,
            disabled=True,
        )
        return st.session_state.get(SORT_KEPT, "updated")
    if "sort" not in st.session_state and SORT_KEPT in st.session_state:
        st.session_state["sort"] = st.session_state[SORT_KEPT]
    chosen = draw_sort()
    st.session_state[SORT_KEPT] = chosen
    return chosen


def draw_sort() -> Sort:
    """Draw the orders of a list."""
    return st.selectbox(
        "Sort",
        list(SORTS),
        format_func=lambda sort: SORTS[sort],
        key="sort",
        bind="query-params",
        label_visibility="collapsed",
        width=150,
        on_change=begin_again,
    )


def view_switch() -> View:
    """Draw the switch between cards and a table."""
    return filter_switch("View", get_args(View), key="view")


def state_pills() -> PromptState | None:
    """Draw the states; none chosen means all that are in service."""
    return st.pills(
        "State",
        get_args(PromptState),
        format_func=lambda state: str(state).capitalize(),
        key="state",
        bind="query-params",
        label_visibility="collapsed",
        on_change=begin_again,
    )


def label_pills(offer: Offer) -> str | None:
    """Draw the labels in use."""
    labels = with_chosen("label", offer.facets.labels[:TAGS_SHOWN])
    labels = [label for label in labels if LABEL.fullmatch(label)]
    if not labels:
        return None
    return st.pills(
        "Label",
        labels,
        format_func=lambda label: f"{LABEL_ICON}{plain(str(label))}",
        key="label",
        bind="query-params",
        label_visibility="collapsed",
        on_change=begin_again,
    )


def tag_pills(offer: Offer) -> tuple[str, ...]:
    """Draw the tags used most and those chosen; further ones are in a list."""
    known = [tag for tag, _ in offer.facets.tags]
    shown = with_chosen("tag", known[:TAGS_SHOWN])
    if not shown:
        return ()
    chosen = st.pills(
        "Tags",
        shown,
        format_func=lambda tag: plain(str(tag)),
        selection_mode="multi",
        key="tag",
        bind="query-params",
        label_visibility="collapsed",
        on_change=begin_again,
    )
    further = [tag for tag in known if tag not in shown]
    if further:
        st.menu_button(
            "More tags",
            further,
            key="more_tags",
            type="tertiary",
            format_func=lambda tag: plain(str(tag)),
            on_click=add_tag_filter,
        )
    return tuple(chosen)


def add_tag_filter() -> None:
    """Filter by a tag of the list as well."""
    tag: str | None = st.session_state.get("more_tags")
    if tag:
        st.session_state["tag"] = [*st.session_state.get("tag", []), tag]
        begin_again()


def folder_select(offer: Offer) -> str | None:
    """Draw the folders, each of which includes those below it."""
    folders = with_chosen("folder", with_parents(offer.facets.folders))
    folders = [folder for folder in folders if folder != ALL_FOLDERS]
    if not folders:
        return None
    chosen = filter_select(
        "Folder", [ALL_FOLDERS, *folders], key="folder", width=150, on_change=begin_again
    )
    return None if chosen == ALL_FOLDERS else chosen


def with_parents(folders: Sequence[str]) -> list[str]:
    """Return the folders and all that they are in, in order."""
    parts = (folder.split("/") for folder in folders)
    return sorted({"/".join(part[: n + 1]) for part in parts for n in range(len(part))})


def with_chosen(key: str, options: Sequence[str]) -> list[str]:
    """Return the options and what is chosen besides; else the choice of a URL would be dropped."""
    chosen: str | list[str] | None = st.session_state.get(key)
    if key not in st.session_state:
        chosen = [_read_back(value) for value in st.query_params.get_all(key)]
    wanted = [chosen] if isinstance(chosen, str) else chosen or []
    return list(dict.fromkeys([*options, *(value for value in wanted if value)]))


def _read_back(shown: str) -> str:
    """Return the value behind the words of a pill, which are what the URL holds."""
    return re.sub(r"\\(.)", r"\1", shown.removeprefix(LABEL_ICON))
