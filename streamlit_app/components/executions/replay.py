"""Own running the same again on another version or model, the new answer beside the old one."""

import threading
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import streamlit as st

from core.documents import ExecutionLog
from core.errors import GuardrailBlocked, PromptHubError, ProviderTimeout
from core.execution.stream import ExecutionRequest, stream
from core.values.generation import ModelParams
from core.values.scope import RANK, Scope
from prompthub.wire.literals import ExecutionStatus
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.answer_text import answer_markdown
from streamlit_app.components.badges import status_badge
from streamlit_app.components.execution_card import Figures, figures_line, model_of
from streamlit_app.components.live_run import LiveRun
from streamlit_app.components.once import DOUBLE_CLICK_SECONDS
from streamlit_app.components.run_target import Target, load_target
from streamlit_app.components.sent_messages import keeps_content
from streamlit_app.formats import duration, plain

PARAMETER: Final = "replay"
REFRESH_SECONDS: Final = 0.4
HEIGHT: Final = 340
_STATE: Final = "replays"


@dataclass
class Replay:
    """The replays of one execution in one browser session; `number` grows with each."""

    number: int = 0
    run: LiveRun | None = None
    _began_at: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of_session(cls, row: ExecutionLog) -> "Replay":
        """Return those of an execution; another execution begins anew."""
        kept: dict[str, Replay] = st.session_state.setdefault(_STATE, {})
        return kept.setdefault(str(row.key), cls())

    @property
    def is_under_way(self) -> bool:
        """Whether an answer still arrives."""
        return self.run is not None and not self.run.is_over

    def start(self, seen: int, scope: Scope, row: ExecutionLog, target: Target) -> None:
        """Begin the run drawn as number `seen`, unless that was done; for callbacks."""
        request = _request(row, target)
        with self._lock:
            if self.number == seen:
                self.number += 1
                self._began_at = time.monotonic()
                self.run = LiveRun(stream(scope, request, engine=viewer.runtime().engine))

    def stop(self) -> None:
        """Stop the run, unless this is the second click of a double click on Run."""
        if self.run and time.monotonic() - self._began_at > DOUBLE_CLICK_SECONDS:
            self.run.stop()


def can_replay(scope: Scope, row: ExecutionLog) -> bool:
    """Tell whether the viewer may run the same again, and what it takes was kept."""
    role = scope.role_in(row.application_id)
    may = role is not None and RANK[role] >= RANK["editor"]
    return may and bool(row.prompt_id) and keeps_content(row) and row.verifies is None


def open_replay() -> None:
    """Say in the address that the execution is to be replayed; for callbacks."""
    st.query_params[PARAMETER] = "1"


def close_replay() -> None:
    """Take it from the address again; for callbacks."""
    st.query_params.pop(PARAMETER, None)


def show_replay(scope: Scope, row: ExecutionLog) -> None:
    """Open the dialog about an execution; closing it leads back to its drawer."""
    registry = viewer.runtime().engine.registry
    try:
        target = bridge.run(
            load_target(
                scope, row.prompt_id or "", row.application_id, row.version, registry=registry
            )
        )
    except PromptHubError as error:
        close_replay()
        problem.show(error)
        return
    replay = Replay.of_session(row)

    @st.dialog(
        plain(f"Replay {target.prompt.name} {row.version or ''}".strip()),
        width="large",
        icon=":material/replay:",
        on_dismiss=close_replay,
    )
    def ask() -> None:
        st.caption(
            "The same values run again, as an execution of its own. On the same version its "
            "parameters are kept; another version brings its own."
        )
        _choices(scope, row, target, replay)
        every = REFRESH_SECONDS if replay.is_under_way else None
        st.fragment(_answers, run_every=every)(row, replay, was_under_way=every is not None)

    ask()


def _choices(scope: Scope, row: ExecutionLog, target: Target, replay: Replay) -> None:
    numbers = [version.version for version in target.versions]
    if row.version and row.version not in numbers:
        numbers.insert(0, row.version)
    models = [choice.name for choice in target.models]
    if model_of(row) and model_of(row) not in models:
        models.insert(0, model_of(row))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Version",
            numbers,
            index=numbers.index(row.version) if row.version else 0,
            key=_version_key(row),
            format_func=lambda number: _name_version(str(number), row, target),
            width=230,
        )
        st.selectbox(
            "Model",
            models,
            index=models.index(model_of(row)) if model_of(row) else 0,
            key=_model_key(row),
            accept_new_options=True,
            width=280,
        )
        runs = replay.is_under_way
        start = partial(replay.start, replay.number, scope, row, target)
        # One button for both, as in the playground: of two, the stale one would stay.
        st.button(
            "Stop" if runs else "Run",
            key="replay_run",
            type="primary",
            icon=":material/stop:" if runs else ":material/play_arrow:",
            shortcut=None if runs else "Ctrl+Enter",
            on_click=replay.stop if runs else start,
        )


def _name_version(number: str, row: ExecutionLog, target: Target) -> str:
    notes = ["this run"] if number == row.version else []
    notes += ["latest"] if number == target.prompt.current_version else []
    return f"{number} ({', '.join(notes)})" if notes else number


def _version_key(row: ExecutionLog) -> str:
    return f"replay_version_{row.key}"


def _model_key(row: ExecutionLog) -> str:
    return f"replay_model_{row.key}"


def _request(row: ExecutionLog, target: Target) -> ExecutionRequest:
    version: str | None = st.session_state[_version_key(row)]
    params = row.input_data.get("model_params", {}) if version == row.version else None
    added: int = row.input_data.get("added_messages", 0)
    return ExecutionRequest(
        application_id=row.application_id,
        prompt_id=target.prompt.prompt_id,
        version=version,
        variables=row.input_data.get("variables", {}),
        messages=tuple(row.rendered_messages[-added:]) if added else (),
        model=st.session_state[_model_key(row)] or None,
        model_params=None if params is None else ModelParams.model_validate(params),
        metadata={"source": "replay", "replay_of": str(row.key)},
    )


def _answers(row: ExecutionLog, replay: Replay, *, was_under_way: bool) -> None:
    if replay.run:
        replay.run.look()
    if was_under_way and not replay.is_under_way:
        st.rerun()  # so that this stops refreshing, and Run is offered again
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**Then** {status_badge(row.status)}")
        figures_line(Figures.of_row(row))
        text = str(row.output_data.get("text", ""))
        with st.container(height=HEIGHT, border=True):
            if row.error_message:
                st.markdown(plain(row.error_message))
            if text:
                st.markdown(answer_markdown(text))
    with right:
        _new_answer(replay)


def _new_answer(replay: Replay) -> None:
    run = replay.run
    if run is None:
        st.markdown("**Now**")
        with st.container(height=HEIGHT, border=True):
            st.caption("Choose a version or a model and run it; the answer appears here.")
        return
    runs = not run.is_over
    st.markdown(f"**Now** {status_badge('running' if runs else _status(run))}")
    if run.result:
        figures_line(Figures.of_result(run.result))
    elif runs:
        st.caption(duration(run.elapsed_ms()))
    with st.container(height=HEIGHT, border=True):
        if run.error:
            problem.show(run.error)
        if run.text:
            st.markdown(answer_markdown(run.text))
    if (
        run.execution_id
        and not runs
        and st.button(
            "Open the new run",
            key="replay_open",
            icon=":material/receipt_long:",
            on_click=_open_new,
            args=(str(run.execution_id),),
        )
    ):
        st.rerun()


def _status(run: LiveRun) -> ExecutionStatus:
    if run.was_stopped:
        return "cancelled"
    match run.error:
        case None:
            return "success"
        case GuardrailBlocked():
            return "blocked"
        case ProviderTimeout():
            return "timeout"
        case _:
            return "failed"


def _open_new(execution_id: str) -> None:
    close_replay()
    st.query_params["execution"] = execution_id
