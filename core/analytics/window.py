"""Own the window of a question: from when to when, cut into which buckets, in which zone."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core import clock
from core.analytics.stretches import (
    HOUR,
    QUARTER,
    ceil_to,
    day_of,
    day_start,
    floor_to,
    hour_start,
    is_whole_hour,
)
from core.errors import Invalid
from prompthub.wire.analytics import Bucket

DEFAULT_DAYS: Final = 30
# Two years, leap day included, and the day they begin in.
MAX_LENGTH: Final = timedelta(days=732)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` (included) to `end` (not included) in UTC, both full quarters of an hour.

    `edges` are the beginnings of the buckets that lie after `start`; the first bucket begins with
    `start`, and `labels` names each by the moment at which the whole bucket begins.
    Without a `bucket` all of the window is one.
    """

    start: datetime
    end: datetime
    zone: str
    bucket: Bucket | None
    edges: tuple[datetime, ...]
    labels: tuple[datetime, ...]

    def place_of(self, moment: datetime) -> int:
        """Return the number of the bucket in which a moment of the window lies."""
        return bisect_right(self.edges, moment)

    @property
    def is_of_whole_hours(self) -> bool:
        """Whether no bucket begins or ends within an hour of UTC."""
        return all(is_whole_hour(edge) for edge in self.edges)

    def before(self) -> "Window":
        """Return the window of the same length right before this one, in one bucket."""
        return Window(self.start - (self.end - self.start), self.start, self.zone, None, (), ())


def make_window(
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    bucket: Bucket | None = None,
    zone: str = "UTC",
) -> Window:
    """Return the window; without an end it ends now, without a start it is of 30 days.

    Both are widened to full quarters of an hour, because sums are kept for those.

    Raises:
        Invalid: it ends before it starts, is longer than two years, or lies in no time of ours.
    """
    _require_ours(start, "start")
    _require_ours(end, "end")
    # The quarter that is running is part of the window.
    until = ceil_to(end or clock.now(), QUARTER)
    since = floor_to(start or until - timedelta(days=DEFAULT_DAYS), QUARTER)
    if since >= until:
        raise Invalid(
            "The window ends before it starts.", field="end", remedy="Name an end after the start."
        )
    if until - since > MAX_LENGTH:
        raise Invalid(
            "The window is longer than two years.",
            field="start",
            remedy="Ask for two years at most, at a time.",
        )
    if bucket is None:
        return Window(since, until, zone, None, (), ())
    labels = _beginnings(since, until, bucket, ZoneInfo(zone))
    return Window(since, until, zone, bucket, tuple(labels[1:]), tuple(labels))


def _require_ours(moment: datetime | None, field: str) -> None:
    if moment is not None and not EARLIEST <= moment <= LATEST:
        raise Invalid(
            f"The window reaches beyond the years {EARLIEST.year} to {LATEST.year}.",
            field=field,
            remedy="Name a moment in which something may have been run.",
        )


def _beginnings(start: datetime, end: datetime, bucket: Bucket, zone: ZoneInfo) -> list[datetime]:
    """Return the beginnings of all buckets that touch the window, the first not after `start`."""
    if bucket == "hour":
        return _hours(start, end, zone)
    found: list[datetime] = []
    day = _first_day(day_of(start, zone), bucket)
    while (begins := day_start(day, zone)) < end:
        found.append(begins)
        day = _next(day, bucket)
    return found


def _hours(start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    found = [hour_start(start, zone)]
    while (begins := _next_hour(found[-1], zone)) < end:
        found.append(begins)
    return found


def _next_hour(begins: datetime, zone: ZoneInfo) -> datetime:
    following = hour_start(begins + HOUR, zone)
    # Where a clock is moved by half an hour, an hour can begin that no clock shows.
    return following if following > begins else begins + HOUR


def _first_day(day: date, bucket: Bucket) -> date:
    match bucket:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case _:
            return day


def _next(day: date, bucket: Bucket) -> date:
    match bucket:
        case "week":
            return day + timedelta(days=7)
        case "month":
            years, month = divmod(day.month, DECEMBER)
            return date(day.year + years, month + 1, 1)
        case _:
            return day + timedelta(days=1)
