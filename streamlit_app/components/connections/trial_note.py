"""Own trying a connection from its row: the test, and what came of it, in words."""

from collections.abc import Coroutine
from functools import partial
from typing import Any

import streamlit as st

from core.connections.trial import Trial, try_connection
from core.documents import Connection
from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.once import once, press_of
from streamlit_app.formats import duration, plain


def test_button(connection: Connection) -> None:
    """Draw the button that tries the connection; the outcome is kept for `trial_note`."""
    # LangChain lists no models: the first of ours is asked for a word.
    model = next(iter(connection.models), None) if connection.kind == "langchain" else None
    pressed = once(
        "Test",
        partial(attempt, connection, model),
        key=f"test_{connection.key}",
        icon=":material/network_check:",
        help="Asks the model for a word." if model else "Asks the server for its models.",
    )
    if (trial := pressed.take()) is not None:
        st.session_state[_kept(connection)] = trial


def trial_note(connection: Connection) -> None:
    """Draw what the last test of the connection, as it is now, has shown."""
    press = press_of(f"test_{connection.key}", Trial)
    if press.error:
        problem.show(press.error)
        return
    trial: Trial | None = st.session_state.get(_kept(connection))
    if trial:
        show_trial(trial)


def show_trial(trial: Trial) -> None:
    """Draw the outcome of a test with how long it took."""
    took = f" :small[{duration(trial.latency_ms)}]"
    if trial.is_working:
        st.success(f"**It works.** {plain(trial.message)}{took}", icon=":material/check:")
    else:
        st.error(f"**It does not work.** {plain(trial.message)}{took}", icon=":material/error:")


def attempt(connection: Connection, model: str | None) -> Coroutine[Any, Any, Trial]:
    """Return the test, to be run on the event loop."""
    keyring = viewer.runtime().keyring
    return try_connection(viewer.scope(), connection.name, keyring=keyring, model=model)


def _kept(connection: Connection) -> str:
    # A changed connection is another one: what it answered before says nothing.
    return f"trial_{connection.key}_{connection.revision}"


def ask_a_model(connection: Connection, models: list[str]) -> None:
    """Open the dialog that asks one model for a word."""
    press_of(f"ask_{connection.key}").error = None

    @st.dialog(f"Ask a model of {connection.name}")
    def ask() -> None:
        st.selectbox(
            "Model",
            models,
            key=f"ask_model_{connection.key}",
            index=0 if models else None,
            accept_new_options=True,
            placeholder="Type the name of a model",
        )
        st.caption("It is asked for one word, which costs a few tokens.")
        with st.container(horizontal=True, horizontal_alignment="right"):
            pressed = once(
                "Ask",
                lambda: attempt(connection, _picked(connection)),
                key=f"ask_{connection.key}",
                type="primary",
            )
        if pressed.error:
            problem.show(pressed.error)
        if (trial := pressed.take()) is not None:
            show_trial(trial)

    ask()


def _picked(connection: Connection) -> str | None:
    return st.session_state.get(f"ask_model_{connection.key}") or None
