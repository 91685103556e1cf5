"""Own the texts of two versions side by side."""

from collections.abc import Sequence

import streamlit as st

from core.values.body import VersionBody
from streamlit_app.components.desk.working_copy import AREAS
from streamlit_app.editor import merge_view


def diff_view(
    old: VersionBody, new: VersionBody, *, titles: tuple[str, str], key: str, height: int
) -> None:
    """Show every text that differs, the prompt first; nothing where all are equal."""
    changed = [(area, title) for area, title in AREAS if getattr(old, area) != getattr(new, area)]
    for area, title in changed:
        if len(changed) > 1:
            st.caption(title)
        merge_view(
            getattr(old, area),
            getattr(new, area),
            key=f"{key}_{area}",
            height=height,
            old_title=titles[0],
            new_title=titles[1],
        )


def changed_texts(old: VersionBody, new: VersionBody) -> Sequence[str]:
    """Return the titles of the texts that differ."""
    return [title for area, title in AREAS if getattr(old, area) != getattr(new, area)]
