"""Own the place in the playground where what is being tried is copied as code."""

from typing import get_args

import streamlit as st
from pydantic import ValidationError

from core.errors import PromptHubError
from core.execution.stream import ExecutionRequest
from streamlit_app import viewer
from streamlit_app.addresses import shown_address
from streamlit_app.components import problem
from streamlit_app.components.playground.snippets import (
    KEY_VARIABLE,
    Act,
    Call,
    Language,
    make_call,
    write_code,
)
from streamlit_app.components.problem import as_problem
from streamlit_app.components.run_panel import Form
from streamlit_app.components.run_target import Target
from streamlit_app.formats import plain

_ACTS: dict[Act, str] = {"execute": "Run it", "render": "Only fill it in"}
_LANGUAGES: dict[Language, str] = {"python": "Python", "curl": "curl"}


def copy_code(target: Target, form: Form) -> None:
    """Offer the values of the form as code that does the same from an application."""
    box = st.popover(
        "Copy as code", icon=":material/terminal:", type="tertiary", key="code", on_change="rerun"
    )
    if box.open:
        with box:
            _draw(target, form)


def _draw(target: Target, form: Form) -> None:
    with st.container(horizontal=True):
        language: Language = st.segmented_control(
            "Language",
            get_args(Language),
            default="python",
            required=True,
            format_func=lambda name: _LANGUAGES[name],
            key="code_language",
            label_visibility="collapsed",
        )
        act: Act = st.segmented_control(
            "What it does",
            get_args(Act),
            default="execute",
            required=True,
            format_func=lambda name: _ACTS[name],
            key="code_act",
            label_visibility="collapsed",
        )
    try:
        request = form.request()
    except (PromptHubError, ValidationError) as error:
        problem.show(as_problem(error))
        return
    st.caption(f"Put the key of the application into {KEY_VARIABLE} first.")
    if target.version and not target.version.is_published:
        st.caption(
            f":material/warning: {plain(target.version.version)} is a draft, and an API key runs "
            "published versions only. Publish it first."
        )
    code = write_code(_call(act, target, request), language)
    st.code(code, language="python" if language == "python" else "bash", wrap_lines=True)


def _call(act: Act, target: Target, request: ExecutionRequest) -> Call:
    params = request.model_params
    return make_call(
        act,
        server=shown_address(viewer.runtime().settings.server),
        prompt_id=target.prompt.prompt_id,
        version=target.selector or "latest",
        variables=request.variables,
        model=request.model,
        model_params=params.model_dump(mode="json", exclude_none=True) if params else None,
    )
