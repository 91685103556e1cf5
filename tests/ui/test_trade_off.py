"""The chart of cost against latency of a comparison."""

import json
from decimal import Decimal
from typing import Any

from core.values.estimate import Estimate
from streamlit_app.charts.base import LIGHT
from streamlit_app.charts.trade_off import Point, cost_against_latency, frontier


def a_point(name: str, cost: str, milliseconds: int, *, spread: str | None = None) -> Point:
    mean = Decimal(cost)
    ends = (mean - Decimal(spread), mean + Decimal(spread)) if spread else (None, None)
    return Point(name, Estimate(8, mean, *ends), Estimate(8, Decimal(milliseconds), None, None))


def drawn(points: list[Point]) -> tuple[list[dict[str, Any]], str]:
    chart = cost_against_latency(points, LIGHT)
    return json.loads(chart.figure.to_json())["data"], chart.finding


def test_what_another_outdoes_in_both_is_not_on_the_line() -> None:
    cheap, quick = a_point("cheap", "0.001", 900), a_point("quick", "0.004", 300)
    outdone, same = a_point("outdone", "0.005", 400), a_point("same", "0.001", 900)

    assert frontier([outdone, quick, cheap, same]) == [cheap, quick]
    assert frontier([]) == []


def test_each_column_has_a_point_with_whiskers_of_its_interval_and_its_name() -> None:
    points = [a_point("a", "0.001", 900, spread="0.0005"), a_point("b <i>", "0.004", 300)]

    (line, a, b), finding = drawn(points)

    assert line["x"] == [0.001, 0.004]
    assert (a["x"], a["y"]) == ([0.001], [900])
    assert a["error_x"]["array"] == a["error_x"]["arrayminus"] == [0.0005]
    assert b["error_x"]["array"] == [0]
    assert "<i>" not in b["text"][0]
    assert "95 % interval $0.0005 to $0.0015" in a["hovertext"][0]
    assert "interval" not in b["hovertext"][0]
    assert "2 columns" in finding
    assert "none is both cheaper and quicker than a and b" in finding
