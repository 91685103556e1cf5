"""Own the row of one prompt: what it is called, what is served, what it says, where it belongs."""

from collections.abc import Iterator

import streamlit as st

from core.documents import Prompt
from core.prompts.catalogue import restore_prompt
from core.search.passage import Passage
from streamlit_app.components import problem
from streamlit_app.components.library.figures import show_figures
from streamlit_app.components.library.name_link import address, badges, name_link
from streamlit_app.components.library.row_menu import row_menu
from streamlit_app.components.library.shelf import Row, Shelf
from streamlit_app.components.once import once
from streamlit_app.components.when import ago
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path


def prompt_row(shelf: Shelf, row: Row) -> None:
    """Draw the row: name and figures, the passage, the place."""
    prompt = row.prompt
    key = f"{prompt.key}_{row.version or ''}"
    with st.container(border=True, horizontal=True, gap="small"):
        with st.container(gap="xxsmall"):
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
            ):
                beside = " ".join(badges(prompt, row.version))
                with st.container():  # on a narrow page it shrinks, and the figures stay in line
                    name_link(prompt, beside, key=key, name=name_of(row), version=row.version)
                show_figures(shelf.figures[prompt.key])
            st.markdown(marked(row.passage) or ":gray[No text yet]")
            st.caption(plain_line(shelf, row))
        with st.container(gap="xxsmall", width="content", horizontal_alignment="right"):
            action(shelf, prompt, key)
            row_menu(shelf, prompt, key)


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


def action(shelf: Shelf, prompt: Prompt, key: str) -> None:
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
        key=f"restore_{key}",
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
