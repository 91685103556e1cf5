"""Own the button of the playground that runs what stands in the form, or stops it."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st
from pydantic import ValidationError

from core.documents import ExecutionLog
from core.errors import PromptHubError
from core.execution.stream import ExecutionRequest
from core.values.scope import Scope
from streamlit_app.components.execution_card import model_of
from streamlit_app.components.playground.panel import Panel
from streamlit_app.components.problem import as_problem
from streamlit_app.components.undisturbed import undisturbed


class Form(NamedTuple):
    """What is to be run: `request` reads the inputs by key, and `why_not` says what forbids it."""

    request: Callable[[], ExecutionRequest]
    why_not: str = ""


def run_or_stop(scope: Scope, panel: Panel, form: Form) -> None:
    """Draw Run, or Stop while a run is under way; for those who may run."""
    if form.why_not:
        st.caption(form.why_not, width="content")
        return
    runs = panel.is_running
    # One button for both: of two, the stale one would stay on the page while an answer arrives.
    st.button(
        "Stop" if runs else "Run",
        key="run",
        type="primary",
        icon=":material/stop:" if runs else ":material/play_arrow:",
        shortcut="Esc" if runs else "Ctrl+Enter",
        on_click=panel.stop if runs else start,
        args=() if runs else (scope, panel, panel.number, form),
    )


def start(scope: Scope, panel: Panel, seen: int, form: Form) -> None:
    """Begin what the form holds, unless the press `seen` was served."""
    with undisturbed() as reading:
        try:
            request = reading(form.request)
        except (PromptHubError, ValidationError) as error:
            panel.error, panel.draft = as_problem(error), None
            return
        panel.begin(seen, scope, request)


def address_of(row: ExecutionLog) -> dict[str, str]:
    """Return the address of the playground that runs the same again, with the same values."""
    said = {
        "prompt": row.prompt_id,
        "mode": None if row.prompt_id else "text",
        "application": str(row.application_id),
        "version": row.version,
        "model": model_of(row),
        "execution": str(row.key),
    }
    return {name: value for name, value in said.items() if value}
