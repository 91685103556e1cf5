"""Own what the versions of one prompt were used for lately, and how they were rated."""

from collections.abc import Mapping

import streamlit as st

from core.analytics.answer import answer
from core.analytics.figures import Figures
from core.analytics.question import MAX_TOP, Filters, Question
from core.analytics.window import make_window
from core.documents import Prompt
from core.values.scope import Scope
from streamlit_app.components.library.figures import OF_WHEN, words_of

RUNS_WIDTH = 80
RATING_WIDTH = 80


async def load_version_figures(scope: Scope, prompt: Prompt) -> Mapping[str, Figures]:
    """Return the figures of the last 30 days by version, with one question for all of them.

    A prompt with more than `MAX_TOP` versions in use tells those that are used most.
    """
    question = Question(
        window=make_window(),
        filters=Filters(application_id=prompt.application_id, prompt_id=prompt.prompt_id),
        group_by=("version",),
        parts=frozenset({"counts", "ratings"}),
        top=MAX_TOP,
    )
    found = await answer(scope, question)
    return {
        version: item.figures
        for item in found.items
        if not item.is_other and (version := item.keys.get("version"))
    }


def show_version_figures(figures: Figures | None) -> None:
    """Draw the runs and the rating in columns of one width."""
    runs, _, _, stars = words_of(figures or Figures())
    with st.container(horizontal=True, gap="xsmall", width="content"):
        st.caption(runs, width=RUNS_WIDTH, text_alignment="right", help=f"The {OF_WHEN}.")
        st.caption(stars, width=RATING_WIDTH, text_alignment="right")
