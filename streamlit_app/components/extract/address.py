"""Own the address of the page: `?source=ID&at=START-END` or `?job=ID`, and the ways there.

What filters say in it goes with their widgets.
"""

from typing import Final, NoReturn

import streamlit as st
from bson import ObjectId

SOURCE: Final = "source"
JOB: Final = "job"
# The stretch that is open, in characters of the source.
AT: Final = "at"
# What the box of a web address begins with.
URL: Final = "url"
# Longer numbers are no place in a text.
_MOST: Final = 10**9


def open_source(key: ObjectId) -> NoReturn:
    """Go to the review of a source."""
    _leave()
    st.query_params[SOURCE] = str(key)
    st.rerun()


def open_job(key: ObjectId) -> NoReturn:
    """Go to a background reading."""
    _leave()
    st.query_params[JOB] = str(key)
    st.rerun()


def back_to_list() -> None:
    """Draw the way to the sources."""
    # A link to the page that is open would look as if it were chosen.
    if st.button("All sources", key="all_sources", type="tertiary", icon=":material/arrow_back:"):
        _leave()
        st.rerun()


def chosen_stretch() -> tuple[int, int] | None:
    """Return the stretch that the address points at."""
    start, dash, end = st.query_params.get(AT, "").partition("-")
    if not dash or not start.isdecimal() or not end.isdecimal():
        return None
    at = min(int(start[:12]), _MOST), min(int(end[:12]), _MOST)
    return at if at[0] < at[1] else None


def write_stretch(stretch: tuple[int, int] | None) -> None:
    """Let the address point at a stretch, or at none."""
    if stretch is None:
        st.query_params.pop(AT, None)
    elif chosen_stretch() != stretch:
        st.query_params[AT] = f"{stretch[0]}-{stretch[1]}"


def _leave() -> None:
    # Those that are bound to widgets go with them.
    for name in (SOURCE, JOB, AT, URL):
        st.query_params.pop(name, None)
