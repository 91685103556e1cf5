"""Own the span of time that a link to the log names, in place of a period up to now."""

from datetime import datetime
from typing import NamedTuple

import streamlit as st

from core import clock
from streamlit_app import formats, viewer
from streamlit_app.formats import plain

FROM, TO = "from", "to"


class Span(NamedTuple):
    """From `start` to before `end`."""

    start: datetime
    end: datetime


def asked_span() -> Span | None:
    """Return the span that the address names, None where it names none that is one."""
    start, end = _moment(FROM), _moment(TO)
    return Span(start, end) if start and end and start < end else None


def show_span(span: Span) -> None:
    """Draw the span, with a cross that goes back to the periods."""
    st.button(
        plain(told(span)),
        key="runs_span",
        icon=":material/close:",
        icon_position="right",
        help="Show a period up to now instead",
        on_click=forget_span,
    )


def told(span: Span) -> str:
    """Write a span in the viewer's time zone."""
    zone, now = viewer.zone(), clock.now()
    first, last = (
        f"{formats.day(at, now=now, zone=zone)} {at.astimezone(zone):%H:%M}" for at in span
    )
    if span.start.astimezone(zone).date() == span.end.astimezone(zone).date():
        last = f"{span.end.astimezone(zone):%H:%M}"
    return f"{first} to {last}"


def forget_span() -> None:
    """Take the span from the address; for callbacks."""
    for name in (FROM, TO, "runs_page"):
        st.query_params.pop(name, None)


def _moment(name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None
    return found if found.tzinfo else None
