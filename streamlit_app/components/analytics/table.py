"""Own the table of the page: the largest prompts, versions, models or applications."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from core.analytics.answer import Answer, Item
from core.analytics.figures import Figures
from core.analytics.question import Group, Question
from core.errors import PromptHubError
from streamlit_app import bridge
from streamlit_app.charts.over_time import failure_share
from streamlit_app.components import problem
from streamlit_app.components.analytics.named import Names, answer_named
from streamlit_app.components.analytics.view import View
from streamlit_app.formats import DASH, counted, rating

TOP: Final = 20
_GROUPS: Final[dict[str, Group]] = {
    "Prompt": "prompt",
    "Version": "version",
    "Model": "model",
    "Application": "application",
}
_ROW: Final = 36
_KEY: Final = "usage_table"
_PERCENT: Final = "%.1f %%"


def question(view: View) -> Question:
    """Return what the table needs to know, grouped as it was chosen last."""
    return _question(view, _GROUPS[st.session_state.get(_KEY) or _offered(view)[0]])


def _offered(view: View) -> list[str]:
    return [name for name in _GROUPS if name != "Application" or view.around.survey.total > 1]


def _question(view: View, group: Group) -> Question:
    return view.in_all({"counts", "costs", "times", "ratings"}, group, top=TOP, order="cost_usd")


@st.fragment
def table_card(view: View, names: Names) -> None:
    """Draw the table; a click on a row opens the log of it."""
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            heading = st.empty()
            offered = _offered(view)
            told = st.segmented_control(
                "By",
                offered,
                default=offered[0],
                required=True,
                key=_KEY,
                label_visibility="collapsed",
            )
        group = _GROUPS[told or offered[0]]
        heading.subheader(f"By {group}", anchor=False)
        asked = _question(view, group)
        found = view.answers.get(asked)
        if found is None:
            try:
                with st.skeleton(height=_ROW * 4):
                    found, names = bridge.run(answer_named(view, asked))
            except PromptHubError as error:
                problem.show(error)
                return
        _table(view, found, group, names)


def _table(view: View, found: Answer, group: Group, names: Names) -> None:
    items = found.items
    titles = [
        counted(found.groups - TOP, "other") if item.is_other else names.of_item(item)
        for item in items
    ]
    whole = float(found.totals.cost_usd)
    rows = [
        {group.capitalize(): title, **_row(item.figures, whole)}
        for title, item in zip(titles, items, strict=True)
    ]
    key = f"usage_{group}_{hash(tuple(titles))}"
    event: Any = st.dataframe(  # pyright: ignore[reportUnknownMemberType] - names types of polars
        pd.DataFrame(rows),
        key=key,
        on_select="rerun",
        selection_mode="single-cell",
        hide_index=True,
        height="content",
        row_height=_ROW,
        placeholder=DASH,
        alt=f"{counted(len(rows), group)} by cost with runs, latency, failures and rating; "
        f"{titles[0]} costs most.",
        column_config=_columns(group),
    )
    cells: list[tuple[int, str]] = event["selection"]["cells"]
    if cells and cells[0][0] < len(items) and not items[cells[0][0]].is_other:
        view.open_log(view.whole_link(**_filters(items[cells[0][0]])))


def _row(figures: Figures, whole: float) -> dict[str, Any]:
    cost = float(figures.cost_usd)
    known = figures.runs - figures.cost_unknown
    given, failed = figures.rating(), failure_share(figures)
    return {
        "Cost": cost if cost or not figures.cost_unknown else None,
        "Share of cost": 100 * cost / whole if whole else None,
        "Runs": figures.runs,
        "Per run": cost / known if known > 0 and (cost or not figures.cost_unknown) else None,
        "p50, ms": _whole(figures.latency.p50),
        "p95, ms": _whole(figures.latency.p95),
        "Failed": None if failed is None else 100 * failed,
        "Rating": rating(float(given.mean), given.count) if given else None,
    }


def _whole(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds)


def _columns(group: Group) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        group.capitalize(): st.column_config.TextColumn(width=240),
        "Cost": number(width=95, format="$%.2f"),
        "Share of cost": st.column_config.ProgressColumn(
            width=150, format=_PERCENT, min_value=0, max_value=100
        ),
        "Runs": number(width=80, format="localized"),
        "Per run": number(width=90, format="$%.4f"),
        "p50, ms": number(width=85, format="localized"),
        "p95, ms": number(width=85, format="localized"),
        "Failed": number(width=80, format=_PERCENT),
        "Rating": st.column_config.TextColumn(width=90, alignment="right"),
    }


def _filters(item: Item) -> dict[str, str]:
    names = {
        "prompt": item.keys.get("prompt_id"),
        "application": item.keys.get("application_id"),
        "version": item.keys.get("version"),
        "by_model": item.keys.get("model"),
    }
    return {name: value for name, value in names.items() if value}
