"""Own the stretches of time that sums are kept for: quarters of an hour, hours, local days."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# Every offset from UTC in use since 1972 is a whole number of these, so that every local hour,
# day, week and month begins with one. Source: IANA Time Zone Database, 2026a.
QUARTER: Final = timedelta(minutes=15)
HOUR: Final = timedelta(hours=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def floor_to(moment: datetime, step: timedelta) -> datetime:
    """Return the last multiple of `step` since 1970 that is not after the moment."""
    return moment - (moment - _EPOCH) % step


def ceil_to(moment: datetime, step: timedelta) -> datetime:
    """Return the first multiple of `step` since 1970 that is not before the moment."""
    return moment + (_EPOCH - moment) % step


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the local day in which the moment lies."""
    day = moment.astimezone(zone).date()
    return day if day_start(day, zone) <= moment else day - timedelta(days=1)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment in UTC at which a local day begins, even where midnight is skipped."""
    begins = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    if begins.astimezone(zone).date() < day:  # the clock is put back to the day before
        begins = datetime.combine(day, time(fold=1), tzinfo=zone).astimezone(UTC)
    return begins


def next_day_start(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the first beginning of a local day that is after the moment."""
    return day_start(day_of(moment, zone) + timedelta(days=1), zone)


def hour_start(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment in UTC at which the local hour of the moment begins."""
    local = moment.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return moment - past


def is_whole_hour(moment: datetime) -> bool:
    """Tell whether an hour of UTC begins at the moment."""
    return floor_to(moment, HOUR) == moment
