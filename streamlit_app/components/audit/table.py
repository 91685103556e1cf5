"""Own the table of events: a click anywhere in a row opens the event."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st
from bson import ObjectId

from core import clock
from core.documents import AuditEvent
from streamlit_app import formats, viewer
from streamlit_app.components.audit.names import Names
from streamlit_app.components.audit.wording import in_words
from streamlit_app.formats import DASH


def event_table(
    events: list[AuditEvent], names: Names, *, on_open: Callable[[ObjectId], None]
) -> None:
    """Draw the events; `on_open` is a callback."""
    # A key per list: the selection of another page or filter is none of these rows.
    key = f"audit_{hash(tuple(event.key for event in events))}"

    def open_selected() -> None:
        cells: list[tuple[int, str]] = st.session_state[key]["selection"]["cells"]
        if cells and cells[0][0] < len(events):
            on_open(events[cells[0][0]].key)

    st.dataframe(  # pyright: ignore[reportUnknownMemberType] - names types of polars
        pd.DataFrame([_row(event, names) for event in events]),
        key=key,
        on_select=open_selected,
        selection_mode="single-cell",
        hide_index=True,
        height="content",
        row_height=36,
        placeholder=DASH,
        alt=f"{len(events)} events with time, who, what, on what, and why",
        column_config={
            "Time": st.column_config.TextColumn(width=125),
            "Who": st.column_config.TextColumn(width=200),
            "What": st.column_config.TextColumn(width=210),
            "On": st.column_config.TextColumn(width=210),
            "Application": st.column_config.TextColumn(width=140),
            "Reason": st.column_config.TextColumn(width=240),
        },
    )


def _row(event: AuditEvent, names: Names) -> dict[str, Any]:
    of = names.applications.get(event.application_id) if event.application_id else None
    return {
        "Time": when(event),
        "Who": names.actor(event),
        "What": in_words(event.action),
        "On": names.target(event),
        "Application": of,
        "Reason": event.reason or None,
    }


def when(event: AuditEvent) -> str:
    """Write the time of day, with the day before it where that is not today."""
    zone, now, at = viewer.zone(), clock.now(), event.created_at
    time = formats.clock_time(at, zone=zone)
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return time
    return f"{formats.day(at, now=now, zone=zone)} {time}"
