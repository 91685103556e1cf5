"""Own the export of ratings as CSV: one row for each rating of a version."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import streamlit as st
from bson import ObjectId

from core.accounts.directory import find_named, find_people
from core.feedback.named import NamedRating, count_ratings, iterate_ratings
from core.feedback.standing import StandingQuery
from core.prompts.catalogue import get_prompt
from core.values.scope import Scope
from streamlit_app.components.csv_text import to_csv
from streamlit_app.components.export_dialog import Kind, Made, export_dialog
from streamlit_app.components.feedback.choices import Choice
from streamlit_app.components.feedback.ratings_drawer import author
from streamlit_app.components.job import Progress
from streamlit_app.formats import plain

LIMIT: Final = 20_000
COLUMNS: Final = (
    "rated_at", "application", "prompt_id", "version", "rating", "comment", "suggestion",
    "suggestion_done_at", "by", "execution_id",
)  # fmt: skip


def offer_export(scope: Scope, choice: Choice) -> None:
    """Draw the button that opens the export."""
    if not st.button("Export", key="feedback_export", type="tertiary", icon=":material/download:"):
        return
    about = f"of {plain(choice.words)}" if choice.words else "of everything you may see"
    kind = Kind("prompthub-ratings.csv", "text/csv", partial(make, scope, choice))
    export_dialog(
        "Export ratings",
        f"One row for each rating {about}, with comment and suggestion, newest first; at most "
        f"{LIMIT:,}.",
        {"CSV": kind},
        key="ratings_export",
    )


async def make(scope: Scope, choice: Choice, tell: Progress) -> Made:
    """Read the ratings and write the file.

    Raises:
        NotFound: the prompt or the application is no longer visible.
    """
    key = None
    if choice.prompt_id:
        key = (await get_prompt(scope, choice.prompt_id, choice.application_id)).key
    query = StandingQuery(application_id=choice.application_id, prompt_key=key)
    total = await count_ratings(scope, query)
    found: list[NamedRating] = []
    async for one in iterate_ratings(scope, query, limit=LIMIT):
        found.append(one)
        tell(min(len(found), total), total)
    applications = await find_named(scope, {one.application_id for one in found})
    people = await find_people(scope, {one.feedback.user_id for one in found})
    rows = [_row(one, applications, author(people, one.feedback.user_id, scope)) for one in found]
    return Made(to_csv([list(COLUMNS), *rows]), len(rows), was_cut=total > LIMIT)


def _row(one: NamedRating, applications: Mapping[ObjectId, str], who: str) -> list[Any]:
    feedback = one.feedback
    return [
        feedback.updated_at.isoformat(),
        applications.get(one.application_id, ""),
        one.prompt_id or "",
        one.version or "",
        feedback.rating,
        feedback.comment,
        feedback.improvement_suggestion,
        feedback.done_at.isoformat() if feedback.done_at else "",
        who,
        str(feedback.execution_id or ""),
    ]
