"""Own the run of the playground: its button, and the answer as it arrives and when it is there."""

import threading
from dataclasses import dataclass, field

import streamlit as st
from bson import ObjectId
from pydantic import ValidationError
from streamlit.delta_generator import DeltaGenerator

from core.documents import ExecutionLog
from core.errors import NotFound, PromptHubError, ProviderTimeout
from core.execution.log import get_execution
from core.execution.stream import ExecutionRequest, stream
from core.values.fields import RequiredField
from core.values.generation import ModelParams
from core.values.scope import Scope
from prompthub.wire.literals import ExecutionStatus
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.answer_text import answer_markdown
from streamlit_app.components.badges import status_badge
from streamlit_app.components.execution_card import Figures, figures_line, model_of
from streamlit_app.components.live_run import LiveRun
from streamlit_app.components.model_picker import read_model
from streamlit_app.components.once import DOUBLE_CLICK_SECONDS
from streamlit_app.components.param_overrides import fill_in_params, read_params
from streamlit_app.components.problem import as_problem
from streamlit_app.components.run_target import Target
from streamlit_app.components.sent_messages import sent_messages
from streamlit_app.components.variables_form import fill_in, read_values
from streamlit_app.formats import duration
from streamlit_app.navigation import page_path

_STATE = "playground_panel"


@dataclass
class Panel:
    """The runs of one prompt in one browser session; `number` grows with each."""

    owner: ObjectId
    number: int = 0
    run: LiveRun | None = None
    error: PromptHubError | None = None
    filled_from: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of_session(cls, target: Target) -> "Panel":
        """Return the panel of this session; another prompt begins with an empty one."""
        panel: Panel | None = st.session_state.get(_STATE)
        if panel is None or panel.owner != target.prompt.key:
            if panel and panel.run:
                panel.run.stop()
            panel = st.session_state[_STATE] = Panel(target.prompt.key)
        return panel

    def start(self, seen: int, scope: Scope, request: ExecutionRequest) -> None:
        """Begin the run drawn as number `seen`, unless that was done or is a double click."""
        answers = stream(scope, request, engine=viewer.runtime().engine)
        # The two clicks of a double click are two reruns, each in a thread of its own.
        with self._lock:
            if self.number == seen and not self._is_double_click():
                self.number += 1
                self.error = None
                self.run = LiveRun(answers)

    def stop(self) -> None:
        """Stop the run; the second click of a double click on Run may meet Stop in its place."""
        if self.run and not self._is_double_click():
            self.run.stop()

    def _is_double_click(self) -> bool:
        run = self.run
        return run is not None and run.elapsed_ms() < DOUBLE_CLICK_SECONDS * 1000


def run_or_stop(scope: Scope, panel: Panel, target: Target, fields: list[RequiredField]) -> None:
    """Draw Run, or Stop while a run is under way; for those who may run."""
    if not target.can_run:
        st.caption(_why_not(target), width="content")
        return
    runs = panel.run is not None and not panel.run.is_over
    # One button for both: of two, the stale one would stay on the page while an answer arrives.
    st.button(
        "Stop" if runs else "Run",
        key="run",
        type="primary",
        icon=":material/stop:" if runs else ":material/play_arrow:",
        shortcut="Esc" if runs else "Ctrl+Enter",
        on_click=panel.stop if runs else _start,
        args=() if runs else (scope, panel, panel.number, target, fields),
    )


def _why_not(target: Target) -> str:
    if not target.prompt.is_active:
        return "This prompt is inactive; restore it to run it."
    if not target.application.is_active:
        return "The application is inactive; restore it to run its prompts."
    return "Running needs the role editor."


def _start(
    scope: Scope,
    panel: Panel,
    seen: int,
    target: Target,
    fields: list[RequiredField],
) -> None:
    # Reading widgets may abort this run for a second click: nothing is begun before that is done.
    owner = target.prompt.key
    try:
        request = ExecutionRequest(
            application_id=target.prompt.application_id,
            prompt_id=target.prompt.prompt_id,
            version=target.selector,
            variables=read_values(fields, owner=owner),
            model=read_model(target),
            model_params=read_params(owner=owner),
            metadata={"source": "playground"},
        )
    except (PromptHubError, ValidationError) as error:
        panel.error, panel.run = as_problem(error), None
        return
    panel.start(seen, scope, request)


def answer_pane(scope: Scope, panel: Panel) -> None:
    """Draw the answer, following it while it arrives."""
    if panel.error:
        problem.show(panel.error)
    run = panel.run
    if run is None:
        with st.container(border=True):
            st.caption("The answer appears here. Fill in the variables and run the prompt.")
        return
    if not run.is_over:
        head, box = st.empty(), st.container(border=True).empty()
        run.follow(lambda: _draw_growing(run, head, box))
        st.rerun()
    _draw_end(run)
    if run.execution_id:
        _offer_log(scope, run.execution_id)


def _draw_growing(run: LiveRun, head: DeltaGenerator, box: DeltaGenerator) -> None:
    waits = "" if run.text else ", waiting for the first text"
    head.markdown(f"{status_badge('running')} :small[{duration(run.elapsed_ms())}{waits}]")
    if run.text:
        box.markdown(answer_markdown(run.text))


def _draw_end(run: LiveRun) -> None:
    st.markdown(status_badge(_status(run)))
    if run.result:
        figures_line(Figures.of_result(run.result))
    if run.text:
        st.container(border=True).markdown(answer_markdown(run.text))
    elif run.result:
        st.caption("The model answered no text.")
    if run.error:
        problem.show(run.error)


def _status(run: LiveRun) -> ExecutionStatus:
    if run.was_stopped:
        return "cancelled"
    return "success" if run.result else "timeout" if _timed_out(run) else "failed"


def _timed_out(run: LiveRun) -> bool:
    return isinstance(run.error, ProviderTimeout)


def _offer_log(scope: Scope, execution_id: ObjectId) -> None:
    st.page_link(
        page_path("executions"),
        label="Open in the log",
        icon=":material/list_alt:",
        query_params={"execution": str(execution_id)},
    )
    messages = st.expander("Messages sent", key=f"sent_{execution_id}", on_change="rerun")
    if messages.open:
        with messages:
            row = bridge.run(get_execution(scope, execution_id))
            sent_messages(row, key=f"playground_{execution_id}")


def address_of(row: ExecutionLog) -> dict[str, str]:
    """Return the address of the playground that runs the same again, with the same values."""
    said = {
        "prompt": row.prompt_id,
        "application": str(row.application_id),
        "version": row.version,
        "model": model_of(row),
        "execution": str(row.key),
    }
    return {name: value for name, value in said.items() if value}


def fill_from_log(scope: Scope, panel: Panel, target: Target, fields: list[RequiredField]) -> None:
    """Fill the form with the values of the run that the address names, once."""
    asked = st.query_params.get("execution", "")
    if not ObjectId.is_valid(asked) or panel.filled_from == asked:
        return
    panel.filled_from = asked
    try:
        row = bridge.run(get_execution(scope, ObjectId(asked)))
    except NotFound:
        return
    owner = target.prompt.key
    fill_in(fields, row.input_data.get("variables", {}), owner=owner)
    if target.version:
        params = ModelParams.model_validate(row.input_data.get("model_params", {}))
        fill_in_params(params, target.version.model_params, owner=owner)
