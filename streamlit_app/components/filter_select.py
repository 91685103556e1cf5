"""Own the filters of which one thing is chosen; the choice stands in the address."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

Word = TypeVar("Word", bound=str)


def filter_select(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    width: int,
    on_change: Callable[[], None],
    usual: str | None = None,
    words: Callable[[str], str] = str,
    accept_new_options: bool = False,
) -> str:
    """Draw the list, named `key` in the address too, and return the choice.

    Before a choice it is `usual`, else the first. `words` says how options are written;
    `on_change` is a callback.
    """
    chosen = st.selectbox(
        label,
        options,
        index=options.index(usual) if usual else 0,
        key=key,
        bind="query-params",
        format_func=words,
        accept_new_options=accept_new_options,
        label_visibility="collapsed",
        width=width,
        on_change=on_change,
    )
    return chosen or options[0]


def filter_switch(
    label: str,
    options: Sequence[Word],
    *,
    key: str,
    on_change: Callable[[], None] | None = None,
) -> Word:
    """Draw a few words beside each other, and return the one chosen, at first the first."""
    return st.segmented_control(
        label,
        options,
        key=key,
        bind="query-params",
        default=options[0],
        required=True,
        label_visibility="collapsed",
        on_change=on_change,
    )
