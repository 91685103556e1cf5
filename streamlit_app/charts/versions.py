"""Own the chart of versions: what one run costs against how it is rated."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from core.values.estimate import Estimate
from streamlit_app.charts.base import Chart, Look, Trace, draw, words
from streamlit_app.formats import count, money

# Names beside more bubbles than these cover each other; the hover has them all.
_NAMED: Final = 10
_SMALLEST, _LARGEST = 10, 44


class Bubble(NamedTuple):
    """A version: its name, what one run costs, its ratings, its runs, and the way to them."""

    name: str
    cost_usd: float
    rating: Estimate
    runs: int
    link: str


def cost_against_rating(bubbles: Sequence[Bubble], look: Look) -> Chart:
    """Return a bubble for each version, as large as its runs are many."""
    most = max(one.runs for one in bubbles)
    named = len(bubbles) <= _NAMED
    trace: Trace = {
        "type": "scatter",
        "mode": "markers+text" if named else "markers",
        "x": [one.cost_usd for one in bubbles],
        "y": [float(one.rating.mean) for one in bubbles],
        "text": [words(one.name) for one in bubbles],
        "textposition": "top center",
        "textfont": {"color": look.text, "size": 12},
        "hovertext": [_told(one) for one in bubbles],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [one.link for one in bubbles],
        "marker": {
            "size": [
                _SMALLEST + (_LARGEST - _SMALLEST) * (one.runs / most) ** 0.5 for one in bubbles
            ],
            "color": look.colours[0],
            "opacity": 0.75,
            "line": {"color": look.page, "width": 1},
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [
                float((one.rating.high or one.rating.mean) - one.rating.mean) for one in bubbles
            ],
            "arrayminus": [
                float(one.rating.mean - (one.rating.low or one.rating.mean)) for one in bubbles
            ],
            "color": look.muted,
            "thickness": 1,
            "width": 3,
        },
        "showlegend": False,
    }
    highest = max(one.cost_usd for one in bubbles)
    figure = draw(
        [trace],
        look,
        x={
            "tickprefix": "$",
            "tickformat": ",~f",
            "nticks": 5,
            "range": [-0.08 * highest, 1.15 * highest] if highest else [-0.1, 1],
            "title": {"text": "Cost of one run", "font": {"size": 12, "color": look.muted}},
        },
        y={
            "range": [0.8, 5.4],
            "dtick": 1,
            "tick0": 1,
            "title": {"text": "Rating", "font": {"size": 12, "color": look.muted}},
        },
        hover="closest",
    )
    best = max(bubbles, key=lambda one: (one.rating.mean, -one.cost_usd))
    return Chart(
        figure,
        f"Cost of one run against the rating for {len(bubbles)} versions; {best.name} is rated "
        f"highest with {best.rating.mean:.1f} at {money(best.cost_usd)} a run.",
    )


def _told(one: Bubble) -> str:
    low, high = one.rating.low, one.rating.high
    interval = f", 95 % interval {low:.1f} to {high:.1f}" if low is not None else ""
    return (
        f"<b>{words(one.name)}</b><br>{money(one.cost_usd)} a run<br>"
        f"{one.rating.mean:.1f} of 5 by {one.rating.count} ratings{interval}<br>"
        f"{count(one.runs)} runs"
    )
