"""Own the export of the trail: CSV for spreadsheets, JSON lines for programs."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import streamlit as st

from core.audit import AuditQuery, iterate_events, list_events
from core.documents import AuditEvent
from core.values.scope import Scope
from streamlit_app.components.audit.names import Names, load_names
from streamlit_app.components.csv_text import to_csv
from streamlit_app.components.export_dialog import Kind, Made, export_dialog
from streamlit_app.components.job import Progress

LIMIT: Final = 20_000
COLUMNS: Final = (
    "at", "actor", "action", "target", "target_name", "application_id", "application",
    "reason", "before", "after", "request_id",
)  # fmt: skip
Write = Callable[[list[list[Any]]], bytes]


def offer_export(scope: Scope, query: AuditQuery) -> None:
    """Draw the button that opens the export of what the filters show."""
    if not st.button("Export", key="audit_export", icon=":material/download:"):
        return
    export_dialog(
        "Export the audit",
        f"Every event that the filters show, newest first; at most {LIMIT:,}.",
        {
            "CSV": Kind("prompthub-audit.csv", "text/csv", partial(make, scope, query, as_csv)),
            "JSON lines": Kind(
                "prompthub-audit.jsonl",
                "application/x-ndjson",
                partial(make, scope, query, as_json_lines),
            ),
        },
        key="audit_file",
    )


async def make(scope: Scope, query: AuditQuery, write: Write, tell: Progress) -> Made:
    """Read the events and write the file.

    Raises:
        NotAllowed: the trail asked for is no longer for the caller.
    """
    total = (await list_events(scope, query, limit=1)).total
    found: list[AuditEvent] = []
    async for event in iterate_events(scope, query, limit=LIMIT + 1):
        found.append(event)
        tell(min(len(found), total), max(total, len(found)))
    names = await load_names(scope, found[:LIMIT])
    rows = [_row(event, names) for event in found[:LIMIT]]
    return Made(write(rows), len(rows), was_cut=len(found) > LIMIT)


def as_csv(rows: list[list[Any]]) -> bytes:
    """Write a file that a spreadsheet opens without running anything in it."""
    flat = [
        [json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict) else cell for cell in row]
        for row in rows
    ]
    return to_csv([list(COLUMNS), *flat])


def as_json_lines(rows: list[list[Any]]) -> bytes:
    """Write one object a line."""
    lines = (json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def _row(event: AuditEvent, names: Names) -> list[Any]:
    key = event.application_id
    return [
        event.created_at.isoformat(),
        event.actor,
        event.action,
        event.target,
        names.target(event),
        str(key or ""),
        names.applications.get(key, "") if key else "",
        event.reason,
        event.model_dump(mode="json", include={"before"})["before"],
        event.model_dump(mode="json", include={"after"})["after"],
        event.request_id,
    ]
