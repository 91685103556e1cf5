"""Own the time axis: the buckets of a window, marks on it, and the way to their runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from core.analytics.answer import Item
from core.analytics.figures import Figures
from core.analytics.window import Bucket, Window
from streamlit_app.charts.base import Look, Trace, short

_LENGTHS: Final = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
_TICKS: Final = {"hour": "%H:%M", "day": "%-d %b", "week": "%-d %b", "month": "%b %Y"}
_HOVERS: Final = {
    "hour": "%a %-d %b, %H:%M",
    "day": "%a %-d %b %Y",
    "week": "Week of %-d %b %Y",
    "month": "%B %Y",
}
_HOURS_OF_ONE_DAY: Final = 26
# More lines than these hide what they cross; the triangles stay.
_MAX_LINES: Final = 12
_TOLD_AT_ONCE: Final = 3


class Mark(NamedTuple):
    """Something that happened, at the bucket it happened in."""

    place: int
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The buckets of a window on the clock of its time zone."""

    window: Window
    bucket: Bucket

    @property
    def labels(self) -> tuple[datetime, ...]:
        """Return when each bucket begins."""
        return self.window.labels

    @property
    def x(self) -> list[str]:
        """Return where each bucket is drawn; Plotly knows no time zones."""
        zone = ZoneInfo(self.window.zone)
        return [f"{label.astimezone(zone):%Y-%m-%d %H:%M}" for label in self.labels]

    def place(self, at: datetime) -> int | None:
        """Return the bucket of a moment; None outside of the window."""
        return self.window.place_of(at) if self.window.start <= at < self.window.end else None

    def told(self, place: int) -> str:
        """Return a bucket in words."""
        begins = self.labels[place].astimezone(ZoneInfo(self.window.zone))
        return begins.strftime(_HOVERS[self.bucket])

    def settings(self) -> Trace:
        """Return what is special about the axis."""
        half = _LENGTHS[self.bucket] / 2
        first, last = (datetime.fromisoformat(self.x[n]) for n in (0, -1))
        one_day = self.bucket == "hour" and len(self.labels) <= _HOURS_OF_ONE_DAY
        return {
            "type": "date",
            "range": [str(first - half), str(last + half)],
            "tickformat": _TICKS["hour" if one_day else "day"]
            if self.bucket == "hour"
            else _TICKS[self.bucket],
            "hoverformat": _HOVERS[self.bucket],
            # A day apart at least, or the same day is named twice.
            "dtick": None if one_day else self._step(),
            "tick0": self.x[0],
        }

    def _step(self) -> str | float | None:
        count = len(self.labels)
        if self.bucket == "month":
            return f"M{max(1, -(-count // 6))}"
        days = _LENGTHS[self.bucket] / timedelta(days=1) * count
        step = max(1, -(-int(days) // 6))
        if self.bucket == "week" or step > 7:  # noqa: PLR2004 # whole weeks
            step = -(-step // 7) * 7
        return step * timedelta(days=1) / timedelta(milliseconds=1)

    def bar_width(self) -> float:
        """Return how wide a bar is, in milliseconds."""
        return _LENGTHS[self.bucket] / timedelta(milliseconds=1) * 0.78

    def link(self, place: int, **filters: str) -> str:
        """Return the query by which the log shows the runs of a bucket."""
        window = self.window
        start = window.edges[place - 1] if place else window.start
        end = window.edges[place] if place < len(window.edges) else window.end
        return link(start, end, **filters)


def link(start: datetime, end: datetime, **filters: str) -> str:
    """Return the query by which the log shows the runs of a span that match."""
    return urlencode({"from": start.isoformat(), "to": end.isoformat(), **filters})


def by_place(axis: Axis, items: Iterable[Item]) -> list[Figures]:
    """Return the figures of every bucket, none missing, from items of one group."""
    found = {item.bucket: item.figures for item in items}
    return [found.get(label) or Figures() for label in axis.labels]


def marks(axis: Axis, look: Look, happened: Sequence[Mark]) -> list[Trace]:
    """Return the triangles below the axis at which versions were published."""
    if not happened:
        return []
    places = sorted({mark.place for mark in happened})
    told = [_together([m.text for m in happened if m.place == place]) for place in places]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Published",
            "x": [axis.x[place] for place in places],
            "y": [0] * len(places),
            "text": told,
            "hovertemplate": "Published : %{text}<extra></extra>",
            "marker": {"symbol": "triangle-up", "size": 10, "color": look.muted},
            "cliponaxis": False,
        }
    ]


def mark_lines(axis: Axis, look: Look, happened: Sequence[Mark]) -> list[Trace]:
    """Return a dotted line for each bucket in which versions were published, unless too many."""
    places = sorted({mark.place for mark in happened})
    if len(places) > _MAX_LINES:
        return []
    return [
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": axis.x[place],
            "x1": axis.x[place],
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"color": look.muted, "width": 1, "dash": "dot"},
        }
        for place in places
    ]


def unusual(
    axis: Axis, look: Look, happened: Sequence[Mark], heights: Sequence[float | None]
) -> list[Trace]:
    """Return the triangles at what was found to be unusual, above what is drawn there."""
    if not happened:
        return []
    places = sorted({mark.place for mark in happened})
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Unusual",
            "x": [axis.x[place] for place in places],
            "y": [heights[place] or 0 for place in places],
            "text": [_together([m.text for m in happened if m.place == place]) for place in places],
            "hovertemplate": "Unusual : %{text}<extra></extra>",
            "marker": {"symbol": "triangle-down", "size": 12, "color": look.unusual},
            "cliponaxis": False,
        }
    ]


def _together(texts: Sequence[str]) -> str:
    shown = ", ".join(map(short, texts[:_TOLD_AT_ONCE]))
    more = len(texts) - _TOLD_AT_ONCE
    return f"{shown} and {more} more" if more > 0 else shown
