"""Own the chart of a comparison: what a run costs against how long it takes."""

from collections.abc import Sequence
from typing import NamedTuple

from core.values.estimate import Estimate
from streamlit_app.charts.base import Chart, Look, Trace, draw, short, words
from streamlit_app.formats import counted, duration, money


class Point(NamedTuple):
    """A column: its name, what one run costs and how long it takes, each with its interval."""

    name: str
    cost_usd: Estimate
    latency_ms: Estimate


def cost_against_latency(points: Sequence[Point], look: Look) -> Chart:
    """Return a point for each column with whiskers of 95 %, and the line of those not outdone."""
    title = {"font": {"size": 12, "color": look.muted}}
    best = frontier(points)
    figure = draw(
        [_line(best, look), *(_point(points, at, look) for at in range(len(points)))],
        look,
        x={
            "tickprefix": "$",
            "tickformat": ",~f",
            "nticks": 6,
            "rangemode": "tozero",
            "range": [0, _far([one.cost_usd for one in points])],
            "title": {"text": "Cost of one run", **title},
        },
        y={
            "ticksuffix": " ms",
            "tickformat": ",~f",
            "range": [0, _far([one.latency_ms for one in points])],
            "title": {"text": "Latency", **title},
        },
        hover="closest",
    )
    told = " and ".join(one.name for one in best)
    return Chart(
        figure,
        f"Cost against latency of {counted(len(points), 'column')}; none is both cheaper and "
        f"quicker than {told}.",
    )


def frontier(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other one outdoes in both, the cheapest first."""
    kept: list[Point] = []
    for one in sorted(points, key=lambda point: (point.cost_usd.mean, point.latency_ms.mean)):
        if not kept or one.latency_ms.mean < kept[-1].latency_ms.mean:
            kept.append(one)
    return kept


def _far(estimates: Sequence[Estimate]) -> float:
    """Return an end of the axis beyond every whisker, with room for a name."""
    return 1.2 * max(float(one.high or one.mean) for one in estimates) or 1


def _line(best: Sequence[Point], look: Look) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [float(one.cost_usd.mean) for one in best],
        "y": [float(one.latency_ms.mean) for one in best],
        "line": {"color": look.muted, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _point(points: Sequence[Point], at: int, look: Look) -> Trace:
    one, colour = points[at], look.colours[at % len(look.colours)]
    ranked = sorted(range(len(points)), key=lambda n: points[n].cost_usd.mean)
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": words(one.name),
        "x": [float(one.cost_usd.mean)],
        "y": [float(one.latency_ms.mean)],
        "text": [short(one.name)],
        # Neighbours are named above and below in turn, so that their names do not cross.
        "textposition": ("top right", "bottom right")[ranked.index(at) % 2],
        "textfont": {"color": look.text, "size": 12},
        "hovertext": [_told(one)],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"size": 11, "color": colour},
        "error_x": _whisker(one.cost_usd, colour),
        "error_y": _whisker(one.latency_ms, colour),
        "cliponaxis": False,
        "showlegend": False,
    }


def _whisker(estimate: Estimate, colour: str) -> Trace:
    mean = estimate.mean
    return {
        "type": "data",
        "symmetric": False,
        "array": [float((estimate.high or mean) - mean)],
        "arrayminus": [float(mean - (mean if estimate.low is None else estimate.low))],
        "color": colour,
        "thickness": 1.5,
        "width": 0,
    }


def _told(one: Point) -> str:
    cost, took = one.cost_usd, one.latency_ms
    lines = [
        f"<b>{words(one.name)}</b>",
        f"{money(cost.mean)}{_between(money(cost.low), money(cost.high), cost)}",
        f"{duration(float(took.mean))}"
        + _between(_milliseconds(took.low), _milliseconds(took.high), took),
        f"{counted(took.count, 'answer')}",
    ]
    return "<br>".join(lines)


def _milliseconds(value: object) -> str:
    return duration(float(str(value))) if value is not None else ""


def _between(low: str, high: str, estimate: Estimate) -> str:
    return f", 95 % interval {low} to {high}" if estimate.low is not None else ""
