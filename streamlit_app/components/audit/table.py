"""Own the table of events: a click anywhere in a row opens the event."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from bson import ObjectId

from core.documents import AuditEvent
from streamlit_app.components.audit.names import Names
from streamlit_app.components.audit.wording import in_words
from streamlit_app.components.opening_table import opening_table
from streamlit_app.components.when import to_the_second


def event_table(
    events: list[AuditEvent], names: Names, *, on_open: Callable[[ObjectId], None]
) -> None:
    """Draw the events; `on_open` is a callback."""
    opening_table(
        {event.key: _row(event, names) for event in events},
        {
            "Time": st.column_config.TextColumn(width=125),
            "Who": st.column_config.TextColumn(width=200),
            "What": st.column_config.TextColumn(width=210),
            "On": st.column_config.TextColumn(width=210),
            "Application": st.column_config.TextColumn(width=140),
            "Reason": st.column_config.TextColumn(width=240),
        },
        name="audit",
        alt=f"{len(events)} events with time, who, what, on what, and why",
        on_open=on_open,
    )


def _row(event: AuditEvent, names: Names) -> dict[str, Any]:
    of = names.applications.get(event.application_id) if event.application_id else None
    return {
        "Time": to_the_second(event.created_at),
        "Who": names.actor(event),
        "What": in_words(event.action),
        "On": names.target(event),
        "Application": of,
        "Reason": event.reason or None,
    }
