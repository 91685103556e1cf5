"""Own which prompts are ticked in the table: over all of its pages, until cleared."""

from typing import Final

import streamlit as st
from bson import ObjectId

from core.prompts.listing import PromptMark

_TICKS: Final = "library_ticks"
_DRAWN: Final = "library_table"
Ticks = dict[ObjectId, PromptMark]


def ticks() -> Ticks:
    """Return what is ticked, in the order of ticking; the caller may change it."""
    return st.session_state.setdefault(_TICKS, Ticks())


def clear_ticks() -> None:
    """Tick nothing; the table is drawn anew."""
    st.session_state[_TICKS] = Ticks()
    _forget_table()


def tick_all(marks: list[PromptMark]) -> None:
    """Tick these as well; the table is drawn anew."""
    ticks().update({mark.key: mark for mark in marks})
    _forget_table()


def table_key(shown: tuple[ObjectId, ...]) -> str:
    """Return the key of the table with these rows.

    Another list, and one ticked otherwise than by a click, is another table: only a new one takes
    the ticks that it is given.
    """
    number, rows = st.session_state.get(_DRAWN, (0, None))
    if rows != shown:
        number += 1
        st.session_state[_DRAWN] = (number, shown)
    return f"prompt_table_{number}"


def _forget_table() -> None:
    number, _ = st.session_state.get(_DRAWN, (0, None))
    st.session_state[_DRAWN] = (number, None)
