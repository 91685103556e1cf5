"""Own the choice of a model by its full name."""

import streamlit as st

from streamlit_app import bridge, viewer


def model_select(label: str, value: str | None, *, key: str, placeholder: str, help: str) -> None:  # noqa: A002  # st.selectbox's word
    """Draw the models offered here, with `value` even where it is not offered now."""
    registry = viewer.runtime().engine.registry
    labels = {choice.name: choice.label for choice in bridge.run(registry.models())}
    if value and value not in labels:
        labels[value] = f"{value} (not offered here now)"
    names = list(labels)
    st.selectbox(
        label,
        names,
        index=names.index(value) if value else None,
        key=key,
        format_func=lambda name: labels.get(str(name), str(name)),
        placeholder=placeholder,
        help=help,
        accept_new_options=True,
    )
