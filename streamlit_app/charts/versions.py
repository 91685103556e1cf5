"""Own the chart of versions: what one run costs against how it is rated."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from core.values.estimate import Estimate
from streamlit_app.charts.base import Chart, Look, Trace, draw, short, words
from streamlit_app.formats import count, counted, money

# Names beside more bubbles than these cover each other; the hover has them all.
_NAMED: Final = 10
_SMALLEST, _LARGEST = 9, 36


class Bubble(NamedTuple):
    """A version: its name, what one run costs, its ratings, its runs, and the way to them."""

    name: str
    cost_usd: float
    rating: Estimate
    runs: int
    link: str


def cost_against_rating(bubbles: Sequence[Bubble], look: Look) -> Chart:
    """Return a bubble for each version, as large as its runs are many."""
    title = {"font": {"size": 12, "color": look.muted}}
    figure = draw(
        [_bubbles(bubbles, look)],
        look,
        x={
            "tickprefix": "$",
            "tickformat": ",~f",
            "nticks": 8,
            "range": _range([one.cost_usd for one in bubbles]),
            "title": {"text": "Cost of one run", **title},
        },
        y={"range": [0.8, 5.4], "dtick": 1, "tick0": 1, "title": {"text": "Rating", **title}},
        hover="closest",
    )
    best = max(bubbles, key=lambda one: (one.rating.mean, -one.cost_usd))
    return Chart(
        figure,
        f"Cost of one run against the rating, {counted(len(bubbles), 'version')}; {best.name} is "
        f"rated highest with {best.rating.mean:.1f} at {money(best.cost_usd)} a run.",
    )


def _bubbles(bubbles: Sequence[Bubble], look: Look) -> Trace:
    most = max(one.runs for one in bubbles)
    sizes = [_SMALLEST + (_LARGEST - _SMALLEST) * (one.runs / most) ** 0.5 for one in bubbles]
    ratings = [one.rating for one in bubbles]
    # Neighbours are named above and below in turn, so that their names do not cross.
    ranked = sorted(range(len(bubbles)), key=lambda n: bubbles[n].cost_usd)
    sides = {n: ("top center", "bottom center")[rank % 2] for rank, n in enumerate(ranked)}
    return {
        "type": "scatter",
        "mode": "markers+text" if len(bubbles) <= _NAMED else "markers",
        "x": [one.cost_usd for one in bubbles],
        "y": [float(rating.mean) for rating in ratings],
        "text": [short(one.name) for one in bubbles],
        "textposition": [sides[n] for n in range(len(bubbles))],
        "textfont": {"color": look.text, "size": 12},
        "hovertext": [_told(one) for one in bubbles],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [one.link for one in bubbles],
        "marker": {
            "size": sizes,
            "color": look.colours[0],
            "opacity": 0.75,
            "line": {"color": look.page, "width": 1},
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [float((one.high or one.mean) - one.mean) for one in ratings],
            "arrayminus": [float(one.mean - (one.low or one.mean)) for one in ratings],
            "color": look.muted,
            "thickness": 1,
            "width": 3,
        },
        "showlegend": False,
    }


def _range(costs: Sequence[float]) -> list[float]:
    """Return a range in which no bubble is cut off, nor all of them on one spot."""
    low, high = min(costs), max(costs)
    around = max(0.15 * (high - low), 0.1 * high) or 1
    return [low - around, high + around]


def _told(one: Bubble) -> str:
    low, high = one.rating.low, one.rating.high
    interval = f", 95 % interval {low:.1f} to {high:.1f}" if low is not None else ""
    return (
        f"<b>{words(one.name)}</b><br>{money(one.cost_usd)} a run<br>"
        f"{one.rating.mean:.1f} of 5 by {one.rating.count} ratings{interval}<br>"
        f"{count(one.runs)} runs"
    )
