"""Own the dialog that asks for a reason before what others notice, and keeps it in the audit."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import streamlit as st

from streamlit_app.components.confirm import decide, is_typed

T = TypeVar("T")


def ask_for_reason(
    title: str,
    words: str,
    *,
    verb: str,
    operation: Callable[[str], Coroutine[Any, Any, T]],
    key: str,
    done: Callable[[T], str],
    more: Callable[[], None] | None = None,
    typed_name: str = "",
    leave: Callable[[], None] | None = None,
) -> None:
    """Open the dialog; call it in the run of the click that asks for it.

    `operation` gets the reason. `more` draws further inputs above it. `words` are markdown. With
    `typed_name` that name must be typed first: for what can't be undone. `leave` runs whichever way
    the dialog closes, for one that the address opens.
    """

    @st.dialog(title, on_dismiss=leave or "ignore")
    def ask() -> None:
        st.markdown(words)
        if more:
            more()
        _ask_why(key)
        decide(
            verb,
            lambda: operation(st.session_state.get(f"{key}_reason", "").strip()),
            key=key,
            done=done,
            is_sure=not typed_name or is_typed(typed_name, key=key),
            leave=leave,
        )

    ask()


def _ask_why(key: str) -> None:
    st.text_input(
        "Reason",
        key=f"{key}_reason",
        max_chars=500,
        placeholder='Kept in the audit, e.g. "Wrong language in answers"',
    )
