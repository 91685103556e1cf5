"""Own the dialog that sets a near-duplicate beside the text it resembles."""

import streamlit as st

from core.search.similar import Neighbour
from core.values.body import VersionBody
from prompthub.wire.literals import Likeness
from streamlit_app.components.diff_view import diff_view
from streamlit_app.formats import plain

HEIGHT = 380
# Characters of a text that scrolls in a box of fixed height, at a narrow window too.
LONG = 1200


def text_of(neighbour: Neighbour) -> VersionBody:
    """Return what a neighbour says; only its texts are compared."""
    return VersionBody(content=neighbour.content, system_prompt=neighbour.system_prompt)


def is_word_for_word(one: VersionBody, other: VersionBody) -> bool:
    """Whether both texts are equal to the letter."""
    return (one.content, one.system_prompt) == (other.content, other.system_prompt)


def title_of(neighbour: Neighbour) -> str:
    """Return the name and version, as plain text."""
    return f"{neighbour.prompt.name} {neighbour.version}"


def badge_of(kind: Likeness) -> str:
    """Return how much alike two texts are, as a badge."""
    if kind == "same":
        return ":orange-badge[:material/content_copy: Same text]"
    return ":gray-badge[:material/difference: Similar]"


def likeness(neighbour: Neighbour) -> str:
    """Return how much alike the texts are, in words; the figures are for a tooltip."""
    shared = f"{neighbour.overlap:.0%} of all runs of three words are in both"
    if neighbour.cosine is None:
        return f"{shared}."
    return f"{shared}; nearness of meaning {neighbour.cosine:.2f} of 1."


def compare_texts(
    left: VersionBody, right: VersionBody, *, titles: tuple[str, str], key: str
) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""

    @st.dialog(f"{plain(titles[0])} and {plain(titles[1])}", width="large")
    def show() -> None:
        show_texts(left, right, titles=titles, key=key, height=HEIGHT)

    show()


def show_texts(
    left: VersionBody, right: VersionBody, *, titles: tuple[str, str], key: str, height: int
) -> None:
    """Draw both texts side by side, or say that they are equal."""
    if is_word_for_word(left, right):
        st.markdown(":material/check: Both texts are the same, word for word.")
        is_long = len(left.content) > LONG
        st.code(
            left.content, language=None, wrap_lines=True, height=height if is_long else "content"
        )
        return
    diff_view(left, right, titles=titles, key=key, height=height)
