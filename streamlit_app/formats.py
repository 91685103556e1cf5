"""Own how figures, money, durations and times are written for people."""

import re
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from prompthub.wire.literals import CostStatus

DASH = "—"
A_WEEK = 7  # days
MINUTES_IN_HOUR = 60
# Below the first of a pair, so many decimals; the bounds are those of the rounded figure.
_MONEY_DECIMALS = ((0.01, 4), (1, 3), (100, 2))
_MILLISECONDS_BELOW, _SECONDS_BELOW = 999.5, 59_950
_EXACT_BELOW = 10_000
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#$~|:])")


def plain(text: str) -> str:
    """Escape a text so that Streamlit's markdown shows it as it is."""
    return _MARKDOWN.sub(r"\\\1", text)


def money(usd: Decimal | float | None, status: CostStatus = "priced") -> str:
    """Write US dollars with the digits that matter: $0.0021, $0.012, $3.40, $291."""
    if status == "free":
        return "free"
    if usd is None or status == "unknown":
        return DASH
    amount = abs(float(usd))
    if amount == 0:
        return "$0.00"
    digits = next((d for limit, d in _MONEY_DECIMALS if amount < limit), 0)
    if round(amount, digits) == 0:
        return "< $0.0001"
    return f"{'-' if usd < 0 else ''}${amount:,.{digits}f}"


def duration(milliseconds: float | None) -> str:
    """Write a time span: 842 ms, 1.8 s, 2 min 05 s."""
    if milliseconds is None:
        return DASH
    if milliseconds < _MILLISECONDS_BELOW:
        return f"{milliseconds:.0f} ms"
    if milliseconds < _SECONDS_BELOW:
        return f"{milliseconds / 1000:.1f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    if minutes < MINUTES_IN_HOUR:
        return f"{minutes} min {seconds:02d} s"
    return f"{minutes // 60:,} h {minutes % 60:02d} min"


def count(number: int | None) -> str:
    """Write a count: 3,105, then 12.4k, 1.2M; the exact one belongs in the help."""
    if number is None:
        return DASH
    if abs(number) < _EXACT_BELOW:
        return f"{number:,}"
    for unit, size in (("k", 10**3), ("M", 10**6)):
        if abs(number) < 999.95 * size:
            return f"{number / size:.1f}{unit}"
    return f"{number / 10**9:,.1f}B"


def counted(number: int, one: str, many: str = "") -> str:
    """Write a count with its noun: 1 prompt, 1,040 prompts."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def some_of(found: int, every: int, one: str, many: str = "") -> str:
    """Write how many of all there are: 3 of 12 prompts, and where they are all: 12 prompts."""
    return ("" if found == every else f"{found:,} of ") + counted(every, one, many)


def share(fraction: float | None) -> str:
    """Write a share of one as per cent: 0.6 %."""
    return DASH if fraction is None else f"{fraction * 100:.1f} %"


def points(change: float) -> str:
    """Write the change of a share, in percentage points: +0.2 pts."""
    return f"{change * 100:+.1f} pts"


def rating(mean: float | None, number: int) -> str:
    """Write a mean rating with how many there are: 4.6 (38)."""
    return DASH if mean is None else f"{mean:.1f} ({number:,})"


def ago(moment: datetime, *, now: datetime, zone: tzinfo) -> str:
    """Write a past moment: under a week relative, then the day, with the year when it is another.

    Both moments are aware. The exact one (`exact`) belongs in the help.
    """
    elapsed = now - moment
    then, today = moment.astimezone(zone), now.astimezone(zone)
    days = (today.date() - then.date()).days
    if elapsed < timedelta(minutes=1):
        return "just now"
    if elapsed < timedelta(hours=1):
        return f"{elapsed.seconds // 60} min ago"
    if days <= 0 or elapsed < timedelta(hours=6):
        return f"{elapsed.seconds // 3600} h ago"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days < A_WEEK else day(moment, now=now, zone=zone)


def day(moment: datetime, *, now: datetime, zone: tzinfo) -> str:
    """Write a day: 4 Nov, in another year 4 Nov 2025."""
    then = moment.astimezone(zone)
    year = "" if then.year == now.astimezone(zone).year else f" {then.year}"
    return f"{then.day} {then:%b}{year}"


def exact(moment: datetime, *, zone: tzinfo) -> str:
    """Write the exact local time and its zone, for help texts: 4 Nov 2026, 14:31:02 CET."""
    then = moment.astimezone(zone)
    return f"{then.day} {then:%b %Y, %H:%M:%S %Z}"


def clock_time(moment: datetime, *, zone: tzinfo) -> str:
    """Write the time of day of a log row: 14:31:02."""
    return f"{moment.astimezone(zone):%H:%M:%S}"
