"""Own the row of one prompt: what it is called, what is served, what it says, where it belongs."""

from collections.abc import Iterator

import streamlit as st

from core.documents import Prompt
from core.prompts.catalogue import restore_prompt
from core.search.passage import Passage
from prompthub.wire.literals import PromptState
from streamlit_app.components import problem
from streamlit_app.components.badges import label_badge, state_badge
from streamlit_app.components.library.shelf import Row, Shelf
from streamlit_app.components.once import once
from streamlit_app.components.when import ago
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path


def prompt_row(shelf: Shelf, row: Row) -> None:
    """Draw the row; figures of its runs have their place before the action on the right."""
    prompt = row.prompt
    with st.container(border=True, gap="xxsmall"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container(
                horizontal=True,
                vertical_alignment="center",
                gap="xsmall",
                width="content",
                key=f"name_{prompt.key}_{row.version or ''}",
            ):
                st.page_link(
                    page_path("editor"),
                    label=f":blue[**{name_of(row)}**]",
                    query_params=address(prompt, row.version),
                )
                st.markdown(" ".join(badges(row)), width="content")
            action(shelf, prompt)
        st.markdown(marked(row.passage) or ":gray[No text yet]")
        st.caption(plain_line(shelf, row))


def name_of(row: Row) -> str:
    """Return the name as markdown, the words looked for on a tint, as all of it is bold."""
    if row.name is None:
        return plain(row.prompt.name)
    return "".join(
        f":blue-background[{plain(text)}]" if is_match else plain(text)
        for text, is_match in joined(row.name)
    )


def joined(pieces: Passage) -> Iterator[tuple[str, bool]]:
    """Return the pieces, words that stand side by side as one, as each tint has an edge."""
    run = ""
    for number, (text, is_match) in enumerate(pieces):
        is_between = len(text) == 1 and not text.isalnum() and number < len(pieces) - 1
        if is_match or (run and is_between):
            run += text
            continue
        if run:
            yield run, True
        run = ""
        yield text, False
    if run:
        yield run, True


def address(prompt: Prompt, version: str | None = None) -> dict[str, str]:
    """Return the query of a page about this prompt; about another version than it stands by."""
    query = {"prompt": prompt.prompt_id, "application": str(prompt.application_id)}
    return query if version in (None, standing(prompt)) else {**query, "version": str(version)}


def standing(prompt: Prompt) -> str | None:
    """Return the version that a prompt stands by: what is served, else the newest."""
    return prompt.current_version or prompt.newest_version


def state_of(prompt: Prompt) -> PromptState:
    """Return the state of a prompt."""
    if not prompt.is_active:
        return "inactive"
    return "published" if prompt.current_version else "draft"


def badges(row: Row) -> list[str]:
    """Return the badges: the version found or the state, a newer draft, labels."""
    prompt, state = row.prompt, state_of(row.prompt)
    version = standing(prompt) or ""
    if row.version not in (None, version):
        return [
            f":gray-badge[:material/history: {row.version}]",
            *(label_badge(name) for name, number in prompt.labels.items() if number == row.version),
        ]
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
    """Return the passage as markdown, the matched words bold, side by side as one."""
    return "".join(
        f"**{plain(text)}**"
        if is_match and text[0].isalnum() and text[-1].isalnum()
        else plain(text)
        for text, is_match in joined(passage)
    )


def plain_line(shelf: Shelf, row: Row) -> str:
    """Return where the prompt belongs, when it changed, and why it was found without a word."""
    prompt = row.prompt
    application = shelf.name_of(prompt.application_id)
    shown = [plain(application)] if application else []
    shown += [*map(marked, row.places), f"changed {ago(prompt.updated_at)}"]
    if row.is_by_meaning:
        shown.append("found by its meaning")
    return " · ".join(shown)
