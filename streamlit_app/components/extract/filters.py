"""Own which proposals of a review are listed: by state and by words, bound to the URL."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, get_args

import streamlit as st

from streamlit_app.components.extract.address import chosen_stretch
from streamlit_app.components.extract.state import Item
from streamlit_app.components.filter_select import filter_switch
from streamlit_app.components.search_box import search_box
from streamlit_app.formats import counted

Show = Literal["All", "Prompts", "Answers", "Ticked", "Saved", "Dropped"]
PAGE_SIZE: Final = 10
PAGE: Final = "found_page"
SHOW: Final = "show"
FIND: Final = "find"


class Listed(NamedTuple):
    """The proposals that are listed, and those of the page that is open."""

    items: list[Item]
    first: int
    last: int

    @property
    def shown(self) -> list[Item]:
        """The proposals of the open page."""
        return self.items[self.first : self.last]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-len(self.items) // PAGE_SIZE))


def choose(items: Sequence[Item]) -> list[Item]:
    """Draw the filters and return the proposals they leave."""
    text = search_box(
        "Find a proposal", "Find in names and texts", key=FIND, width=240, on_change=begin_again
    )
    show: Show = filter_switch("Show", get_args(Show), key=SHOW, on_change=begin_again)
    words = text.casefold().split()
    return [item for item in items if _is_shown(item, show) and _holds(item, words)]


def begin_again() -> None:
    """Go to the first page, as another list begins."""
    st.session_state[PAGE] = 1


def lead_to(items: Sequence[Item], start: int) -> None:
    """Show the page of all proposals on which the one that begins at `start` stands."""
    st.session_state[SHOW] = "All"
    st.session_state[FIND] = ""
    before = sum(item.start < start for item in items if not item.is_dropped)
    st.session_state[PAGE] = before // PAGE_SIZE + 1


def listed(items: list[Item]) -> Listed:
    """Return the page of the address; one that only names a proposal means the page it is on."""
    pages = -(-len(items) // PAGE_SIZE)
    asked = str(st.session_state.get(PAGE) or st.query_params.get(PAGE) or _page_of_chosen(items))
    page = min(max(int(asked[:6]) if asked.isdecimal() else 1, 1), max(pages, 1))
    if pages > 1:
        st.session_state[PAGE] = page
    else:
        # Without the row of pages nothing else would forget the page.
        st.session_state.pop(PAGE, None)
    first = (page - 1) * PAGE_SIZE
    return Listed(items, first, min(first + PAGE_SIZE, len(items)))


def offer_pages(page: Listed) -> None:
    """Draw the pages where there are several."""
    if page.pages > 1:
        st.pagination(page.pages, key=PAGE, bind="query-params")


def count_line(items: Sequence[Item]) -> str:
    """Return what there is, in words."""
    kept = [item for item in items if not item.is_dropped]
    answers = sum(item.kind == "answer" for item in kept)
    parts = [counted(len(kept) - answers, "likely prompt"), counted(answers, "likely answer")]
    ticked, saved = sum(is_chosen(item) for item in items), sum(bool(i.saved) for i in items)
    parts.append(f"{ticked:,} ticked")
    if saved:
        parts.append(f"{saved:,} saved")
    if len(items) > len(kept):
        parts.append(f"{len(items) - len(kept):,} dropped")
    return f"{counted(len(items), 'proposal')} · {' · '.join(parts)}"


def is_chosen(item: Item) -> bool:
    """Whether it is ticked to be saved."""
    return item.ticked and item.is_open


def _page_of_chosen(items: Sequence[Item]) -> int:
    at = chosen_stretch()
    if at is None:
        return 1
    before = sum(item.end <= at[0] for item in items)
    return min(before, max(len(items) - 1, 0)) // PAGE_SIZE + 1


def _is_shown(item: Item, show: Show) -> bool:
    if item.is_dropped or show == "Dropped":
        return item.is_dropped and show == "Dropped"
    match show:
        case "All":
            return True
        case "Prompts" | "Answers":
            return item.kind == ("prompt" if show == "Prompts" else "answer")
        case "Ticked":
            return is_chosen(item)
        case "Saved":
            return item.saved is not None


def _holds(item: Item, words: Sequence[str]) -> bool:
    if not words:
        return True
    text = f"{item.name}\n{item.content}".casefold()
    return all(word in text for word in words)
