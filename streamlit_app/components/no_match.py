"""Own what is said where filters leave nothing: why, and the way to show more again."""

from collections.abc import Callable

import streamlit as st


def no_match(words: str, *, show: str, key: str, on_click: Callable[[], None]) -> None:
    """Say it in `words`, which are markdown, with a button that takes the filters away."""
    st.markdown(words)
    st.button(show, key=key, icon=":material/filter_alt_off:", on_click=on_click)
