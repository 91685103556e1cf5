"""Own the table of executions: a click anywhere in a row opens its detail."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from bson import ObjectId

from core.documents import ExecutionLog
from prompthub.wire.literals import ExecutionStatus
from streamlit_app import formats
from streamlit_app.components.executions.names import Names
from streamlit_app.components.opening_table import opening_table
from streamlit_app.components.when import to_the_second

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
_OPENED = "execution_opened"


def execution_table(
    rows: list[ExecutionLog], names: Names, *, on_open: Callable[[ObjectId], None], key: str = KEY
) -> None:
    """Draw the rows; `on_open` is a callback that puts the row into the address."""

    def open_row(row: ObjectId) -> None:
        on_open(row)
        st.session_state[_OPENED] = True

    opening_table(
        {row.key: _row(row, names) for row in rows},
        {
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
        name=key,
        alt=f"{len(rows)} executions with time, state, prompt, model, latency, tokens and cost",
        on_open=open_row,
    )
    if st.session_state.pop(_OPENED, False):
        # The lists are fragments, whose clicks do not run the page, which opens what is addressed.
        st.rerun()


def _row(row: ExecutionLog, names: Names) -> dict[str, Any]:
    is_known = row.cost_usd is not None or row.cost_status == "free"
    return {
        "Time": to_the_second(row.created_at),
        "State": [row.status.capitalize()],
        "Prompt": f"{row.prompt_id or 'Unsaved text'}  {row.version or ''}".strip(),
        "Model": row.model_name or None,
        "Latency, ms": None if row.latency_ms is None else round(row.latency_ms),
        "Tokens": row.token_count,
        "Cost": formats.money(row.cost_usd, row.cost_status) if is_known else None,
        "Caller": names.caller(row),
    }
