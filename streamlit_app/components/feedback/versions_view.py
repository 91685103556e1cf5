"""Own the list of rated versions: mean, interval, and the last 30 days against before."""

from typing import Any, Final

import streamlit as st
from bson import ObjectId
from streamlit.delta_generator import DeltaGenerator

from core.errors import PromptHubError
from core.feedback.standing import Order, Standing, StandingQuery, list_standing
from core.values.estimate import Estimate
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.feedback.choices import PAGES, Choice, clear
from streamlit_app.components.feedback.ratings_drawer import open_ratings
from streamlit_app.components.no_match import no_match
from streamlit_app.components.opening_table import opening_table
from streamlit_app.components.when import ago
from streamlit_app.formats import DASH, counted, plain, rating

# Fewer ratings than this say little, and a change between them nothing.
_FEW: Final = 5
_ORDERS: Final[dict[Order, str]] = {
    "last": "Rated last",
    "worst": "Lowest rating",
    "best": "Highest rating",
    "most": "Most ratings",
    "fall": "Fell most",
}


def versions_view(scope: Scope, choice: Choice, row: DeltaGenerator) -> None:
    """Draw the page of the list that is open; its order is chosen in `row`."""
    order = row.selectbox(
        "Sorted by",
        list(_ORDERS),
        key="feedback_order",
        bind="query-params",
        format_func=lambda name: _ORDERS[name],
        label_visibility="collapsed",
        width=170,
        required=True,
        on_change=PAGES.begin_again,
    )
    query = StandingQuery(
        application_id=choice.application_id, prompt_key=choice.prompt_key, order=order
    )
    try:
        found = bridge.run(list_standing(scope, query, skip=PAGES.skip, limit=PAGES.size))
    except PromptHubError as error:
        problem.show(error)
        return
    if not found.total:
        _tell_empty(choice)
        return
    _table(found.items)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.caption(
            f"{counted(found.total, 'rated version')} · ± is the 95 % interval · a change needs "
            f"{_FEW} ratings on each side",
            width="content",
        )
        PAGES.draw(found.total)


def _table(items: list[Standing]) -> None:
    by_id = {one.version_id: one for one in items}

    def open_one(version_id: ObjectId) -> None:
        one = by_id[version_id]
        open_ratings(one.application_id, one.prompt_id, one.version)

    number = st.column_config.NumberColumn
    opening_table(
        {version_id: _row(one) for version_id, one in by_id.items()},
        {
            "Prompt": st.column_config.TextColumn(width=250),
            "Version": st.column_config.TextColumn(width=90),
            "Rating": number(width=80, format="%.1f"),
            "Ratings": number(width=80, format="localized"),
            "95 % interval": st.column_config.TextColumn(width=115, alignment="right"),
            "Last 30 days": st.column_config.TextColumn(width=110, alignment="right"),
            "Before": st.column_config.TextColumn(width=100, alignment="right"),
            "Change": number(width=85, format="%+.1f"),
            "Rated last": st.column_config.TextColumn(width=110),
        },
        name="standing",
        alt=f"{counted(len(items), 'version')} with mean rating, interval and change",
        on_open=open_one,
    )


def _row(one: Standing) -> dict[str, Any]:
    return {
        "Prompt": one.prompt_name,
        "Version": one.version,
        "Rating": round(float(one.rating.mean), 1),
        "Ratings": one.rating.count,
        "95 % interval": interval(one.rating),
        "Last 30 days": _mean(one.recent),
        "Before": _mean(one.before),
        "Change": change(one),
        "Rated last": ago(one.last_at),
    }


def interval(estimate: Estimate) -> str:
    """Write the 95 % interval: 3.9 to 4.8."""
    if estimate.low is None or estimate.high is None:
        return DASH
    return f"{float(estimate.low):.1f} to {float(estimate.high):.1f}"


def change(one: Standing) -> float | None:
    """Return how the mean has changed, None where too few ratings say so."""
    counts = [part.count for part in (one.recent, one.before) if part]
    if one.change is None or min(counts) < _FEW:
        return None
    return round(one.change, 1) + 0.0


def _mean(estimate: Estimate | None) -> str | None:
    return rating(float(estimate.mean), estimate.count) if estimate else None


def _tell_empty(choice: Choice) -> None:
    if choice.words:
        no_match(
            f"No version of {plain(choice.words)} was rated yet.",
            show="Show all versions",
            key="standing_all",
            on_click=clear,
        )
        return
    st.markdown(
        "No version was rated yet. Rate answers in the queue: each rating counts for the version "
        "that gave the answer."
    )
