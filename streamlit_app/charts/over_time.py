"""Own the charts over time: cost by model, latency, tokens, and how runs ended."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from core.analytics.answer import Item
from core.analytics.figures import Figures, Times
from streamlit_app.charts.axis import Axis, Mark, by_place, mark_lines, marks, unusual
from streamlit_app.charts.base import Chart, Look, Trace, bars, draw, line, total
from streamlit_app.formats import DASH, count, duration, money, share

N = TypeVar("N", int, float)

OTHERS: Final = "Other"
NO_MODEL: Final = "No model"
_DASHES: Final = (("p50", "solid"), ("p95", "dash"), ("p99", "dot"))


class Happened(NamedTuple):
    """What happened in the window: published versions, and what was unusual in this chart."""

    published: Sequence[Mark] = ()
    unusual: Sequence[Mark] = ()


def cost_by_model(axis: Axis, items: Sequence[Item], look: Look, happened: Happened) -> Chart:
    """Return the cost of each bucket, stacked by model."""
    groups = _with_cost(_by_model(items))
    traces: list[Trace] = []
    sums = [0.0] * len(axis.labels)
    for name, colour in zip(groups, _colours(list(groups), look), strict=True):
        figures = by_place(axis, groups[name])
        costs = [float(one.cost_usd) for one in figures]
        sums = [before + cost for before, cost in zip(sums, costs, strict=True)]
        trace = bars(name, axis.x, costs, [money(cost) for cost in costs], colour)
        traces.append(trace | {"width": axis.bar_width()})
    # With one model the total would say the same again.
    if len(groups) > 1:
        told = [money(cost) for cost in sums]
        traces.append(total(axis.x, sums, told))
    figure = _draw(axis, traces, look, happened, sums, y={"tickprefix": "$", "tickformat": ",~f"})
    costs_of = {name: float(sum(i.figures.cost_usd for i in groups[name])) for name in groups}
    return Chart(figure, _cost_finding(axis, sums, costs_of))


def latency(axis: Axis, items: Sequence[Item], look: Look, happened: Happened) -> Chart:
    """Return percentiles of the latency of each bucket."""
    times = [figures.latency for figures in by_place(axis, items)]
    traces: list[Trace] = []
    for name, dash in _DASHES:
        values = [_percentile(one, name) for one in times]
        trace = line(name, axis.x, values, [duration(value) for value in values], look.colours[0])
        trace["line"] = {**trace["line"], "dash": dash, "width": 2.5 if name == "p50" else 1.5}
        traces.append(trace)
    heights = [one.p95 for one in times]
    figure = _draw(
        axis, traces, look, happened, heights, y={"ticksuffix": " ms", "tickformat": ","}
    )
    told = _highest(axis, heights, duration)
    return Chart(figure, f"Latency over time as p50, p95 and p99; p95 {told}.")


def tokens(axis: Axis, items: Sequence[Item], look: Look, happened: Happened) -> Chart:
    """Return the tokens of each bucket, those read and those written."""
    figures = by_place(axis, items)
    read = [one.input_tokens for one in figures]
    written = [one.output_tokens for one in figures]
    sums = [a + b for a, b in zip(read, written, strict=True)]
    more = {"width": axis.bar_width()}
    traces = [
        bars("In", axis.x, read, [count(n) for n in read], look.colours[0]) | more,
        bars("Out", axis.x, written, [count(n) for n in written], look.colours[1]) | more,
        total(axis.x, sums, [count(n) for n in sums]),
    ]
    figure = _draw(axis, traces, look, happened, sums, y={"tickformat": "~s"})
    return Chart(figure, f"Tokens over time, in and out; together {_highest(axis, sums, count)}.")


def outcomes(axis: Axis, items: Sequence[Item], look: Look, happened: Happened) -> Chart:
    """Return which share of the runs of each bucket failed or was blocked."""
    figures = by_place(axis, items)
    failed = [failure_share(one) for one in figures]
    blocked = [one.share("blocked") for one in figures]
    traces: list[Trace] = []
    for name, shares, colour in (
        ("Failed", failed, look.colours[3]),
        ("Blocked", blocked, look.colours[2]),
    ):
        told = [f"{share(s)} of {count(f.runs)}" for s, f in zip(shares, figures, strict=True)]
        trace = line(name, axis.x, shares, told, colour)
        traces.append(trace)
    top = max((s for s in (*failed, *blocked) if s is not None), default=0)
    # A share of nearly nothing does not look like much.
    y = {"tickformat": ".1~%", "range": [0, max(0.05, top * 1.1)]}
    states = [_state(one) for one in figures]
    figure = _draw(axis, traces, look, happened, failed, y=y, states=states)
    return Chart(
        figure, f"Failed and blocked runs over time; failed {_highest(axis, failed, share)}."
    )


def failure_share(figures: Figures) -> float | None:
    """Return the share of runs that failed or took too long; None without runs."""
    ended = figures.count("failed") + figures.count("timeout")
    return ended / figures.runs if figures.runs else None


def _draw(
    axis: Axis,
    traces: Sequence[Trace],
    look: Look,
    happened: Happened,
    heights: Sequence[float | None],
    *,
    y: Trace,
    states: Sequence[str | None] = (),
) -> object:
    drawn = [
        *traces,
        *unusual(axis, look, happened.unusual, heights),
        *marks(axis, look, happened.published),
    ]
    # Of what lies at one moment the browser does not say what was clicked: all lead to its runs.
    links = {
        x: axis.link(place, **({"status": state} if state else {}))
        for place, (x, state) in enumerate(zip(axis.x, states or [None] * len(axis.x), strict=True))
    }
    return draw(
        [trace | {"customdata": [links[x] for x in trace["x"]]} for trace in drawn],
        look,
        x=axis.settings(),
        y=y,
        shapes=mark_lines(axis, look, happened.published),
    )


def _state(figures: Figures) -> str | None:
    """Return the state, as the log names it, of which a bucket with trouble has most."""
    states = {state: figures.count(state) for state in ("failed", "timeout", "blocked")}
    most = max(states, key=lambda state: states[state])
    return most.capitalize() if states[most] else None


def _by_model(items: Sequence[Item]) -> dict[str, list[Item]]:
    """Return the items of each model by its name; those that are not told apart come last."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        name = OTHERS if item.is_other else item.keys.get("model") or NO_MODEL
        groups.setdefault(name, []).append(item)
    return dict(sorted(groups.items(), key=lambda group: (group[0] == OTHERS, group[0])))


def _with_cost(groups: dict[str, list[Item]]) -> dict[str, list[Item]]:
    """Leave out the models that have cost nothing, or of which that is not known."""
    return {
        name: items
        for name, items in groups.items()
        if any(item.figures.cost_usd for item in items)
    }


def _colours(names: Sequence[str], look: Look) -> list[str]:
    return [
        look.colours[-1] if name == OTHERS else look.colours[n % (len(look.colours) - 1)]
        for n, name in enumerate(names)
    ]


def _percentile(times: Times, name: str) -> float | None:
    return {"p50": times.p50, "p95": times.p95, "p99": times.p99}[name]


def _cost_finding(axis: Axis, sums: Sequence[float], costs: dict[str, float]) -> str:
    whole = sum(sums)
    if not whole:
        return "Cost over time by model; nothing has cost anything."
    largest = max(costs, key=lambda name: costs[name])
    return (
        f"Cost over time by model, {money(whole)} in all; {_highest(axis, sums, money)}; "
        f"{largest} has {share(costs[largest] / whole)} of it."
    )


def _highest(axis: Axis, values: Sequence[N] | Sequence[N | None], told: Callable[[N], str]) -> str:
    known = [(value, place) for place, value in enumerate(values) if value is not None]
    if not known:
        return f"is not known ({DASH})"
    value, place = max(known)
    return f"highest at {axis.told(place)} with {told(value)}"
