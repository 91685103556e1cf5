"""Own the choice of the model of a run, the one that belongs to the prompt picked at first."""

import streamlit as st

from streamlit_app import viewer
from streamlit_app.components.run_target import FreeText, Target


def model_picker(target: Target | FreeText) -> None:
    """Draw the choice; another one than the usual goes into the address."""
    labels = {choice.name: choice.label for choice in target.models}
    asked = st.query_params.get("model") or None
    usual = usual_model(target)
    first = asked or usual
    if first and first not in labels:
        labels[first] = f"{first} (not offered here now)"
    key = _key(target, usual)
    typed: str | None = st.session_state.get(key)
    if typed and typed not in labels:
        labels[typed] = typed
    names = list(labels)
    st.selectbox(
        "Model",
        names,
        index=names.index(first) if first else None,
        key=key,
        format_func=lambda name: labels.get(str(name), str(name)),
        on_change=_write_address,
        args=(key, usual),
        placeholder="Choose a model",
        accept_new_options=True,
        help="Pick one, or type connection/model. The version's own model is picked at first.",
    )


def read_model(target: Target | FreeText) -> str | None:
    """Return the model picked."""
    return st.session_state.get(_key(target, usual_model(target))) or None


def usual_model(target: Target | FreeText) -> str | None:
    """Return the model to start with; the demo only where nothing else is set up."""
    if target.is_demo_only:
        return next((choice.name for choice in target.models if choice.is_demo), None)
    default = viewer.runtime().settings.providers.default_model
    first = next((choice.name for choice in target.models if not choice.is_demo), None)
    return target.own_model or default or first


def _key(target: Target | FreeText, usual: str | None) -> str:
    # Another usual model is another choice: of another version, or set since.
    return f"playground_model_{target.owner}_{usual}"


def _write_address(key: str, usual: str | None) -> None:
    chosen: str | None = st.session_state[key]
    if chosen and chosen != usual:
        st.query_params["model"] = chosen
    elif "model" in st.query_params:
        del st.query_params["model"]
