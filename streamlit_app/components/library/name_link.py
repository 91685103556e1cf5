"""Own the head of a row: the name that leads to the editor, and the badges beside it."""

from collections.abc import Iterable

import streamlit as st

from core.documents import Prompt
from core.prompts.listing import PromptMark
from prompthub.wire.literals import PromptState
from streamlit_app.components.badges import label_badge, state_badge
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path


def name_link(
    prompt: Prompt, beside: str, *, key: str, name: str = "", version: str | None = None
) -> None:
    """Draw the name, which is markdown where it is given, and what stands `beside` it."""
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="xsmall",
        width="content",
        key=f"name_{key}",
    ):
        st.page_link(
            page_path("editor"),
            label=f":blue[**{name or plain(prompt.name)}**]",
            query_params=address(prompt, version),
        )
        st.markdown(beside, width="content")


def address(prompt: Prompt | PromptMark, version: str | None = None) -> dict[str, str]:
    """Return the query of a page about this prompt; about another version than it stands by."""
    query = {"prompt": prompt.prompt_id, "application": str(prompt.application_id)}
    if version is None or (isinstance(prompt, Prompt) and version == standing(prompt)):
        return query
    return {**query, "version": version}


def standing(prompt: Prompt) -> str | None:
    """Return the version that a prompt stands by: what is served, else the newest."""
    return prompt.current_version or prompt.newest_version


def state_of(prompt: Prompt) -> PromptState:
    """Return the state of a prompt."""
    if not prompt.is_active:
        return "inactive"
    return "published" if prompt.current_version else "draft"


def badges(prompt: Prompt, found: str | None = None) -> Iterable[str]:
    """Yield the badges: the version found or the state, a newer draft, labels."""
    version = standing(prompt) or ""
    if found not in (None, version):
        yield f":gray-badge[:material/history: {found}]"
        for name, number in prompt.labels.items():
            if number == found:
                yield label_badge(name)
        return
    state = state_of(prompt)
    yield state_badge(state, version=version)
    if state == "published" and prompt.newest_version != version:
        yield state_badge("draft", version=prompt.newest_version or "")
    for name, number in prompt.labels.items():
        yield label_badge(name, version="" if number == version else number)
