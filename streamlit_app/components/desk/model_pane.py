"""Own the choice of the model and the parameters of generation that travel with a version."""

from typing import Any, cast

import streamlit as st

from streamlit_app import viewer
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.model_select import model_select
from streamlit_app.components.param_control import param_control
from streamlit_app.components.params import PARAMS
from streamlit_app.formats import plain


def model_pane(desk: Desk) -> None:
    """Draw the controls; for viewers what is set, in words."""
    if desk.opened.can_write:
        _pick_model(desk)
        _pick_params(desk)
    else:
        _tell(desk)


def _pick_model(desk: Desk) -> None:
    model_select(
        "Model",
        desk.copy.model,
        key=desk.key("model"),
        placeholder=f"As set for the prompt: {inherited_model(desk)}",
        help="The model that runs this version, unless a caller names another.",
    )


def inherited_model(desk: Desk) -> str:
    """Return the model that runs the text where it names none itself."""
    settings = viewer.runtime().settings
    return desk.opened.prompt.default_model or settings.providers.default_model or "none yet"


def _pick_params(desk: Desk) -> None:
    chosen = st.pills(
        "Parameters",
        list(PARAMS),
        selection_mode="multi",
        default=[name for name in PARAMS if name in desk.copy.params],
        format_func=lambda name: PARAMS[name].title,
        key=desk.key("params"),
        help="What is not picked stays as the model's provider has it.",
    )
    for name in PARAMS:
        if name in chosen:
            value = desk.copy.params.get(name, PARAMS[name].start)
            param_control(PARAMS[name], value, key=desk.key(f"param_{name}"))
    if not chosen:
        st.caption("Everything is left to the model's provider. Pick a parameter to set it.")


def _tell(desk: Desk) -> None:
    st.markdown(f"Model: **{plain(desk.copy.model or inherited_model(desk))}**")
    for name, value in desk.copy.params.items():
        st.markdown(f"{PARAMS[name].title}: **{plain(_say(value))}**", help=PARAMS[name].help)
    if not desk.copy.params:
        st.caption("All parameters are left to the model's provider.")


def _say(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, cast("list[object]", value)))
    return str(value)
