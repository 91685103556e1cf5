"""Own trying a connection from its row: the test, and what came of it, in words."""

from collections.abc import Coroutine
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from core.connections.trial import Trial, try_connection
from core.documents import Connection
from core.providers.registry import Connection as Usable
from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.once import once, press_of
from streamlit_app.formats import duration, plain


class Tried(NamedTuple):
    """What is tried: a connection, stored or of the environment, as it is now."""

    name: str
    key: str
    # A changed connection is another one: what it answered before says nothing.
    revision: int = 0
    # LangChain lists no models: the first of ours is asked for a word.
    model: str | None = None

    @property
    def kept(self) -> str:
        """Where in the session what came of it is kept."""
        return f"trial_{self.key}_{self.revision}"


def tried(connection: Connection) -> Tried:
    """Return a stored connection, to be tried."""
    model = next(iter(connection.models), None) if connection.kind == "langchain" else None
    return Tried(connection.name, str(connection.key), connection.revision, model)


def tried_own(connection: Usable) -> Tried:
    """Return a connection of the environment, to be tried."""
    return Tried(connection.name, f"own_{connection.name}")


def test_button(one: Tried) -> None:
    """Draw the button that tries the connection; the outcome is kept for `trial_note`."""
    pressed = once(
        "Test",
        partial(attempt, one.name, one.model),
        key=f"test_{one.key}",
        icon=":material/network_check:",
        help="Asks the model for a word." if one.model else "Asks the server for its models.",
    )
    if (trial := pressed.take()) is not None:
        st.session_state[one.kept] = trial


def trial_note(one: Tried) -> None:
    """Draw what the last test of the connection, as it is now, has shown."""
    press = press_of(f"test_{one.key}", Trial)
    if press.error:
        problem.show(press.error)
        return
    trial: Trial | None = st.session_state.get(one.kept)
    if trial:
        show_trial(trial)


def show_trial(trial: Trial) -> None:
    """Draw the outcome of a test with how long it took."""
    took = f" :small[{duration(trial.latency_ms)}]"
    if trial.is_working:
        st.success(f"**It works.** {plain(trial.message)}{took}", icon=":material/check:")
    else:
        st.error(f"**It does not work.** {plain(trial.message)}{took}", icon=":material/error:")


def attempt(name: str, model: str | None) -> Coroutine[Any, Any, Trial]:
    """Return the test, to be run on the event loop."""
    runtime = viewer.runtime()
    return try_connection(
        viewer.scope(),
        name,
        keyring=runtime.keyring,
        own=runtime.engine.registry.own,
        model=model,
    )


def ask_a_model(one: Tried, models: list[str]) -> None:
    """Open the dialog that asks one model for a word."""
    press_of(f"ask_it_{one.key}").error = None

    @st.dialog(f"Ask a model of {one.name}")
    def ask() -> None:
        st.selectbox(
            "Model",
            models,
            key=f"ask_model_{one.key}",
            index=0 if models else None,
            accept_new_options=True,
            placeholder="Type the name of a model",
        )
        st.caption("It is asked for one word, which costs a few tokens.")
        with st.container(horizontal=True, horizontal_alignment="right"):
            pressed = once(
                "Ask",
                lambda: attempt(one.name, _picked(one)),
                key=f"ask_it_{one.key}",
                type="primary",
            )
        if pressed.error:
            problem.show(pressed.error)
        if (trial := pressed.take()) is not None:
            show_trial(trial)

    ask()


def _picked(one: Tried) -> str | None:
    return st.session_state.get(f"ask_model_{one.key}") or None
