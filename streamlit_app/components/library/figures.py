"""Own what a prompt was used for lately, beside its name: runs, time, cost and rating."""

from collections.abc import Iterable
from typing import Any, Final

import streamlit as st

from core.analytics.figures import Figures
from core.analytics.prompt_figures import figures_of
from core.analytics.window import DEFAULT_DAYS
from core.documents import Prompt
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.formats import DASH, count, duration, money, rating

OF_WHEN: Final = f"figures of the last {DEFAULT_DAYS} days"
# Wide enough for the longest of each, so that they stand below one another down the page.
_WIDTHS: Final = (78, 70, 66, 86)
_GAPS: Final = 3 * 8
_NONE: Final = Figures()


async def load_figures(shelf: Shelf, prompts: Iterable[Prompt]) -> None:
    """Read the figures of the prompts that were not shown before, all with one question."""
    missing = {
        (prompt.application_id, prompt.prompt_id): prompt.key
        for prompt in prompts
        if prompt.key not in shelf.figures
    }
    found = await figures_of(shelf.scope, missing.keys()) if missing else {}
    shelf.figures.update({key: found.get(name, _NONE) for name, key in missing.items()})


def show_figures(figures: Figures) -> None:
    """Draw the figures in columns, or that there are none; what is not known is a dash."""
    if not figures.runs and not figures.rating():
        st.caption("No runs", width="content")
        return
    with st.container(horizontal=True, gap="xsmall", width=sum(_WIDTHS) + _GAPS):
        for words, width in zip(words_of(figures), _WIDTHS, strict=True):
            st.caption(words, width=width, text_alignment="right")


def words_of(figures: Figures) -> tuple[str, str, str, str]:
    """Return runs, median time, cost of a run and rating as they stand in a row."""
    given = figures.rating()
    runs = f"{count(figures.runs)} {'run' if figures.runs == 1 else 'runs'}"
    stars = f":material/star: {rating(float(given.mean), given.count)}" if given else DASH
    each = cost_of_run(figures)
    cost = "free" if each == 0 else money(each).replace("$", r"\$")
    return runs, duration(figures.latency.p50), cost, stars


def cost_of_run(figures: Figures) -> float | None:
    """Return the dollars of one run with a known price; None without any."""
    known = figures.runs - figures.cost_unknown
    if known <= 0 or not (figures.cost_usd or not figures.cost_unknown):
        return None
    return float(figures.cost_usd) / known


def cells_of(figures: Figures) -> dict[str, Any]:
    """Return the same for a row of the table, as numbers that sort."""
    given = figures.rating()
    p50 = figures.latency.p50
    return {
        "Runs": figures.runs,
        "p50, ms": None if p50 is None else round(p50),
        "Cost/run": cost_of_run(figures),
        "Rating": rating(float(given.mean), given.count) if given else None,
    }


def figure_columns() -> dict[str, Any]:
    """Return how the table shows them."""
    number = st.column_config.NumberColumn
    return {
        "Runs": number(width=75, format="localized", help=f"In the last {DEFAULT_DAYS} days."),
        "p50, ms": number(width=80, format="localized", help="The median time of a run."),
        "Cost/run": number(width=85, format="$%.4f", help="Of runs with a known price."),
        "Rating": st.column_config.TextColumn(
            width=80, alignment="right", help="The mean of one to five, and how many were given."
        ),
    }
