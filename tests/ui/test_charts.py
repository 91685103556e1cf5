"""The charts of analytics: what is drawn, told and linked, without a page."""

import json
import tomllib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest

from core.analytics.answer import Item
from core.analytics.figures import Figures, Times
from core.analytics.window import Bucket, make_window
from core.values.estimate import estimate_rating
from streamlit_app.charts.axis import Axis, Mark
from streamlit_app.charts.base import DARK, LIGHT, Chart, Look
from streamlit_app.charts.over_time import Happened, cost_by_model, latency, outcomes, tokens
from streamlit_app.charts.versions import Bubble, cost_against_rating
from tests.ui.conftest import MAIN

START = datetime(2026, 11, 1, 23, tzinfo=UTC)  # midnight in Berlin
DAY = timedelta(days=1)


def an_axis(days: int = 3, bucket: Bucket = "day") -> Axis:
    window = make_window(START, START + days * DAY, bucket=bucket, zone="Europe/Berlin")
    return Axis(window, bucket)


def an_item(day: int, model: str = "", *, is_other: bool = False, **figures: Any) -> Item:
    keys: dict[str, str | None] = {"model": model} if model else {}
    return Item(START + day * DAY, keys, is_other, Figures(**figures))


def traces(chart: Chart) -> dict[str, Any]:
    return {trace["name"]: trace for trace in json.loads(chart.figure.to_json())["data"]}


def test_cost_is_stacked_by_model_with_gaps_at_nothing_and_a_total() -> None:
    items = [
        an_item(0, "openai/gpt", cost_usd=Decimal("1.5")),
        an_item(2, "openai/gpt", cost_usd=Decimal(3)),
        an_item(0, "anthropic/claude", cost_usd=Decimal(2)),
        an_item(1, is_other=True, cost_usd=Decimal(1)),
        an_item(1, "local/llama", cost_unknown=4),
    ]

    chart = cost_by_model(an_axis(), items, LIGHT, Happened())

    drawn = traces(chart)
    assert list(drawn) == ["anthropic/claude", "openai/gpt", "Other", "Total"]
    assert drawn["openai/gpt"]["y"] == [1.5, 0, 3]
    assert drawn["openai/gpt"]["x"][0] == "2026-11-02 00:00"
    assert drawn["Total"]["text"] == ["$3.50", "$1.00", "$3.00"]
    assert drawn["Other"]["marker"]["color"] == LIGHT.colours[-1]
    assert "$7.50 in all; highest at Mon 2 Nov 2026 with $3.50; openai/gpt has 60.0 %" in (
        chart.finding
    )


def test_a_click_leads_to_the_runs_of_the_bucket() -> None:
    ended = {"failed": 1, "timeout": 2, "success": 1}

    chart = outcomes(an_axis(), [an_item(1, runs=4, by_status=ended)], LIGHT, Happened())

    links = traces(chart)["Blocked"]["customdata"]
    assert parse_qs(links[1]) == {
        "from": ["2026-11-02T23:00:00+00:00"],
        "to": ["2026-11-03T23:00:00+00:00"],
        "status": ["Timeout"],
    }
    assert "status" not in parse_qs(links[0])


def test_every_trace_over_time_can_be_clicked() -> None:
    happened = Happened((Mark(0, "1.0.0"),), (Mark(1, "twice the usual"),))
    item = an_item(1, runs=1, input_tokens=3, output_tokens=2, latency=Times(1, 2, 3, 4))

    for draw in (latency, tokens, outcomes):
        for trace in traces(draw(an_axis(), [item], LIGHT, happened)).values():
            assert trace["type"] == "bar" or "markers" in trace["mode"]
            assert len(trace["customdata"]) == len(trace["x"])


def test_nothing_is_drawn_where_no_time_is_known() -> None:
    items = [an_item(0, runs=1, latency=Times(10, 20, 30, 40)), an_item(2, runs=1)]

    chart = latency(an_axis(), items, LIGHT, Happened())

    drawn = traces(chart)
    assert drawn["p95"]["y"] == [30, None, None]
    assert drawn["p95"]["marker"]["opacity"] == [1, 0, 1]
    assert drawn["p50"]["text"] == ["10 ms", "—", "—"]
    assert "is not known" in latency(an_axis(), [], LIGHT, Happened()).finding


def test_publishes_are_marked_by_lines_until_there_are_too_many() -> None:
    some = [Mark(0, "1.0.0"), Mark(0, "<b>2</b>"), *(Mark(0, str(n)) for n in range(3))]

    chart = tokens(an_axis(), [], LIGHT, Happened(some))

    assert traces(chart)["Published"]["text"] == ["1.0.0, &lt;b&gt;2&lt;/b&gt;, 0 and 2 more"]
    assert len(chart.figure.layout.shapes) == 1
    many = tokens(an_axis(20), [], LIGHT, Happened([Mark(n, "x") for n in range(20)]))
    assert len(traces(many)["Published"]["x"]) == 20
    assert not many.figure.layout.shapes


def test_names_are_shown_as_they_are() -> None:
    items = [an_item(0, "x/<img src=1>", cost_usd=Decimal(1))]

    drawn = traces(cost_by_model(an_axis(), items, LIGHT, Happened()))

    assert list(drawn) == ["x/&lt;img src=1&gt;"]


@pytest.mark.parametrize("bucket", ["hour", "day", "week", "month"])
def test_every_bucket_has_ticks_and_words(bucket: Bucket) -> None:
    for days in (1, 30, 400):
        axis = an_axis(days, bucket)
        if len(axis.labels) > 1000:
            continue

        figure = tokens(axis, [], DARK, Happened()).figure

        assert figure.layout.xaxis.hoverformat
        assert axis.told(0)


def test_versions_are_bubbles_with_intervals() -> None:
    good, poor = estimate_rating([5, 5, 4]), estimate_rating([1, 2])
    assert good
    assert poor
    bubbles = [
        Bubble("Greet 1.0.0", 0.01, poor, 400, "version=1.0.0"),
        Bubble("Greet 1.1.0", 0.02, good, 100, "version=1.1.0"),
    ]

    chart = cost_against_rating(bubbles, DARK)

    trace = chart.figure.data[0]
    assert list(trace.customdata) == ["version=1.0.0", "version=1.1.0"]
    assert trace.marker.size[0] > trace.marker.size[1]
    assert all(length > 0 for length in trace.error_y.array)
    assert "Greet 1.1.0 is rated highest with 4.7 at $0.020 a run" in chart.finding


@pytest.mark.parametrize(("mode", "look"), [("light", LIGHT), ("dark", DARK)])
def test_charts_have_the_colours_of_the_pages(mode: str, look: Look) -> None:
    config = tomllib.loads((MAIN.parent / ".streamlit" / "config.toml").read_text())

    theme = config["theme"][mode]

    assert look.colours == tuple(theme["chartCategoricalColors"])
    assert (look.text, look.page, look.line) == (
        theme["textColor"],
        theme["backgroundColor"],
        theme["borderColor"],
    )
