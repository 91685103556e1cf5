"""Own the export of the filtered log: CSV for spreadsheets, JSONL with messages for machines."""

import json
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal

import streamlit as st
from bson.decimal128 import Decimal128

from core.documents import ExecutionLog
from core.execution.log import ExecutionQuery, iterate_executions, list_executions
from core.values.scope import Scope
from streamlit_app.components.csv_text import MARK, csv_lines
from streamlit_app.components.execution_card import model_of
from streamlit_app.components.executions.filters import Chosen
from streamlit_app.components.executions.names import Names, load_names
from streamlit_app.components.export_dialog import Kind, Made, export_dialog
from streamlit_app.components.job import Progress
from streamlit_app.formats import plain

LIMIT: Final = 10_000
# A file is made in memory, and a browser takes it in one piece.
MAX_BYTES: Final = 64 * 1024 * 1024
_STEP: Final = 250
Format = Literal["CSV", "JSONL"]
# What is told of a row: nothing of leases, keys of repetition, or the inside of the program.
_FIELDS: Final = (
    "prompt_id", "version", "model_provider", "model_name", "response_model", "status",
    "finish_reason", "error_type", "error_message", "attempts", "latency_ms",
    "time_to_first_token_ms", "input_tokens", "output_tokens", "tokens_estimated", "cost_usd",
    "cost_status", "input_data", "rendered_messages", "output_data", "guardrail_verdicts",
    "findings", "dependencies", "metadata", "created_at", "finished_at",
)  # fmt: skip
COLUMNS: Final = (
    "time", "id", "application", "caller", "prompt_id", "version", "model", "status", "error",
    "latency_ms", "first_text_ms", "input_tokens", "output_tokens", "cost_usd", "cost_status",
    "attempts", "variables", "answer",
)  # fmt: skip


def offer_export(scope: Scope, chosen: Chosen) -> None:
    """Draw the button that opens the export of what the filters leave."""
    if not st.button("Export", key="runs_export", type="tertiary", icon=":material/download:"):
        return
    told = [f"period “{chosen.period.lower()}”", *chosen.set_filters]
    formats: tuple[Format, ...] = ("CSV", "JSONL")
    export_dialog(
        "Export executions",
        f"The newest runs that match the filters ({plain(', '.join(told))}), at most {LIMIT:,} or "
        f"{MAX_BYTES // 1024 // 1024} MB. JSONL holds the exact messages and verdicts as well.",
        {
            name: Kind(
                f"prompthub-executions.{name.lower()}",
                "text/csv" if name == "CSV" else "application/jsonl",
                partial(make, scope, chosen.query, name),
            )
            for name in formats
        },
        key="executions_export",
    )


async def make(scope: Scope, query: ExecutionQuery, kind: Format, tell: Progress) -> Made:
    """Read the runs that match and write the file.

    Raises:
        NotFound: the application is no longer visible.
        Unavailable: the search took too long.
    """
    total = min((await list_executions(scope, query, limit=1)).total, LIMIT)
    written = bytearray((MARK + csv_lines([list(COLUMNS)])).encode() if kind == "CSV" else b"")
    rows, was_cut = 0, False
    step: list[ExecutionLog] = []
    async for row in iterate_executions(scope, query, limit=LIMIT + 1):
        if rows + len(step) == LIMIT or len(written) > MAX_BYTES:
            was_cut = True
            break
        step.append(row)
        if len(step) == _STEP:
            written += await _write(scope, step, kind)
            rows += len(step)
            step = []
            tell(min(rows, total), total)
    written += await _write(scope, step, kind)
    return Made(bytes(written), rows + len(step), was_cut)


async def _write(scope: Scope, step: list[ExecutionLog], kind: Format) -> bytes:
    names = await load_names(scope, step)
    if kind == "CSV":
        return csv_lines(_cells(row, names) for row in step).encode()
    lines = [json.dumps(_object(row, names), ensure_ascii=False) for row in step]
    return "".join(f"{line}\n" for line in lines).encode()


def _cells(row: ExecutionLog, names: Names) -> list[Any]:
    values = row.input_data.get("variables")
    return [
        row.created_at.isoformat(),
        str(row.key),
        names.applications.get(row.application_id, ""),
        names.account(row),
        row.prompt_id or "",
        row.version or "",
        model_of(row),
        row.status,
        row.error_message or "",
        _rounded(row.latency_ms),
        _rounded(row.time_to_first_token_ms),
        row.input_tokens,
        row.output_tokens,
        "" if row.cost_usd is None else f"{row.cost_usd:f}",
        row.cost_status,
        row.attempts,
        "" if values is None else json.dumps(values, ensure_ascii=False),
        row.output_data.get("text", ""),
    ]


def _rounded(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds:.1f}"


def _object(row: ExecutionLog, names: Names) -> dict[str, Any]:
    fields = row.model_dump(mode="python", include=set(_FIELDS))
    return {
        "id": str(row.key),
        "application": names.applications.get(row.application_id, ""),
        "caller": names.account(row),
        **{name: _plain(fields[name]) for name in _FIELDS},
    }


def _plain(value: Any) -> Any:
    """Return what JSON can hold; money keeps all its digits."""
    match value:
        case dict():
            return {str(name): _plain(inner) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case list():
            return [_plain(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
        case datetime():
            return value.isoformat()
        case None | bool() | int() | float() | str():
            return value
        case Decimal128():
            return str(value.to_decimal())
        case _:
            return str(value)
