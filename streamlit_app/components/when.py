"""Own how moments near the present are written on a page, in the viewer's time zone."""

from datetime import datetime

from core import clock
from streamlit_app import formats, viewer


def moment(at: datetime) -> str:
    """Write 14:02 for today, else the day: 4 Nov."""
    zone = viewer.zone()
    now = clock.now()
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return f"{at.astimezone(zone):%H:%M}"
    return formats.day(at, now=now, zone=zone)


def to_the_second(at: datetime) -> str:
    """Write 14:02:07 for today, else with the day before it."""
    zone, now = viewer.zone(), clock.now()
    time = formats.clock_time(at, zone=zone)
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return time
    return f"{formats.day(at, now=now, zone=zone)} {time}"


def ago(at: datetime) -> str:
    """Write 3 min ago, yesterday, 4 Nov."""
    return formats.ago(at, now=clock.now(), zone=viewer.zone())


def exact(at: datetime) -> str:
    """Write the exact time with its zone, for help texts."""
    return formats.exact(at, zone=viewer.zone())
