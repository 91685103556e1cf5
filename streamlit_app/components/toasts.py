"""Own the short messages about what happened, which survive a rerun or a change of page."""

import streamlit as st

_STATE = "toasts"


def add(words: str) -> None:
    """Queue a message for the next run, e.g. "Published 3.0.0. `production` moved from 2.4.1."."""
    st.session_state.setdefault(_STATE, []).append(words)


def are_waiting() -> bool:
    """Whether a message was queued that only a run of the whole page will show."""
    return bool(st.session_state.get(_STATE))


def show() -> None:
    """Show the queued messages; each leaves the queue only once it is on its way."""
    queued: list[str] = st.session_state.get(_STATE, [])
    while queued:
        st.toast(queued[0], icon=":material/check:")
        queued.pop(0)
