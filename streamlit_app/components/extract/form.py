"""Own the form of the proposal that is open: every field is stored when it is left."""

import streamlit as st

from core.values.scope import Scope
from streamlit_app.components.extract import acts
from streamlit_app.components.extract.state import Item, Review
from streamlit_app.formats import plain

LINE_PX, LEAST_PX, MOST_PX = 22, 120, 320
CHARACTERS_A_LINE = 56


def form(scope: Scope, review: Review, item: Item, following: Item | None) -> None:
    """Draw the fields with the acts below."""
    key = f"form_{item.start}_{item.end}_{review.generation}"
    _line(scope, review, item, key)
    st.text_area(
        "Text",
        item.content,
        key=f"{key}_content",
        height=_height(item.content),
        max_chars=64 * 1024,
        on_change=acts.edit,
        args=(scope, review, item.start, "content", f"{key}_content"),
    )
    if item.problem:
        st.markdown(f":small[:red[:material/error:] {plain(item.problem)}]")
    elif item.variables:
        names = " ".join(f":gray-badge[{plain(name)}]" for name in item.variables)
        st.markdown(f":small[:gray[Variables]] {names}")
    else:
        st.caption("No variables. Write one in braces, e.g. {{ topic }}.")
    _acts(scope, review, item, following)


def _line(scope: Scope, review: Review, item: Item, key: str) -> None:
    st.text_input(
        "Name",
        item.name,
        key=f"{key}_name",
        max_chars=200,
        on_change=acts.edit,
        args=(scope, review, item.start, "name", f"{key}_name"),
    )
    st.text_input(
        "Description",
        item.description,
        key=f"{key}_description",
        max_chars=5_000,
        placeholder="What it is for, in a sentence; searched in the library.",
        on_change=acts.edit,
        args=(scope, review, item.start, "description", f"{key}_description"),
    )
    st.multiselect(
        "Tags",
        item.tags,
        default=item.tags,
        key=f"{key}_tags",
        accept_new_options=True,
        max_selections=50,
        placeholder="Type a tag and press Enter",
        on_change=acts.edit,
        args=(scope, review, item.start, "tags", f"{key}_tags"),
    )


def _acts(scope: Scope, review: Review, item: Item, following: Item | None) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Merge with next",
            key=f"merge_{item.start}",
            icon=":material/merge:",
            type="tertiary",
            disabled=following is None,
            help=f"Adds the text of \u201c{following.name}\u201d." if following else None,
            on_click=acts.merge,
            args=(scope, review, item, following),
        )
        st.button(
            "Unmark" if item.is_marked else "Drop",
            key=f"drop_{item.start}",
            icon=":material/block:",
            type="tertiary",
            help="Takes your mark away. Undo brings it back."
            if item.is_marked
            else "Puts it aside. You find it under Dropped.",
            on_click=acts.drop,
            args=(scope, review, item),
        )
        if item.is_edited:
            st.button(
                "As found",
                key=f"reset_{item.start}",
                icon=":material/restart_alt:",
                type="tertiary",
                help="Takes your edits of it back, and parts what was merged.",
                on_click=acts.reset,
                args=(scope, review, item),
            )


def _height(text: str) -> int:
    lines = sum(1 + len(line) // CHARACTERS_A_LINE for line in text.split("\n"))
    return min(max(lines * LINE_PX + 30, LEAST_PX), MOST_PX)
