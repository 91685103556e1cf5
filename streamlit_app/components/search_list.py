"""Own finding one of very many by a few letters; the database searches, the browser gets eight."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

import streamlit as st

from streamlit_app import bridge
from streamlit_app.formats import plain

T = TypeVar("T")
# Of a button at 15 px: what frame and arrow take, and an ordinary letter.
_BUTTON_EDGES_PX: Final = 52
_CHARACTER_PX: Final = 7.6

SHOWN = 8


class Offer(NamedTuple, Generic[T]):
    """One to pick: what it is called, as markdown, and what is picked."""

    label: str
    value: T


class Offers(NamedTuple, Generic[T]):
    """The first that match; `more` says that others match too, "" where none do."""

    items: Sequence[Offer[T]]
    more: str = ""


def search_popover(
    label: str,
    placeholder: str,
    *,
    key: str,
    width: int,
    find: Callable[[str], Coroutine[Any, Any, Offers[T]]],
    on_pick: Callable[[T], None],
    any_label: str = "",
    on_any: Callable[[], None] | None = None,
) -> None:
    """Draw a button, named by what is picked now, that opens the search.

    `on_pick` is a callback and may set session state. With `on_any` anything will do as well.
    """
    fitting = fitted(label, width)
    popover = st.popover(
        plain(fitting),
        key=f"{key}_open",
        on_change="rerun",
        width=width,
        help=plain(label) if fitting != label else None,
    )
    if popover.open:
        with popover:
            if on_any:
                st.button(
                    any_label, key=f"{key}_any", type="tertiary", on_click=_any, args=(key, on_any)
                )
            search_list(placeholder, key=key, find=find, on_pick=on_pick)


def fitted(label: str, width: int) -> str:
    """Return as much of a label as stands on one line of a button so many px wide."""
    most = int((width - _BUTTON_EDGES_PX) / _CHARACTER_PX)
    return label if len(label) <= most else f"{label[: most - 1].rstrip()}…"


def search_list(
    placeholder: str,
    *,
    key: str,
    find: Callable[[str], Coroutine[Any, Any, Offers[T]]],
    on_pick: Callable[[T], None],
    tell_nothing: Callable[[], None] | None = None,
) -> None:
    """Draw the search field and what it finds for the text, which may be empty.

    `tell_nothing` says what to do where there is nothing to find at all.
    """
    text = st.text_input(
        placeholder,
        key=f"{key}_text",
        live=True,
        max_chars=200,
        placeholder=placeholder,
        icon=":material/search:",
        label_visibility="collapsed",
    )
    found = bridge.run(find((text or "").replace("\0", "").strip()[:200]))
    if not found.items and not text and tell_nothing:
        tell_nothing()
    elif not found.items:
        st.caption("Nothing matches." if text else "There is nothing to choose yet.")
    with st.container(gap=None):
        for index, offer in enumerate(found.items):
            st.button(
                offer.label,
                key=f"{key}_{index}",
                type="tertiary",
                on_click=_pick,
                args=(key, on_pick, offer.value),
            )
    if found.more:
        st.caption(found.more)


def _pick(key: str, on_pick: Callable[[T], None], value: T) -> None:
    st.session_state[f"{key}_text"] = ""
    _close(key)
    on_pick(value)


def _any(key: str, on_any: Callable[[], None]) -> None:
    _close(key)
    on_any()


def _close(key: str) -> None:
    if f"{key}_open" in st.session_state:
        st.session_state[f"{key}_open"] = False
