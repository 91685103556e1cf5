"""Own the versions page: the history of a prompt, newest first, and what can be done with it."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st
from bson import ObjectId

from core.accounts.applications import get_application
from core.analytics.figures import Figures
from core.analytics.prompt_figures import figures_by_version
from core.documents import Application, Prompt
from core.errors import AmbiguousPrompt, PromptHubError
from core.prompts.catalogue import get_prompt
from core.prompts.versions import VersionPage, list_versions
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem, version_acts
from streamlit_app.components.badges import label_badge, state_badge
from streamlit_app.components.comparison import A_PAIR, picked, show_comparison
from streamlit_app.components.extract.source_note import source_note
from streamlit_app.components.library.figures import OF_WHEN
from streamlit_app.components.pages import Pages
from streamlit_app.components.prompt_address import (
    Asked,
    asked_for,
    choose_application,
    no_prompt,
)
from streamlit_app.components.title_row import title_row
from streamlit_app.components.version_row import version_row
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

PAGES = Pages("versions_page", 20)


class History(NamedTuple):
    """One page of a prompt's versions."""

    prompt: Prompt
    application: Application
    versions: VersionPage
    figures: Mapping[str, Figures]


def main() -> None:
    """Load what the address asks for and draw the timeline."""
    scope, asked = viewer.scope(), asked_for()
    if asked.prompt_id is None:
        no_prompt("Versions")
        return
    try:
        history = bridge.run(load(scope, asked, skip=PAGES.skip))
    except AmbiguousPrompt as error:
        choose_application(scope, asked.prompt_id, map(ObjectId, error.candidates), "versions")
        return
    draw_head(history)
    source_note(scope, history.prompt)
    draw_timeline(scope, history)
    PAGES.draw(history.versions.total)
    offer_comparison(scope, history.prompt)


async def load(scope: Scope, asked: Asked, *, skip: int) -> History:
    """Load the prompt and the page of its versions that the address names."""
    prompt = await get_prompt(scope, asked.prompt_id or "", asked.application_id)
    application, versions, figures = await asyncio.gather(
        get_application(scope, prompt.application_id),
        list_versions(scope, prompt, skip=skip, limit=PAGES.size),
        figures_by_version(scope, (prompt.application_id, prompt.prompt_id)),
    )
    return History(prompt, application, versions, figures)


def draw_head(history: History) -> None:
    """Draw the title with the way back to the text, and what is served."""
    prompt = history.prompt
    with title_row(f"Versions of {plain(prompt.name)}"):
        st.page_link(
            page_path("editor"),
            label="Open in the editor",
            icon=":material/edit_note:",
            query_params={
                "prompt": prompt.prompt_id,
                "application": str(prompt.application_id),
            },
        )
    badges = [label_badge(name, version=number) for name, number in prompt.labels.items()]
    if not prompt.is_active:
        badges.insert(0, state_badge("inactive"))
    elif prompt.current_version:
        badges.insert(0, state_badge("published", version=prompt.current_version))
    total = counted(history.versions.total, "version")
    st.markdown(f"{' '.join(badges)} :small[:gray[{total} · {plain(history.application.name)}]]")


def draw_timeline(scope: Scope, history: History) -> None:
    """Draw the rows, and open the dialog of the act chosen in one of them."""
    prompt = history.prompt
    role = scope.role_in(prompt.application_id) or "viewer"
    if not history.versions.total:
        st.markdown(
            "No versions yet. Write the text in the editor and save it: that makes version 1.0.0."
        )
        return
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.caption(how_to_compare(history.versions.total), width="content")
        st.caption(OF_WHEN.capitalize(), width="content")
    with st.container(gap="xsmall"):
        for version in history.versions.items:
            act = version_row(prompt, version, role, history.figures.get(version.version))
            if act is not None:
                version_acts.start(act, scope, prompt, version)


def how_to_compare(total: int) -> str:
    """Return what to tick next."""
    numbers = picked()
    if total == 1:
        return "Save or publish again, and the two can be compared here."
    if len(numbers) == 1:
        return f"Tick another version to compare it with {plain(numbers[0])}."
    return "Tick two versions to compare them."


def offer_comparison(scope: Scope, prompt: Prompt) -> None:
    """Compare two ticked versions."""
    numbers = picked()
    if len(numbers) == A_PAIR:
        try:
            show_comparison(scope, prompt, numbers)
        except PromptHubError as error:
            problem.show(error)


if __name__ == "__main__":
    main()
