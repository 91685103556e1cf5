"""Own the quiet line about search: warming up, off, or words only; gone when all is ready."""

import streamlit as st

from core.embeddings.loading import Embeddings
from streamlit_app import viewer

# The fragment of the page that searches again when its name is asked to.
SEARCH = "search"
# A version saved a moment ago is embedded before anybody could miss it.
FEW = 20


def search_notice(*, is_search: bool, meanwhile: str = "Words are found already.") -> None:
    """Say what search cannot do now, and look again every second while that changes by itself.

    `meanwhile` says what that means where it is shown.
    """
    embeddings = viewer.runtime().embeddings
    if embeddings.status == "warming" and not _is_nearly_done(embeddings):
        _follow(is_search=is_search, meanwhile=meanwhile)
    elif is_search and embeddings.status in ("off", "failed"):
        st.caption(f":material/info: {embeddings.notice} Search goes by words.")


@st.fragment(run_every="1s")
def _follow(*, is_search: bool, meanwhile: str) -> None:
    embeddings = viewer.runtime().embeddings
    if embeddings.status == "warming":
        more = "" if embeddings.is_changing_model else f" {meanwhile}"
        words = f":material/hourglass_top: {embeddings.notice}{more}"
        if embeddings.total:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(words, width="content")
                st.progress(min(1.0, embeddings.done / embeddings.total), width=160)
        else:
            st.caption(words)
    elif is_search and embeddings.status == "ready":
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(":material/check: Semantic search is ready.", width="content")
            st.button("Search again", key="search_again", type="tertiary", on_click=_search_again)


def _search_again() -> None:
    st.rerun(SEARCH)


def _is_nearly_done(embeddings: Embeddings) -> bool:
    return embeddings.embedder is not None and embeddings.total - embeddings.done <= FEW
