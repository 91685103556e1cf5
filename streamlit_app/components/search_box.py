"""Own the field of a search; its text stands in the address, so that what it finds is shared."""

from collections.abc import Callable
from typing import Literal

import streamlit as st


def search_box(
    label: str,
    placeholder: str,
    *,
    key: str,
    on_change: Callable[[], None] | None = None,
    live: bool = True,
    width: int | Literal["stretch"] = "stretch",
    max_chars: int = 200,
) -> str:
    """Draw the field, named `key` in the address too, and return its text in a form to search for.

    `on_change` is a callback. Without `live` it searches only when the typing is ended with Enter.
    """
    text = st.text_input(
        label,
        key=key,
        bind="query-params",
        type="search",
        live="250ms" if live else False,
        placeholder=placeholder,
        label_visibility="collapsed",
        width=width,
        max_chars=max_chars,
        on_change=on_change,
    )
    # The database can't look for the character NUL, which an address can hold.
    return (text or "").replace("\0", "").strip()
