"""Own the row of one prompt: what it is called, what is served, what it says, where it belongs."""

import streamlit as st

from core.documents import Prompt
from core.prompts.catalogue import restore_prompt
from core.prompts.passages import Passage
from prompthub.wire.literals import PromptState
from streamlit_app.components import problem
from streamlit_app.components.badges import label_badge, state_badge
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.once import once
from streamlit_app.components.when import ago
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path


def prompt_row(shelf: Shelf, prompt: Prompt, passage: Passage) -> None:
    """Draw the row; figures of its runs have their place before the action on the right."""
    with st.container(border=True, gap="xxsmall"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container(
                horizontal=True,
                vertical_alignment="center",
                gap="xsmall",
                width="content",
                key=f"name_{prompt.key}",
            ):
                st.page_link(
                    page_path("editor"),
                    label=f":blue[**{plain(prompt.name)}**]",
                    query_params=address(prompt),
                )
                st.markdown(" ".join(badges(prompt)), width="content")
            action(shelf, prompt)
        st.markdown(marked(passage) or ":gray[No text yet]")
        st.caption(plain_line(shelf, prompt))


def address(prompt: Prompt) -> dict[str, str]:
    """Return the query of a page about this prompt."""
    return {"prompt": prompt.prompt_id, "application": str(prompt.application_id)}


def state_of(prompt: Prompt) -> PromptState:
    """Return the state of a prompt."""
    if not prompt.is_active:
        return "inactive"
    return "published" if prompt.current_version else "draft"


def badges(prompt: Prompt) -> list[str]:
    """Return the badges: the state with its version, a newer draft, labels."""
    state = state_of(prompt)
    version = prompt.current_version or prompt.newest_version or ""
    shown = [state_badge(state, version=version)]
    if state == "published" and prompt.newest_version != version:
        shown.append(state_badge("draft", version=prompt.newest_version or ""))
    return shown + [
        label_badge(name, version="" if number == version else number)
        for name, number in prompt.labels.items()
    ]


def action(shelf: Shelf, prompt: Prompt) -> None:
    """Draw the one thing to do besides opening: try it, or put it back into service."""
    if prompt.is_active:
        st.page_link(
            page_path("playground"),
            label="Try",
            icon=":material/play_arrow:",
            query_params=address(prompt),
        )
        return
    if not shelf.holds("operator", prompt.application_id):
        return
    press = once(
        "Restore",
        lambda: restore_prompt(shelf.scope, prompt),
        key=f"restore_{prompt.key}",
        icon=":material/unarchive:",
        done=lambda restored: f"Restored {plain(restored.name)}.",
    )
    if press.error:
        problem.show(press.error)


def marked(passage: Passage) -> str:
    """Return the passage as markdown, the matched words bold."""
    return "".join(
        f"**{plain(text)}**"
        if is_match and text[0].isalnum() and text[-1].isalnum()
        else plain(text)
        for text, is_match in passage
    )


def plain_line(shelf: Shelf, prompt: Prompt) -> str:
    """Return where the prompt belongs and when it changed."""
    parts = [shelf.name_of(prompt.application_id), prompt.folder, ", ".join(prompt.tags)]
    return " · ".join(
        [*(plain(part) for part in parts if part), f"changed {ago(prompt.updated_at)}"]
    )
