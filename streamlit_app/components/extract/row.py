"""Own one proposal in the list: its tick, what it is, and its form while it is open."""

import re

import streamlit as st

from core.search.similar import Neighbour
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.badges import state_badge
from streamlit_app.components.extract import acts
from streamlit_app.components.extract.form import form
from streamlit_app.components.extract.state import Item, Review
from streamlit_app.components.extract.twin import twin_line
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

SNIPPET = 150
_ADDRESS = re.compile(r"https?|www|@", re.IGNORECASE)
MAX_NAME = 50
SURE = 0.85
UNSURE = 0.65


def proposal_row(
    scope: Scope,
    review: Review,
    item: Item,
    *,
    following: Item | None,
    near: Neighbour | None,
    is_open: bool,
) -> None:
    """Draw the row; `following` is the proposal that it could be merged with."""
    can_write = review.can_write(scope)
    with st.container(border=True, gap="xxsmall", key=f"found_{item.start}"):
        _head(scope, review, item, can_write=can_write, is_open=is_open)
        if item.saved:
            _saved(review, item)
        if item.is_dropped and can_write:
            st.button(
                "Take it back",
                key=f"take_up_{item.start}",
                type="tertiary",
                icon=":material/undo:",
                on_click=acts.take_up,
                args=(scope, review, item),
            )
        twin_line(review, item, near)
        if item.start in review.refused:
            problem.show(review.refused[item.start], title="Not saved.")
        if is_open and can_write and item.is_open:
            form(scope, review, item, following)
        elif is_open:
            st.code(item.content, language=None, wrap_lines=True)
        else:
            _snippet(item)


def _head(scope: Scope, review: Review, item: Item, *, can_write: bool, is_open: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if can_write and item.is_open:
            _tick(scope, review, item)
        with st.container(key=f"name_found_{item.start}", width="stretch"):
            st.button(
                f"**{plain(_short(item.name))}**",
                key=f"open_{item.start}",
                type="tertiary",
                help="Close it." if is_open else "Open it, and show it in the source.",
                on_click=acts.close if is_open else acts.select,
                args=(review,) if is_open else (review, item.start, item.end),
            )
        st.markdown(" ".join(_badges(item)), width="content")


def _tick(scope: Scope, review: Review, item: Item) -> None:
    key = f"tick_{item.start}"
    # What the review says counts, also after ticking all, an undo, or a look at the library.
    st.session_state[key] = item.ticked
    st.checkbox(
        f"Save {item.name}",
        key=key,
        label_visibility="collapsed",
        on_change=acts.tick,
        args=(scope, review, item.start, key),
    )


def _badges(item: Item) -> list[str]:
    badges: list[str] = []
    if item.parts > 1:
        badges.append(f":gray-badge[:material/merge: {item.parts} merged]")
    if item.saved:
        badges.append(":green-badge[:material/check: Saved]")
    elif item.is_marked:
        badges.append(":gray-badge[:material/ink_highlighter: Marked by you]")
    elif item.kind == "answer":
        badges.append(":gray-badge[:material/forum: Answer]")
    return badges


def _confidence(value: float) -> str:
    word = "sure" if value >= SURE else "likely" if value >= UNSURE else "unsure"
    return f"{value:.0%} {word}".replace("%", " %")


def _short(name: str) -> str:
    """Return a name that fits the line; the form has the whole of it."""
    called = " ".join(name.split()) or "Without a name"
    return called if len(called) <= MAX_NAME else called[:MAX_NAME].rstrip() + "\u2026"


def _saved(review: Review, item: Item) -> None:
    saved = item.saved
    if saved is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if not saved.prompt_id:
            st.caption("The prompt made of it is gone.")
            return
        st.page_link(
            page_path("editor"),
            label=f"Open {plain(saved.name)}",
            icon=":material/edit_note:",
            query_params={
                "prompt": saved.prompt_id,
                "application": str(review.source.application_id),
            },
        )
        if saved.version:
            st.markdown(state_badge("draft", version=saved.version), width="content")


def _snippet(item: Item) -> None:
    text = " ".join(item.content[: SNIPPET * 2].split())
    shown = text if len(text) <= SNIPPET else text[:SNIPPET].rsplit(" ", 1)[0] + "\u2026"
    # What looks like an address in somebody else's text is no link.
    unlinked = _ADDRESS.sub("\\g<0>\u2060", plain(shown))
    st.markdown(f":small[{unlinked}]")
    about = [f"page {item.page}"] if item.page else []
    if item.confidence is not None and not item.saved:
        about.append(_confidence(item.confidence))
    about.append(counted(len(item.content), "character"))
    if item.variables:
        about.append("variables " + ", ".join(f"`{name}`" for name in item.variables[:6]))
    if item.tags:
        about.append(plain(", ".join(item.tags)))
    if item.described_by:
        about.append(f"described by {plain(item.described_by)}")
    if item.is_edited:
        about.append("edited")
    st.caption(" · ".join(about))
    if item.problem and item.ticked:
        st.markdown(f":small[:orange[:material/warning:] {plain(item.problem)}]")
