"""Figures, money, durations and times as people read them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from prompthub.wire.literals import CostStatus
from streamlit_app import formats

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("usd", "status", "written"),
    [
        ("0.0021", "priced", "$0.0021"),
        ("0.012", "priced", "$0.012"),
        ("3.4", "priced", "$3.40"),
        ("291.2", "priced", "$291"),
        ("1234.5", "priced", "$1,234"),
        ("0.00001", "priced", "< $0.0001"),
        ("0", "priced", "$0.00"),
        ("0", "free", "free"),
        (None, "unknown", "—"),
        (None, "priced", "—"),
    ],
)
def test_money_has_the_digits_that_matter(
    usd: str | None, status: CostStatus, written: str
) -> None:
    assert formats.money(None if usd is None else Decimal(usd), status) == written


@pytest.mark.parametrize(
    ("milliseconds", "written"),
    [
        (842, "842 ms"),
        (999.6, "1.0 s"),
        (1800, "1.8 s"),
        (59_960, "1 min 00 s"),
        (125_000, "2 min 05 s"),
        (3_720_000, "1 h 02 min"),
        (None, "—"),
    ],
)
def test_durations_change_their_unit(milliseconds: float | None, written: str) -> None:
    assert formats.duration(milliseconds) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [(3105, "3,105"), (12_400, "12.4k"), (999_960, "1.0M"), (1_200_000, "1.2M"), (None, "—")],
)
def test_counts_are_exact_below_ten_thousand(number: int | None, written: str) -> None:
    assert formats.count(number) == written


@pytest.mark.parametrize(
    ("elapsed", "written"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=2), "2 h ago"),
        (timedelta(hours=20), "yesterday"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=16), "4 Nov"),
        (timedelta(days=381), "4 Nov 2025"),
    ],
)
def test_times_are_relative_for_a_week(elapsed: timedelta, written: str) -> None:
    assert formats.ago(NOW - elapsed, now=NOW, zone=UTC) == written


def test_exact_times_are_those_of_the_viewer() -> None:
    zone = ZoneInfo("Europe/Berlin")

    assert formats.exact(NOW, zone=zone) == "20 Nov 2026, 13:00:00 CET"
    assert formats.clock_time(NOW, zone=zone) == "13:00:00"


def test_nouns_follow_their_number() -> None:
    assert formats.counted(1, "prompt") == "1 prompt"
    assert formats.counted(1040, "prompt") == "1,040 prompts"


def test_plain_text_cannot_become_markdown() -> None:
    assert formats.plain("**a** $x$ :red[b]") == r"\*\*a\*\* \$x\$ \:red\[b\]"
