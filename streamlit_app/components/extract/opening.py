"""Own what a review loads: the source with its proposals, choices, drafts, and same texts."""

import asyncio
from collections.abc import Sequence
from typing import Final

import streamlit as st
from bson import ObjectId

from core.documents import SourceText
from core.extraction.alike import SamePrompt, find_same
from core.extraction.listing import list_saved
from core.extraction.review import list_choices
from core.extraction.sources import Found, get_source, list_found, read_text
from core.search.engine import SearchEngine
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components.extract.address import chosen_stretch
from streamlit_app.components.extract.state import Review

_STATE: Final = "extract_review"


def open_review(scope: Scope, source_id: ObjectId) -> Review:
    """Return the review of a source; text and proposals are read once while it is open.

    Raises:
        NotFound, NotAllowed: there is no such source for the viewer.
    """
    kept: Review | None = st.session_state.get(_STATE)
    review = bridge.run(_load(scope, source_id, kept, viewer.runtime().search))
    st.session_state[_STATE] = review
    review.chosen = chosen_stretch()
    return review


async def reload_saved(scope: Scope, review: Review, engine: SearchEngine) -> None:
    """Look again at what is saved of the source, and what the library has of it."""
    review.saved, review.same = await asyncio.gather(
        list_saved(scope, review.source),
        _same(scope, review.source, review.found, engine),
    )


async def _load(
    scope: Scope, source_id: ObjectId, kept: Review | None, engine: SearchEngine
) -> Review:
    source = await get_source(scope, source_id)
    choices, saved = await asyncio.gather(list_choices(scope, source), list_saved(scope, source))
    if kept is not None and _is_same(kept.source, source):
        kept.choices, kept.saved = choices, saved
        if kept.source.described != source.described:
            kept.found = await list_found(source, kept.text)
            kept.source = source.model_copy(update={"packed": b""})
            kept.generation += 1
        return kept
    text = await read_text(source)
    found = await list_found(source, text)
    same = await _same(scope, source, found, engine)
    # The packed text is not needed twice.
    light = source.model_copy(update={"packed": b""})
    return Review(light, text, found, choices, saved, same)


async def _same(
    scope: Scope, source: SourceText, found: Sequence[Found], engine: SearchEngine
) -> dict[int, SamePrompt]:
    texts = [one.content for one in found]
    prompts = await find_same(scope, source.application_id, texts, engine=engine)
    return {one.start: same for one, same in zip(found, prompts, strict=True) if same}


def _is_same(one: SourceText, other: SourceText) -> bool:
    return (one.key, one.content_digest, one.extracted_by, one.source_url, one.title) == (
        other.key,
        other.content_digest,
        other.extracted_by,
        other.source_url,
        other.title,
    )
