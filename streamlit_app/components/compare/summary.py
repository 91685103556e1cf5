"""Own the summary: figures of each column with intervals, the chart, and what may be claimed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

import streamlit as st

from core.execution.comparison_report import ColumnReport
from core.execution.comparison_verdict import (
    MEASURES,
    MIN_PAIRS,
    Finding,
    Measure,
    find_differences,
)
from core.values.estimate import Estimate
from streamlit_app.charts.base import DARK, LIGHT
from streamlit_app.charts.trade_off import Point, cost_against_latency
from streamlit_app.components.compare.opened import Opened
from streamlit_app.formats import DASH, count, counted, duration, money, plain

_NARROWEST: Final = 440
_SAID: Final[dict[Measure, tuple[str, str]]] = {
    "rating": ("rated higher", "rating"),
    "latency_ms": ("quicker", "latency"),
    "cost_usd": ("cheaper", "cost"),
}


def summary(opened: Opened) -> None:
    """Draw the summary, or what has to happen first."""
    if opened.runs or not any(column.succeeded for column in opened.report.columns):
        return
    if opened.is_blind:
        st.caption("The summary appears after you have rated all answers, or turned off Blind.")
        return
    st.subheader("Figures", anchor=False)
    st.caption(_basis(opened))
    st.markdown(figures_table(opened))
    with st.grid(2, min_column_width=_NARROWEST):
        with st.container():
            _chart(opened)
        with st.container():
            st.subheader("Verdict", anchor=False)
            for sentence in verdict(opened):
                st.markdown(sentence)


def _basis(opened: Opened) -> str:
    made = opened.comparison
    people = {
        one.user_id for column in opened.report.columns for c in column.cells for one in c.ratings
    }
    words = [counted(len(made.inputs), "input")]
    if made.repetitions > 1:
        words.append(f"{made.repetitions} repetitions each")
    if people:
        words.append(f"rated by {counted(len(people), 'person', 'people')}")
    words.append("small figures are the 95 % interval of the mean")
    return ", ".join(words) + "."


def figures_table(opened: Opened) -> str:
    """Return the table as markdown, which also a screen reader reads."""
    head = [
        "",
        "Rating",
        "Best",
        "Latency",
        "First text",
        "Cost of one run",
        "Tokens out",
        "Failed",
    ]
    lines = [head, [":---", *["---:"] * (len(head) - 1)]]
    for at, (name, column) in enumerate(zip(opened.names, opened.report.columns, strict=True)):
        picked = sum(one.column == at for one in opened.comparison.picks)
        failed = f":red[{column.failed}]" if column.failed else "0"
        lines.append(
            [
                f"**{plain(name)}**",
                _rating(column.rating),
                str(picked),
                _milliseconds(column.latency_ms),
                _milliseconds(column.time_to_first_token_ms),
                _cost(column),
                _tokens(column.output_tokens),
                failed,
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rating(found: Estimate | None) -> str:
    if found is None:
        return DASH
    return f"{found.mean:.1f}\u00a0({found.count}){_interval(found, lambda end: f'{end:.1f}')}"


def _milliseconds(found: Estimate | None) -> str:
    if found is None:
        return DASH
    told = duration(float(found.mean)).replace(" ", "\u00a0")
    return told + _interval(found, lambda end: duration(float(end)))


def _cost(column: ColumnReport) -> str:
    found = column.cost_usd
    if found is None:
        return DASH
    free = all(
        cell.execution is None or cell.execution.cost_status == "free" for cell in column.cells
    )
    if free and not found.mean:
        return "free"
    return plain(money(found.mean)) + _interval(found, lambda end: plain(money(end)))


def _tokens(found: Estimate | None) -> str:
    if found is None:
        return DASH
    return count(round(found.mean)) + _interval(found, lambda end: count(round(end)))


def _interval(found: Estimate, write: Callable[[Decimal], str]) -> str:
    if found.low is None or found.high is None:
        return ""
    low, high = write(found.low), write(found.high)
    # Spaces that do not break: on a narrow page the interval goes below its mean as a whole.
    words = f"{low} to {high}".replace(" ", "\u00a0")
    return "" if low == high else f" :small[:gray[{words}]]"


def _chart(opened: Opened) -> None:
    points = [
        Point(name, column.cost_usd, column.latency_ms)
        for name, column in zip(opened.names, opened.report.columns, strict=True)
        if column.cost_usd is not None and column.latency_ms is not None
    ]
    st.subheader("Cost against latency", anchor=False)
    if not any(point.cost_usd.mean for point in points):
        st.caption("No column has a price, so there is nothing to weigh the latency against.")
        return
    st.caption("Bars span the 95 % interval; lower left is better.")
    look = DARK if st.context.theme.type == "dark" else LIGHT
    chart = cost_against_latency(points, look)
    st.plotly_chart(  # pyright: ignore[reportUnknownMemberType] - names untyped
        chart.figure,
        key="chart_trade_off",
        theme=None,
        config={"displayModeBar": False},
        alt=chart.finding,
    )


def verdict(opened: Opened) -> list[str]:
    """Return what may be claimed, a sentence for each measure of which there is something."""
    if len(opened.comparison.columns) == 1:
        return ["One column alone compares with nothing. Set it up again with another one."]
    found = [find_differences(opened.report, measure) for measure in MEASURES]
    told = [_sentence(opened.names, one) for one in found if one is not None]
    if found[0] is None:
        told.append("Rate the answers to learn which are better.")
    pairs = max((one.pairs for one in found if one), default=0)
    if pairs < MIN_PAIRS:
        told.append(
            f":small[:gray[{counted(pairs, 'input')} can't tell a difference from chance. "
            f"Compare on {MIN_PAIRS} or more, the more the better.]]"
        )
    else:
        told.append(
            ":small[:gray[Wilcoxon's signed-rank test over the inputs that both columns answered, "
            "corrected for testing all pairs (Holm), at 5 %.]]"
        )
    return told


def _sentence(names: list[str], found: Finding) -> str:
    better, measure = _SAID[found.measure]
    leader = plain(names[found.leader])
    if not found.beaten:
        return (
            f"In {measure} there is **no evidence of a difference** between {leader} and the rest."
        )
    beaten = (
        "all others"
        if not found.undecided and len(found.beaten) > 1
        else _listed([names[at] for at in found.beaten])
    )
    p = found.p or 0
    claim = f"**{leader} is {better}** than {beaten} ({_p_words(p)})."
    if not found.undecided:
        return claim
    rest = _listed([names[at] for at in found.undecided])
    return f"{claim} Between {leader} and {rest} there is no evidence of a difference."


def _p_words(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"  # noqa: PLR2004 # three digits


def _listed(names: list[str]) -> str:
    told = [plain(name) for name in names]
    return " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))
