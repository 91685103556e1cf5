"""Own the dialog that asks before what others notice: publish, move, roll back, delete, revoke."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import streamlit as st

from streamlit_app.components import problem
from streamlit_app.components.once import once

T = TypeVar("T")


def confirm(
    title: str,
    words: str,
    *,
    verb: str,
    operation: Callable[[], Coroutine[Any, Any, T]],
    key: str,
    done: Callable[[T], str],
    typed_name: str = "",
) -> None:
    """Open the dialog; call it in the run of the click that asks for it.

    `words` (markdown) say what happens and whether it can be undone; `verb` names the act on its
    button ("Publish 3.0.0"). With `typed_name` that name must be typed first: for deletion. After
    success the dialog closes, the page runs again and shows `done(result)` as a toast.
    """

    @st.dialog(title)
    def ask() -> None:
        st.markdown(words)
        is_sure = not typed_name or is_typed(typed_name, key=key)
        decide(verb, operation, key=key, done=done, is_sure=is_sure)

    ask()


def decide(
    verb: str,
    operation: Callable[[], Coroutine[Any, Any, T]],
    *,
    key: str,
    done: Callable[[T], str],
    is_sure: bool = True,
    leave: Callable[[], None] | None = None,
) -> None:
    """Draw the foot of a dialog: Cancel and the act, both of which close it, after `leave`."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        is_cancelled = st.button("Cancel", key=f"{key}_cancel", type="tertiary")
        press = once(verb, operation, key=key, done=done, type="primary", disabled=not is_sure)
    if press.error:
        problem.show(press.error)
    if press.take() is not None or is_cancelled:
        if leave:
            leave()
        st.rerun()


def is_typed(name: str, *, key: str) -> bool:
    """Ask to type the name of what is destroyed; tell whether it stands there."""
    return st.text_input(f"Type `{name}` to confirm", key=f"{key}_typed").strip() == name
