"""Own the table of executions: a click anywhere in a row opens its detail."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st
from bson import ObjectId

from core import clock
from core.documents import ExecutionLog
from prompthub.wire.literals import ExecutionStatus
from streamlit_app import formats, viewer
from streamlit_app.components.executions.names import Names
from streamlit_app.formats import DASH

COLOURS: dict[ExecutionStatus, str] = {
    "success": "green",
    "failed": "red",
    "timeout": "red",
    "blocked": "orange",
    "cancelled": "gray",
    "running": "blue",
    "queued": "blue",
}
KEY = "executions"


def execution_table(
    rows: list[ExecutionLog], names: Names, *, on_open: Callable[[ObjectId], None], key: str = KEY
) -> None:
    """Draw the rows; `on_open` is a callback."""
    # A key per list: the selection of another page or filter is none of these rows.
    key = f"{key}_{hash(tuple(row.key for row in rows))}"

    def open_selected() -> None:
        cells: list[tuple[int, str]] = st.session_state[key]["selection"]["cells"]
        if cells and cells[0][0] < len(rows):
            on_open(rows[cells[0][0]].key)

    st.dataframe(  # pyright: ignore[reportUnknownMemberType] - names types of polars
        pd.DataFrame([_row(row, names) for row in rows]),
        key=key,
        on_select=open_selected,
        selection_mode="single-cell",
        hide_index=True,
        height="content",
        row_height=36,
        placeholder=DASH,
        alt=f"{len(rows)} executions with time, state, prompt, model, latency, tokens and cost",
        column_config={
            "Time": st.column_config.TextColumn(width=118),
            "State": st.column_config.MultiselectColumn(
                width=110,
                options=[state.capitalize() for state in COLOURS],
                color=list(COLOURS.values()),
            ),
            "Prompt": st.column_config.TextColumn(width=245),
            "Model": st.column_config.TextColumn(width=185),
            "Latency, ms": st.column_config.NumberColumn(width=110, format="localized"),
            "Tokens": st.column_config.NumberColumn(width=90, format="localized"),
            "Cost": st.column_config.TextColumn(width=90, alignment="right"),
            "Caller": st.column_config.TextColumn(width=175),
        },
    )


def _row(row: ExecutionLog, names: Names) -> dict[str, Any]:
    is_known = row.cost_usd is not None or row.cost_status == "free"
    return {
        "Time": when(row.created_at),
        "State": [row.status.capitalize()],
        "Prompt": f"{row.prompt_id or 'Unsaved text'}  {row.version or ''}".strip(),
        "Model": row.model_name or None,
        "Latency, ms": None if row.latency_ms is None else round(row.latency_ms),
        "Tokens": row.token_count,
        "Cost": formats.money(row.cost_usd, row.cost_status) if is_known else None,
        "Caller": names.caller(row),
    }


def when(at: datetime) -> str:
    """Write the time of day, with the day before it where that is not today."""
    zone, now = viewer.zone(), clock.now()
    time = formats.clock_time(at, zone=zone)
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return time
    return f"{formats.day(at, now=now, zone=zone)} {time}"
