"""Own the tab of similar prompts: what of the library says nearly what is on the desk."""

import asyncio
from dataclasses import dataclass

import streamlit as st
from bson import ObjectId

from core.accounts.directory import Listed, list_names
from core.errors import Invalid, PromptHubError
from core.search.similar import Neighbour, find_similar
from core.values.body import VersionBody
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.badges import state_badge
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.library.name_link import address
from streamlit_app.components.search.compare import (
    badge_of,
    compare_texts,
    likeness,
    text_of,
    title_of,
)
from streamlit_app.components.search.notice import search_notice
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

_STATE = "similar_prompts"


@dataclass(frozen=True)
class Looked:
    """What was found for a text, so that other typing in the editor asks nobody again."""

    prompt_key: ObjectId
    text: tuple[str, str]
    is_by_meaning: bool
    found: list[Neighbour]
    applications: dict[ObjectId, Listed]


def similar_pane(desk: Desk) -> None:
    """Draw the neighbours of the text as it is typed now, those of other prompts only."""
    try:
        body = desk.copy.readable()
    except Invalid as error:
        problem.show(error)
        return
    if not body.content.strip():
        st.caption("Prompts like this one appear here as you write.")
        return
    try:
        with st.spinner("Looking for similar prompts..."):
            looked = _look(viewer.scope(), desk, body)
    except PromptHubError as error:
        problem.show(error)
        return
    search_notice(is_search=True)
    if not looked.found:
        st.markdown(":small[:material/check_circle: No other prompt says nearly the same.]")
        st.caption("Compared are the prompts you can read, by meaning and by words.")
        return
    with st.container(gap="xsmall"):
        for neighbour in looked.found:
            _row(neighbour, body, looked.applications)


def _look(scope: Scope, desk: Desk, body: VersionBody) -> Looked:
    engine, prompt = viewer.runtime().search, desk.opened.prompt
    kept: object = st.session_state.get(_STATE)
    text = (body.content, body.system_prompt)
    is_by_meaning = engine.embeddings.status == "ready"
    if (
        isinstance(kept, Looked)
        and (kept.prompt_key, kept.text) == (prompt.key, text)
        and kept.is_by_meaning == is_by_meaning
    ):
        return kept

    async def load() -> Looked:
        found, applications = await asyncio.gather(
            find_similar(scope, None, body, title=prompt.name, exclude=prompt.key, engine=engine),
            list_names(scope),
        )
        named = {application.key: application for application in applications}
        return Looked(prompt.key, text, is_by_meaning, found, named)

    looked = bridge.run(load())
    st.session_state[_STATE] = looked
    return looked


def _row(neighbour: Neighbour, body: VersionBody, applications: dict[ObjectId, Listed]) -> None:
    prompt = neighbour.prompt
    application = applications.get(prompt.application_id)
    state = "published" if prompt.current_version == neighbour.version else "draft"
    with st.container(
        border=True,
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        with st.container(gap="xxsmall", width="stretch", key=f"similar_{prompt.key}"):
            # No link: one to the page that is open would look as if it were this very prompt.
            if st.button(
                f":blue[**{plain(prompt.name)}**]",
                key=f"similar_open_{prompt.key}",
                type="tertiary",
                help="Open it; what you typed here is kept.",
            ):
                st.switch_page(page_path("editor"), query_params=address(prompt))
            st.markdown(
                f"{badge_of(neighbour.kind)} {state_badge(state, version=neighbour.version)} "
                f":small[:gray[{plain(application.name if application else '')}]]"
            )
        if st.button(
            "Compare",
            key=f"similar_compare_{prompt.key}",
            type="tertiary",
            icon=":material/compare:",
            help=likeness(neighbour),
        ):
            compare_texts(
                text_of(neighbour),
                VersionBody(content=body.content, system_prompt=body.system_prompt),
                titles=(title_of(neighbour), "your text"),
                key=f"similar_text_{prompt.key}",
            )
