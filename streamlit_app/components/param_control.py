"""Own the input of one parameter of generation."""

from collections.abc import Callable
from typing import Any, Literal, cast

import streamlit as st

from streamlit_app.components.params import Param

MAX_STOPS = 4


def param_control(
    param: Param,
    value: Any,
    *,
    key: str,
    persist: Literal["session"] | None = None,
    on_change: Callable[[], None] | None = None,
) -> None:
    """Draw the control of a parameter, starting with `value`.

    `persist` keeps it when the page is left. What the page put under the key goes before `value`.
    """
    match param.control:
        case "slider":
            st.slider(
                param.title,
                float(param.low),
                float(param.high),
                float(value),
                step=float(param.step),
                key=key,
                help=param.help,
                persist_state=persist,
                on_change=on_change,
            )
        case "number":
            st.number_input(
                param.title,
                int(param.low),
                int(param.high),
                int(value),
                step=int(param.step),
                key=key,
                help=param.help,
                persist_state=persist,
                on_change=on_change,
            )
        case "words":
            texts = list(cast("list[str]", value))
            _words(param, texts, key=key, persist=persist, on_change=on_change)


def _words(
    param: Param,
    texts: list[str],
    *,
    key: str,
    persist: Literal["session"] | None,
    on_change: Callable[[], None] | None,
) -> None:
    st.multiselect(
        param.title,
        texts,
        default=texts,
        key=key,
        help=param.help,
        accept_new_options=True,
        max_selections=MAX_STOPS,
        placeholder="Type a text and press Enter",
        persist_state=persist,
        on_change=on_change,
    )
