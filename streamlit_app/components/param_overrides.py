"""Own the parameters of generation that one run sets otherwise than its version."""

from typing import Any, cast

import streamlit as st
from bson import ObjectId

from core.values.generation import ModelParams
from streamlit_app.components.param_control import param_control
from streamlit_app.components.params import PARAMS


def param_overrides(stored: ModelParams, *, owner: ObjectId) -> None:
    """Draw the parameters folded away; picked ones start with the value of the version."""
    chosen = _chosen(owner)
    title = f"Parameters ({len(chosen)} set for this run)" if chosen else "Parameters"
    with st.expander(title, key=f"params_box_{owner}"):
        picked = st.pills(
            "Set for this run",
            list(PARAMS),
            selection_mode="multi",
            format_func=lambda name: PARAMS[name].title,
            key=_chosen_key(owner),
            persist_state="session",
            help="What is not picked stays as the version has it.",
        )
        for name in PARAMS:
            if name in picked:
                value, param = getattr(stored, name), PARAMS[name]
                start = param.start if value is None else value
                param_control(param, start, key=_key(name, owner), persist="session")
        if not picked:
            st.caption(_say(stored))


def read_params(*, owner: ObjectId) -> ModelParams | None:
    """Return what is set for this run, None where nothing is.

    Raises:
        ValidationError: a value is out of its bounds.
    """
    values: dict[str, Any] = {}
    for name in _chosen(owner):
        value = st.session_state.get(_key(name, owner))
        if value is not None and value != []:
            values[name] = value
    return ModelParams.model_validate(values) if values else None


def fill_in_params(params: ModelParams, stored: ModelParams, *, owner: ObjectId) -> None:
    """Pick what differs from the version; call it before the controls are drawn."""
    given = params.model_dump(exclude_none=True)
    differing = {n: v for n, v in given.items() if v != getattr(stored, n)}
    st.session_state[_chosen_key(owner)] = list(differing)
    for name, value in differing.items():
        match PARAMS[name].control:
            case "slider":
                shown: object = float(value)
            case "number":
                shown = int(value)
            case "words":
                shown = [*map(str, value)]
        st.session_state[_key(name, owner)] = shown


def _chosen(owner: ObjectId) -> list[str]:
    return cast("list[str]", st.session_state.get(_chosen_key(owner)) or [])


def _chosen_key(owner: ObjectId) -> str:
    return f"params_{owner}"


def _key(name: str, owner: ObjectId) -> str:
    return f"param_{owner}_{name}"


def _say(stored: ModelParams) -> str:
    given = stored.model_dump(exclude_none=True)
    if not given:
        return "The version leaves everything to the model's provider."
    said = " · ".join(f"{PARAMS[name].title} {value}" for name, value in given.items())
    return f"The version sets: {said}."
