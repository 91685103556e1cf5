"""Own the set-up of a comparison: the prompt, its inputs, its columns, what it costs, and Run."""

from collections.abc import Coroutine
from typing import Any

import streamlit as st
from bson import ObjectId

from core import clock
from core.documents import Comparison, PromptVersion
from core.errors import AmbiguousPrompt, Invalid, PromptHubError
from core.execution.compare import Position, stream
from core.execution.comparisons import NewComparison, create_comparison
from core.execution.forecast import Forecast, Planned, forecast_cost
from core.values.scope import Scope
from streamlit_app import bridge, formats, viewer
from streamlit_app.components import problem
from streamlit_app.components.compare.acts import RUN, blind_switch
from streamlit_app.components.compare.address import COLUMN, as_columns, leave
from streamlit_app.components.compare.bench import Bench, load_bench
from streamlit_app.components.compare.column_editor import column_editor
from streamlit_app.components.compare.inputs import choose_inputs, read_inputs, repetitions
from streamlit_app.components.compare.live import LiveComparisons
from streamlit_app.components.once import once
from streamlit_app.components.prompt_address import choose_application
from streamlit_app.components.prompt_picker import Found, prompt_picker
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import counted, money, plain

_LIVE = "compare_live"


def live_comparisons() -> LiveComparisons:
    """Return what runs in this session."""
    return st.session_state.setdefault(_LIVE, LiveComparisons())


def set_up(scope: Scope, prompt_id: str) -> None:
    """Draw the set-up of the address."""
    try:
        bench = load_bench(scope, prompt_id, registry=viewer.runtime().engine.registry)
    except AmbiguousPrompt as error:
        choose_application(scope, prompt_id, map(ObjectId, error.candidates), "compare")
        return
    actions = title_row("Compare")
    with st.container(horizontal=True, vertical_alignment="center"):
        _offer_saved(bench)
        prompt_picker(
            scope,
            bench.target.prompt.name,
            key="compare_prompt",
            on_pick=open_prompt,
            width=300,
        )
        words = st.empty()
    if error := st.session_state.pop("compare_error", ""):
        st.error(error, icon=":material/error:")
    place = st.container()
    # One box, so that cards that grow take its place at once and nothing of it lingers below them.
    with st.container():
        column_editor(bench)
        choose_inputs(bench)
    with actions:
        press = _offer_run(bench)
    words.caption(_cost_words(bench))
    if press:
        with place:
            problem.show(press)


def open_prompt(prompt: Found) -> None:
    """Begin a set-up with the prompt; for callbacks. The models of the columns stay."""
    leave(("version", COLUMN))
    st.query_params["prompt"] = prompt.prompt_id
    st.query_params["application"] = str(prompt.application_id)


def _offer_run(bench: Bench) -> PromptHubError | None:
    """Draw Run; return why it could not begin."""
    blind_switch()
    if not bench.target.can_run:
        st.caption(_why_not(bench), width="content")
        return None
    runs = live_comparisons()
    press = once(
        f"Run {counted(len(bench.columns), 'column')}",
        lambda: _create(bench),
        key=RUN,
        done=lambda made: begin(runs, bench.scope, made),
        type="primary",
        icon=":material/play_arrow:",
        shortcut="Ctrl+Enter",
    )
    return press.error


def _offer_saved(bench: Bench) -> None:
    """Draw the way back where a comparison has it too, so that it stays there when one begins."""
    st.button(
        "Saved",
        key="compare_saved",
        type="tertiary",
        icon=":material/arrow_back:",
        help="All comparisons of this application",
        on_click=_to_saved,
        args=(bench.target.prompt.application_id,),
    )


def _to_saved(application_id: ObjectId) -> None:
    leave(("prompt", "version", "model", COLUMN))
    st.query_params["application"] = str(application_id)


def _why_not(bench: Bench) -> str:
    if not bench.target.prompt.is_active:
        return "This prompt is inactive; restore it to run it."
    if not bench.target.application.is_active:
        return "The application is inactive; restore it to run its prompts."
    return "Running needs the role editor."


def _create(bench: Bench) -> Coroutine[Any, Any, Comparison]:
    prompt = bench.target.prompt
    for column in bench.columns:
        if column.model is None and not _own_model(bench, column.version):
            raise Invalid("A column has no model.", field="columns", remedy="Choose one.")
    at = formats.exact(clock.now(), zone=viewer.zone()).rpartition(":")[0]
    new = NewComparison(
        application_id=prompt.application_id,
        name=f"{prompt.name[:160]}, {at}",
        columns=tuple(as_columns(bench.columns, prompt.prompt_id)),
        inputs=tuple(read_inputs(bench)),
        repetitions=repetitions(),
    )
    return create_comparison(bench.scope, new, limits=viewer.runtime().engine.limits)


def _own_model(bench: Bench, selector: str | None) -> str | None:
    found = bench.versions.get(selector)
    return found.body.model if isinstance(found, PromptVersion) else None


def begin(runs: LiveComparisons, scope: Scope, made: Comparison) -> str:
    """Run all of a comparison and let the page go to it, which says its name without a toast."""
    engine = viewer.runtime().engine
    every = [
        Position(column, at, repetition)
        for column in range(len(made.columns))
        for at in range(len(made.inputs))
        for repetition in range(made.repetitions)
    ]
    runs.start(made, lambda: stream(scope, made, engine=engine), every)
    return ""


def _cost_words(bench: Bench) -> str:
    inputs: list[dict[str, Any]]
    try:
        inputs = read_inputs(bench)
    except PromptHubError:
        inputs = [{}]
    planned = [
        Planned(column.model, found.body, column.params.max_tokens if column.params else None)
        for column in bench.columns
        if isinstance(found := bench.versions.get(column.version), PromptVersion)
    ]
    prompt, registry = bench.target.prompt, viewer.runtime().engine.registry
    forecast = bridge.run(
        forecast_cost(prompt.application_id, prompt.prompt_id, planned, inputs, registry=registry)
    )
    runs = len(bench.columns) * len(inputs) * repetitions()
    return f"{_about(forecast, len(planned))} for {counted(runs, 'run')}{_rests_on(forecast)}"


def _about(forecast: Forecast, columns: int) -> str:
    if columns and forecast.free == columns:
        return "Free"
    if forecast.unknown >= columns:
        return "Cost unknown"
    cost = plain(money(forecast.cost_usd * repetitions()))
    left_out = f" without {counted(forecast.unknown, 'column')} of unknown price"
    return f"About {cost}{left_out if forecast.unknown else ''}"


def _rests_on(forecast: Forecast) -> str:
    if not forecast.cost_usd:
        return ""
    length = f"{forecast.output_tokens} tokens"
    if forecast.recent:
        return f", at {length} an answer as in the last {counted(forecast.recent, 'run')}"
    return f", if an answer has {length}"
