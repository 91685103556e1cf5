"""Own the cards of a set-up: model, version and parameters of each column, and the columns."""

from typing import Any, Final

import streamlit as st

from core.documents import PromptVersion
from core.errors import PromptHubError
from core.execution.comparisons import MAX_COLUMNS
from core.values.generation import ModelParams
from streamlit_app.components import problem
from streamlit_app.components.compare.address import Wanted, write_columns
from streamlit_app.components.compare.bench import Bench
from streamlit_app.components.compare.naming import params_words
from streamlit_app.components.param_control import param_control
from streamlit_app.components.params import PARAMS
from streamlit_app.components.version_picker import version_options

NARROWEST: Final = 250


def column_editor(bench: Bench) -> None:
    """Draw a card for each column, and one that adds another."""
    with st.grid(min(4, len(bench.columns) + 1), min_column_width=NARROWEST, key="compare_setup"):
        for at in range(len(bench.columns)):
            with st.container(border=True):
                _card(bench, at)
        if len(bench.columns) < MAX_COLUMNS:
            with st.container(border=True):
                st.markdown(":small[**Another column**]")
                st.caption("Begins as a copy of the last one, on the next model.")
                st.button(
                    "Add a column",
                    key="compare_add",
                    icon=":material/add:",
                    on_click=write_columns,
                    args=([*bench.columns, _next(bench)],),
                )


def _next(bench: Bench) -> Wanted:
    """Return the last column on a model that no column has yet, else as it is."""
    last, taken = bench.columns[-1], {column.model for column in bench.columns}
    free = [one.name for one in bench.target.models if one.name not in taken]
    return last.model_copy(update={"model": free[0]}) if free else last


def _card(bench: Bench, at: int) -> None:
    wanted = bench.columns[at]
    st.markdown(f":small[**Column {at + 1}**]")
    _model(bench, at, wanted)
    _version(bench, at, wanted)
    _params(bench, at, wanted)
    found = bench.versions.get(wanted.version)
    if isinstance(found, PromptHubError):
        problem.show(found)
    with st.container(horizontal=True, gap="medium"):
        _button(bench, at, "Copy", "content_copy", _copied(bench, at))
        _button(bench, at, "Remove", "close", _without(bench, at))


def _copied(bench: Bench, at: int) -> list[Wanted]:
    return [*bench.columns[: at + 1], bench.columns[at], *bench.columns[at + 1 :]]


def _without(bench: Bench, at: int) -> list[Wanted]:
    return [*bench.columns[:at], *bench.columns[at + 1 :]]


def _button(bench: Bench, at: int, words: str, icon: str, columns: list[Wanted]) -> None:
    is_full, is_last = len(bench.columns) >= MAX_COLUMNS, len(bench.columns) == 1
    st.button(
        words,
        key=f"compare_{words.lower()}_{at}",
        type="tertiary",
        icon=f":material/{icon}:",
        help=f"{words} column {at + 1}",
        disabled=is_full if words == "Copy" else is_last,
        on_click=write_columns,
        args=(columns,),
    )


def _model(bench: Bench, at: int, wanted: Wanted) -> None:
    labels = {choice.name: choice.label for choice in bench.target.models}
    if wanted.model and wanted.model not in labels:
        labels[wanted.model] = f"{wanted.model} (not offered here now)"
    key = f"compare_model_{at}"
    # What the address says, also after a column before this one was removed.
    st.session_state[key] = wanted.model
    st.selectbox(
        "Model",
        list(labels),
        key=key,
        index=None,
        format_func=lambda name: labels.get(str(name), str(name)),
        placeholder="Choose a model",
        accept_new_options=True,
        help="Pick one, or type connection/model.",
        on_change=_change,
        args=(bench, at, "model", key),
    )


def _version(bench: Bench, at: int, wanted: Wanted) -> None:
    options = version_options(bench.target)
    if wanted.version and wanted.version not in options:
        options[wanted.version] = wanted.version
    key = f"compare_version_{at}"
    st.session_state[key] = wanted.version
    st.selectbox(
        "Version",
        list(options),
        key=key,
        index=None,
        format_func=lambda name: options.get(str(name), str(name)),
        # A column without a version runs what is served.
        placeholder=next(iter(options.values()), "No version yet"),
        on_change=_change,
        args=(bench, at, "version", key),
    )


def _params(bench: Bench, at: int, wanted: Wanted) -> None:
    said = params_words(wanted.params)
    with st.expander(said or "Parameters", key=f"compare_params_{at}"):
        given = wanted.params.model_dump(exclude_none=True) if wanted.params else {}
        key = f"compare_picked_{at}"
        st.session_state[key] = list(given)
        picked = st.pills(
            "Set for this column",
            list(PARAMS),
            selection_mode="multi",
            format_func=lambda name: PARAMS[name].title,
            key=key,
            help="What is not picked stays as the version has it.",
            on_change=_pick_params,
            args=(bench, at, key),
        )
        for name in picked:
            value_key = f"compare_param_{at}_{name}"
            st.session_state[value_key] = _shown(name, given[name])
            param_control(
                PARAMS[name],
                given[name],
                key=value_key,
                on_change=lambda name=name, value_key=value_key: _set_param(
                    bench, at, name, st.session_state[value_key]
                ),
            )


def _shown(name: str, value: Any) -> object:
    match PARAMS[name].control:
        case "slider":
            return float(value)
        case "number":
            return int(value)
        case "words":
            return [*map(str, value)]


def _change(bench: Bench, at: int, name: str, key: str) -> None:
    typed: str | None = st.session_state[key]
    columns = list(bench.columns)
    try:
        columns[at] = Wanted.model_validate({**columns[at].model_dump(), name: typed or None})
    except ValueError:
        st.session_state["compare_error"] = (
            f"**{typed!r} is no model.** Write it as connection/model, like openai/gpt-4o-mini."
        )
        return
    write_columns(columns)


def _pick_params(bench: Bench, at: int, key: str) -> None:
    wanted = bench.columns[at]
    found = bench.versions.get(wanted.version)
    own = found.body.model_params if isinstance(found, PromptVersion) else ModelParams()
    given = wanted.params.model_dump(exclude_none=True) if wanted.params else {}
    values: dict[str, Any] = {}
    for name in st.session_state[key]:
        usual = getattr(own, name)
        start = PARAMS[name].start if usual is None else usual
        values[name] = given.get(name, start)
    _store(bench, at, values)


def _set_param(bench: Bench, at: int, name: str, value: Any) -> None:
    wanted = bench.columns[at]
    given = wanted.params.model_dump(exclude_none=True) if wanted.params else {}
    _store(bench, at, {**given, name: value})


def _store(bench: Bench, at: int, values: dict[str, Any]) -> None:
    columns = list(bench.columns)
    params = ModelParams.model_validate(values) if values else None
    columns[at] = columns[at].model_copy(update={"params": params})
    write_columns(columns)
