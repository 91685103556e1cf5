"""Own the export of the figures as CSV: one row for each bucket, version and model."""

from collections.abc import Iterable
from typing import Any, Final
from zoneinfo import ZoneInfo

from bson import ObjectId

from core.analytics.answer import Answer, Item
from core.analytics.question import MAX_TOP
from streamlit_app import bridge
from streamlit_app.components.analytics.named import Names, answer_named
from streamlit_app.components.analytics.view import View
from streamlit_app.components.csv_text import to_csv

_STATUSES: Final = ("success", "failed", "timeout", "blocked", "cancelled")
_PERCENTILES: Final = ("p50", "p90", "p95", "p99")
_COLUMNS: Final = (
    "start", "application", "prompt_id", "version", "model", "runs", *_STATUSES,
    "input_tokens", "output_tokens", "cost_usd", "cost_unknown",
    *(f"latency_{name}_ms" for name in _PERCENTILES),
    *(f"first_token_{name}_ms" for name in _PERCENTILES),
    "ratings", "rating_mean",
)  # fmt: skip


def export(view: View) -> bytes:
    """Return the figures of what is looked at; of many versions the largest are told apart.

    Raises:
        NotFound: the application is no longer visible.
    """
    question = view.over_time(
        {"counts", "costs", "times", "ratings"}, "version", "model", top=MAX_TOP, order="runs"
    )
    return to_csv(rows_of(view, *bridge.run(answer_named(view, question))))


def file_name(view: View) -> str:
    """Return the name of the file, which tells the window."""
    zone = ZoneInfo(view.axis.window.zone)
    days = [
        f"{at.astimezone(zone):%Y-%m-%d}" for at in (view.axis.window.start, view.axis.window.end)
    ]
    return f"prompthub-usage-{'-to-'.join(days)}.csv"


def rows_of(view: View, found: Answer, names: Names) -> Iterable[list[Any]]:
    """Yield the head and the rows."""
    yield list(_COLUMNS)
    zone = ZoneInfo(view.axis.window.zone)
    for item in found.items:
        start = item.bucket.astimezone(zone).isoformat() if item.bucket else ""
        yield [start, *_names(item, names), *_figures(item)]


def _names(item: Item, names: Names) -> list[str]:
    if item.is_other:
        return ["(all others)", "", "", ""]
    application = item.keys["application_id"]
    return [
        names.application(ObjectId(application)),
        *(item.keys.get(name) or "" for name in ("prompt_id", "version", "model")),
    ]


def _figures(item: Item) -> list[Any]:
    figures = item.figures
    given = figures.rating()
    return [
        figures.runs,
        *(figures.count(status) for status in _STATUSES),
        figures.input_tokens,
        figures.output_tokens,
        f"{figures.cost_usd:f}",
        figures.cost_unknown,
        *(_rounded(getattr(figures.latency, name)) for name in _PERCENTILES),
        *(_rounded(getattr(figures.first_token, name)) for name in _PERCENTILES),
        sum(figures.stars),
        f"{given.mean:.3f}" if given else "",
    ]


def _rounded(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds:.1f}"
