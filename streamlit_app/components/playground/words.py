"""Own what the playground says and offers around a run: why not, where else to go."""

import streamlit as st

from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.run_target import FreeText, Target
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path


def why_not(target: Target) -> str:
    """Return why the prompt can't be run by the viewer, "" where it can."""
    if target.can_run:
        return ""
    if not target.prompt.is_active:
        return "This prompt is inactive; restore it to run it."
    if not target.application.is_active:
        return "The application is inactive; restore it to run its prompts."
    return "Running needs the role editor."


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


def link_to_prompt(target: Target) -> None:
    """Offer the text of the version, and the comparison of it with others."""
    address = _address(target)
    st.page_link(
        page_path("compare"), label="Compare", icon=":material/compare:", query_params=address
    )
    _link_to_editor(address)


def tell_no_version(target: Target) -> None:
    """Say why nothing can be run, and where to go."""
    if target.error:
        problem.show(target.error)
        return
    name = plain(target.prompt.name)
    st.markdown(f"**{name}** has no version yet. Write its text in the editor and save it.")
    _link_to_editor(_address(target))


def tell_no_application() -> None:
    """Say why no text can be run."""
    st.markdown(
        "Running needs the role editor in an application. Ask somebody who administers one."
    )


def ask_for_application(target: FreeText) -> None:
    """Draw the choice of the application that a free text is run and paid by."""
    if not target.applications[1:] or target.application is None:
        return
    names = {str(one.key): one.name for one in target.applications}
    key = f"playground_application_{target.application.key}"
    st.selectbox(
        "Application",
        list(names),
        index=list(names).index(str(target.application.key)),
        key=key,
        format_func=lambda one: names.get(str(one), str(one)),
        on_change=_change_application,
        args=(key,),
        help="Its log and its budget take the run.",
    )


def _change_application(key: str) -> None:
    st.query_params.pop("execution", None)
    st.query_params["application"] = st.session_state[key]


def _link_to_editor(address: dict[str, str]) -> None:
    st.page_link(
        page_path("editor"),
        label="Open in editor",
        icon=":material/edit_note:",
        query_params=address,
    )


def _address(target: Target) -> dict[str, str]:
    said = {
        "prompt": target.prompt.prompt_id,
        "application": str(target.prompt.application_id),
        "version": target.version.version if target.version else "",
    }
    return {name: value for name, value in said.items() if value}
