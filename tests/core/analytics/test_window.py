"""Windows: where buckets begin in zones that are no whole hours, or move their clocks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from core.analytics.stretches import QUARTER, day_of, day_start, floor_to, next_day_start
from core.analytics.window import Bucket, Window, make_window
from core.errors import Invalid

ZONES = sorted(zone for zone in available_timezones() if zone not in {"localtime", "Factory"})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local_labels(window: Window) -> list[str]:
    zone = ZoneInfo(window.zone)
    return [f"{label.astimezone(zone):%d %H:%M}" for label in window.labels]


def test_a_day_of_kathmandu_begins_at_a_quarter_past_the_hour() -> None:
    window = make_window(
        at("2026-03-01T18:15"), at("2026-03-03T18:15"), bucket="day", zone="Asia/Kathmandu"
    )

    assert window.labels == (at("2026-03-01T18:15"), at("2026-03-02T18:15"))
    assert not window.is_of_whole_hours


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", "2026-03-29", 23),
        ("Europe/Paris", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("America/Santiago", "2026-09-06", 23),  # midnight is skipped
        ("Africa/Cairo", "2026-04-24", 23),  # as well
        ("Asia/Kathmandu", "2026-03-29", 24),
    ],
)
def test_days_are_as_long_as_the_clocks_say(zone: str, day: str, hours: float) -> None:
    begins = day_start(datetime.fromisoformat(day).date(), ZoneInfo(zone))
    window = make_window(
        begins - timedelta(days=2), begins + timedelta(days=3), bucket="day", zone=zone
    )

    place = window.labels.index(begins)

    assert window.labels[place + 1] - begins == timedelta(hours=hours)
    assert window.place_of(begins) == place
    assert window.place_of(begins - timedelta(microseconds=1)) == place - 1


def test_hours_go_through_both_changes_of_the_clock() -> None:
    spring = make_window(
        at("2026-03-29T00:00"), at("2026-03-29T03:00"), bucket="hour", zone="Europe/Paris"
    )
    autumn = make_window(
        at("2026-10-25T00:00"), at("2026-10-25T03:00"), bucket="hour", zone="Europe/Paris"
    )

    assert local_labels(spring) == ["29 01:00", "29 03:00", "29 04:00"]
    assert local_labels(autumn) == ["25 02:00", "25 02:00", "25 03:00"]
    assert len(set(autumn.labels)) == 3


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_any_zone_is_cut_into_quarters_without_a_gap(zone: str) -> None:
    start, end = at("2026-01-10T00:00"), at("2027-01-10T00:00")
    chosen = ZoneInfo(zone)

    window = make_window(start, end, bucket="day", zone=zone)

    edges = (window.labels[0], *window.edges, end)
    assert all(floor_to(edge, QUARTER) == edge for edge in edges)
    lengths = {after - before for before, after in pairwise(edges[:-1])}
    assert lengths <= {timedelta(hours=half / 2) for half in (44, 46, 47, 48, 49, 50, 52)}
    for edge in window.edges:
        assert day_of(edge, chosen) > day_of(edge - timedelta(microseconds=1), chosen)
        assert next_day_start(edge - QUARTER, chosen) == edge


@pytest.mark.parametrize(
    ("bucket", "labels"),
    [
        ("week", ["26 00:00", "02 00:00", "09 00:00"]),
        ("month", ["01 00:00", "01 00:00"]),
    ],
)
def test_weeks_begin_on_mondays_and_the_first_bucket_with_the_window(
    bucket: Bucket, labels: list[str]
) -> None:
    window = make_window(at("2026-01-28T00:00"), at("2026-02-10T00:00"), bucket=bucket)

    assert local_labels(window) == labels
    assert window.edges == window.labels[1:]
    assert window.place_of(window.start) == 0


def test_two_years_are_taken_and_no_day_more() -> None:
    end = at("2026-03-01T00:00")

    window = make_window(end - timedelta(days=732), end, bucket="hour")

    assert len(window.labels) == 732 * 24
    with pytest.raises(Invalid, match="two years"):
        make_window(end - timedelta(days=732, minutes=15), end)


def test_a_window_is_widened_to_quarters_and_defaults_to_thirty_days() -> None:
    window = make_window(at("2026-03-01T10:07"), at("2026-03-01T11:01"))
    usual = make_window()

    assert (window.start, window.end) == (at("2026-03-01T10:00"), at("2026-03-01T11:15"))
    assert usual.end - usual.start == timedelta(days=30)
    assert (window.before().start, window.before().end) == (at("2026-03-01T08:45"), window.start)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2026-03-02T00:00", "2026-03-01T00:00", "end"),
        ("2026-03-01T00:00", "2026-03-01T00:00", "end"),
        ("1999-03-01T00:00", "2000-03-01T00:00", "start"),
        ("0001-01-01T00:00", "0001-01-02T00:00", "start"),
        ("2026-03-01T00:00", "9999-12-31T23:59", "end"),
    ],
)
def test_what_is_no_window_is_refused_by_name(start: str, end: str, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        make_window(at(start), at(end))

    assert raised.value.field == field
