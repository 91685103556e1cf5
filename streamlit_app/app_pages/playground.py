"""Own the playground: run a version with values of your own and watch the answer arrive."""

import streamlit as st
from bson import ObjectId

from core.errors import AmbiguousPrompt, Invalid
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.model_picker import model_picker
from streamlit_app.components.param_overrides import param_overrides
from streamlit_app.components.prompt_address import asked_for, choose_application
from streamlit_app.components.prompt_picker import Found, prompt_picker, prompt_search
from streamlit_app.components.run_panel import Panel, answer_pane, fill_from_log, run_or_stop
from streamlit_app.components.run_target import Target, load_target
from streamlit_app.components.title_row import title_row
from streamlit_app.components.variables_form import list_fields, variables_form
from streamlit_app.components.version_picker import version_picker
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

ADDRESS = ("prompt", "application", "version", "model", "execution")
_LAST = "playground_address"


def main() -> None:
    """Ask for a prompt, or offer to run the one the address names."""
    return_to_last()
    scope = viewer.scope()
    if asked_for().prompt_id is None:
        ask_for_prompt(scope)
    else:
        work(scope)


def return_to_last() -> None:
    """Go back to what was tried last when the page is opened from the menu."""
    if "prompt" not in st.query_params:
        for name, value in st.session_state.get(_LAST, {}).items():
            st.query_params[name] = value


@st.fragment
def ask_for_prompt(scope: Scope) -> None:
    """Begin with the choice of a prompt."""
    if asked_for().prompt_id is not None:
        st.rerun()
    title_row("Playground")
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
    st.session_state[_LAST] = {
        name: st.query_params[name] for name in ADDRESS if name in st.query_params
    }
    lay_out(scope, target)


def lay_out(scope: Scope, target: Target) -> None:
    """Draw the choices, the form left and the answer right."""
    panel = Panel.of_session(target)
    actions = title_row("Playground")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(gap="xxsmall", width=320):
            st.markdown(":small[Prompt]")
            prompt_picker(
                scope, target.prompt.name, key="playground_prompt", on_pick=open_prompt, width=320
            )
        version_picker(target)
        model_picker(target)
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
    fill_from_log(scope, panel, target, fields)
    with actions:
        link_to_editor(target)
        run_or_stop(scope, panel, target, fields)
    left, right = st.columns(2, gap="medium")
    with left:
        variables_form(fields, owner=target.prompt.key)
        param_overrides(target.version.model_params, owner=target.prompt.key)
    with right:
        answer_pane(scope, panel)


def tell_demo_only() -> None:
    """Say why only the demo answers, and lead those who can change it to the connections."""
    words = "No provider of models is set up, so the offline demo answers."
    if not viewer.current_user().is_superuser:
        st.caption(f"{words} A superuser can add a connection.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(words, width="content")
        st.page_link(
            page_path("connections"),
            label="Add a connection",
            icon=":material/hub:",
            width="content",
        )


def link_to_editor(target: Target) -> None:
    """Offer the text of the version."""
    version = target.version.version if target.version else ""
    st.page_link(
        page_path("editor"),
        label="Open in editor",
        icon=":material/edit_note:",
        query_params={
            "prompt": target.prompt.prompt_id,
            "application": str(target.prompt.application_id),
            "version": version,
        },
    )


def tell_no_version(target: Target) -> None:
    """Say why nothing can be run, and where to go."""
    if target.error:
        problem.show(target.error)
    else:
        name = plain(target.prompt.name)
        st.markdown(f"**{name}** has no version yet. Write its text in the editor and save it.")
        st.page_link(
            page_path("editor"),
            label="Open in editor",
            icon=":material/edit_note:",
            query_params={
                "prompt": target.prompt.prompt_id,
                "application": str(target.prompt.application_id),
            },
        )


if __name__ == "__main__":
    main()
