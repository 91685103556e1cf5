"""Own what the library has of a proposal already: looked up for the page that is open."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import streamlit as st
from pymongo.errors import PyMongoError

from core.errors import PromptHubError
from core.search.engine import SearchEngine
from core.search.similar import Neighbour, find_similar
from core.values.body import VersionBody
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components.extract.state import Item, Review
from streamlit_app.components.search.compare import (
    badge_of,
    compare_texts,
    likeness,
    text_of,
    title_of,
)
from streamlit_app.components.ticker import tick_every
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

MAX_KEPT: Final = 3_000
EVERY_MS: Final = 1_000


def look_around(scope: Scope, review: Review, items: Sequence[Item]) -> None:
    """Have near-duplicates of the proposals looked for, behind the page, and show them then."""
    new = [one for one in items if one.is_open and _is_new(review, one)]
    if not new:
        return
    if review.looking is None or review.looking.done():
        bridge.run(_begin(scope, review, new, viewer.runtime().search))
    st.caption("Comparing with the library...")
    tick_every(EVERY_MS, key="twin_ticker")


def _is_new(review: Review, item: Item) -> bool:
    return bool(item.content.strip()) and (item.name, item.content) not in review.near


async def _begin(scope: Scope, review: Review, items: Sequence[Item], engine: SearchEngine) -> None:
    if review.looking is None or review.looking.done():
        review.looking = asyncio.create_task(_look(scope, review, items, engine))


async def _look(scope: Scope, review: Review, items: Sequence[Item], engine: SearchEngine) -> None:
    if len(review.near) > MAX_KEPT:
        review.near.clear()
    for item in items:
        near: list[Neighbour] = []
        # What can't be compared now counts as compared: the proposal is none the worse for it.
        with suppress(PromptHubError, PyMongoError):
            near = await find_similar(
                scope,
                review.source.application_id,
                VersionBody(content=item.content),
                title=item.name,
                engine=engine,
                limit=1,
            )
        review.near[item.name, item.content] = near[0] if near else None


def twin_line(review: Review, item: Item, near: Neighbour | None) -> None:
    """Say which prompt of the library says the same or nearly, with the way to it."""
    if not item.is_open or (near is None and item.same is None):
        return
    name, prompt_id = _named(item, near)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(badge_of(near.kind if near else "same"), width="content")
        st.page_link(
            page_path("editor"),
            label=plain(name),
            query_params={"prompt": prompt_id, "application": str(review.source.application_id)},
        )
        if near is not None and st.button(
            "Compare",
            key=f"twin_{item.start}",
            type="tertiary",
            icon=":material/compare:",
            help=likeness(near),
        ):
            compare_texts(
                text_of(near),
                VersionBody(content=item.content),
                titles=(title_of(near), "the proposal"),
                key=f"twin_text_{item.start}",
            )


def _named(item: Item, near: Neighbour | None) -> tuple[str, str]:
    if near is not None:
        return near.prompt.name, near.prompt.prompt_id
    return (item.same.name, item.same.prompt_id) if item.same else ("", "")
