"""Own the playground: run a prompt or a free text, watch the answer arrive, talk to it."""

from typing import Literal

import streamlit as st
from bson import ObjectId

from core.errors import AmbiguousPrompt, Invalid, PromptHubError
from core.execution.stream import ExecutionRequest
from core.values.fields import RequiredField
from core.values.generation import ModelParams
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.model_picker import model_picker, read_model
from streamlit_app.components.param_overrides import param_overrides, read_params
from streamlit_app.components.playground.conversation import conversation
from streamlit_app.components.playground.copy_code import copy_code
from streamlit_app.components.playground.examples_bar import examples_bar, offer_to_save
from streamlit_app.components.playground.filling import (
    fill_texts,
    fill_values,
    keep_texts,
    keep_values,
)
from streamlit_app.components.playground.free_text import (
    ask_to_save_prompt,
    free_request,
    text_form,
)
from streamlit_app.components.playground.panel import Panel
from streamlit_app.components.playground.recall import note_newest
from streamlit_app.components.playground.words import (
    ask_for_application,
    link_to_prompt,
    tell_demo_only,
    tell_no_application,
    tell_no_version,
    why_not,
)
from streamlit_app.components.prompt_address import asked_for, choose_application
from streamlit_app.components.prompt_picker import Found, prompt_picker, prompt_search
from streamlit_app.components.run_panel import Form, run_or_stop, start
from streamlit_app.components.run_target import Target, load_free_text, load_target
from streamlit_app.components.title_row import title_row
from streamlit_app.components.variables_form import (
    list_fields,
    read_values,
    variables_form,
)
from streamlit_app.components.version_picker import version_picker

ADDRESS = ("mode", "prompt", "application", "version", "model", "example", "execution")
_LAST = "playground_address"
_MODES = {"prompt": "A prompt", "text": "Free text"}


def main() -> None:
    """Ask for a prompt, or offer to run the one the address names, or a text of one's own."""
    return_to_last()
    scope = viewer.scope()
    if st.query_params.get("mode") == "text":
        work_on_text(scope)
    elif asked_for().prompt_id is None:
        ask_for_prompt(scope)
    else:
        work(scope)


def return_to_last() -> None:
    """Go back to what was tried last when the page is opened from the menu."""
    if "prompt" not in st.query_params and "mode" not in st.query_params:
        for name, value in st.session_state.get(_LAST, {}).items():
            st.query_params[name] = value


def remember_address() -> None:
    """Keep the address for the next time the page is opened from the menu."""
    st.session_state[_LAST] = {
        name: st.query_params[name] for name in ADDRESS if name in st.query_params
    }


def mode_switch(mode: Literal["prompt", "text"]) -> None:
    """Draw the choice between a prompt and a free text."""
    key = f"playground_mode_{mode}"
    st.segmented_control(
        "What to run",
        list(_MODES),
        default=mode,
        required=True,
        key=key,
        format_func=lambda name: _MODES[name],
        on_change=_change_mode,
        args=(key,),
        label_visibility="collapsed",
    )


def _change_mode(key: str) -> None:
    mode: str = st.session_state[key]
    for name in ("mode", "version", "model", "example", "execution"):
        st.query_params.pop(name, None)
    if mode == "text":
        st.query_params["mode"] = "text"


@st.fragment
def ask_for_prompt(scope: Scope) -> None:
    """Begin with the choice of a prompt."""
    if asked_for().prompt_id is not None or "mode" in st.query_params:
        st.rerun()
    title_row("Playground")
    mode_switch("prompt")
    st.markdown("Run a prompt with values of your own. Which one?")
    with st.container(border=True, width=560):
        prompt_search(scope, key="playground_first", on_pick=open_prompt)


def open_prompt(prompt: Found) -> None:
    """Put the prompt into the address; for callbacks."""
    for name in ADDRESS:
        st.query_params.pop(name, None)
    st.query_params["prompt"] = prompt.prompt_id
    st.query_params["application"] = str(prompt.application_id)


def work(scope: Scope) -> None:
    """Draw everything about the prompt of the address.

    Not as a fragment: a fragment's Stop would wait for the answer that it is to stop.
    """
    asked = asked_for()
    if asked.prompt_id is None:
        return
    registry = viewer.runtime().engine.registry
    try:
        target = bridge.run(
            load_target(
                scope, asked.prompt_id, asked.application_id, asked.version, registry=registry
            )
        )
    except AmbiguousPrompt as error:
        choose_application(scope, asked.prompt_id, map(ObjectId, error.candidates), "playground")
        return
    except PromptHubError as error:
        st.session_state.pop(_LAST, None)
        title_row("Playground")
        problem.show(error)
        return
    lay_out(scope, target)
    remember_address()


def lay_out(scope: Scope, target: Target) -> None:
    """Draw the choices, the form left and the answer right."""
    panel = Panel.of_session(target.owner)
    was_running = panel.is_running
    note_newest(panel, keeps_words=target.keeps_content)
    actions = title_row("Playground")
    pickers(scope, target)
    if target.version is None:
        tell_no_version(target)
        return
    if target.is_demo_only:
        tell_demo_only()
    try:
        fields = list_fields(target.version.body)
    except Invalid as error:
        problem.show(error, title="The text of this version can't be used.")
        return
    fill_values(scope, panel, target, fields)
    drawn = panel.number, was_running
    form = Form(lambda: prompt_request(target, fields), why_not(target))
    with actions:
        link_to_prompt(target)
        run_or_stop(scope, panel, form)
    left, right = st.columns(2, gap="medium")
    with left:
        examples_bar(scope, target, fields)
        pressed = variables_form(fields, owner=target.owner)
        param_overrides(target.version.model_params, owner=target.owner)
        with st.container(horizontal=True):
            offer_to_save(scope, target, fields)
            copy_code(target, form)
    if pressed and not form.why_not:
        start(scope, panel, panel.number, form)
    keep_values(scope, target, fields)
    with right:
        remember_address()
        conversation(scope, panel, drawn=drawn, may_run=not form.why_not)


def pickers(scope: Scope, target: Target) -> None:
    """Draw the choice of prompt, version and model."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode_switch("prompt")
        with st.container(gap="xxsmall", width=280):
            st.markdown(":small[Prompt]")
            prompt_picker(
                scope, target.prompt.name, key="playground_prompt", on_pick=open_prompt, width=280
            )
        version_picker(target)
        model_picker(target)


def prompt_request(target: Target, fields: list[RequiredField]) -> ExecutionRequest:
    """Return what stands in the form.

    Raises:
        Invalid: a list or an object is not written as one.
        ValidationError: a parameter is out of its bounds.
    """
    return ExecutionRequest(
        application_id=target.prompt.application_id,
        prompt_id=target.prompt.prompt_id,
        version=target.selector,
        variables=read_values(fields, owner=target.owner),
        model=read_model(target),
        model_params=read_params(owner=target.owner),
        metadata={"source": "playground"},
    )


def work_on_text(scope: Scope) -> None:
    """Draw the form of a free text left and the answer right."""
    registry = viewer.runtime().engine.registry
    target = bridge.run(load_free_text(scope, asked_for().application_id, registry=registry))
    actions = title_row("Playground")
    application = target.application
    if application is None:
        mode_switch("text")
        tell_no_application()
        return
    owner = application.key
    panel = Panel.of_session(owner)
    was_running = panel.is_running
    keeps_words = application.log_content == "full"
    note_newest(panel, keeps_words=keeps_words)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode_switch("text")
        ask_for_application(target)
        with st.container(width=420):
            model_picker(target)
    if target.is_demo_only:
        tell_demo_only()
    fill_texts(scope, panel, owner, keeps_words=keeps_words)
    drawn = panel.number, was_running
    form = Form(lambda: free_request(target, owner))
    with actions:
        saves = st.button("Save as a prompt...", key="free_save", icon=":material/save:")
        run_or_stop(scope, panel, form)
    if saves:
        ask_to_save_prompt(scope, target, owner)
    left, right = st.columns(2, gap="medium")
    with left:
        text_form(owner)
        param_overrides(ModelParams(), owner=owner)
    if keeps_words:
        keep_texts(scope, owner)
    with right:
        remember_address()
        conversation(scope, panel, drawn=drawn, may_run=True)


if __name__ == "__main__":
    main()
