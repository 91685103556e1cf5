"""Own the export of a comparison: a row for each answer as CSV, everything as JSON."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from core.execution.comparison_report import CellReport, report_comparison
from core.values.estimate import estimate_rating
from streamlit_app import bridge, viewer
from streamlit_app.addresses import shown_address
from streamlit_app.components.analytics.export import to_csv
from streamlit_app.components.compare.opened import Opened

_COLUMNS: Final = (
    "input", "repetition", "column", "model", "version", "params", "status", "answer", "error",
    "latency_ms", "time_to_first_token_ms", "input_tokens", "output_tokens", "cost_usd",
    "cost_status", "ratings", "rating_mean", "best", "execution",
)  # fmt: skip


def offer_export(opened: Opened) -> None:
    """Draw the downloads; each file is made when it is asked for."""
    name = re.sub(r"[^\w.-]+", "-", opened.comparison.name).strip("-")[:80] or "comparison"
    with st.popover("Share", type="tertiary", icon=":material/share:"):
        st.download_button(
            "CSV, a row for each answer",
            lambda: to_csv(rows_of(whole(opened))),
            file_name=f"{name}.csv",
            mime="text/csv",
            key="compare_csv",
            on_click="ignore",
        )
        st.download_button(
            "JSON, everything",
            lambda: to_json(whole(opened)),
            file_name=f"{name}.json",
            mime="application/json",
            key="compare_json",
            on_click="ignore",
        )
        st.caption("Link for everybody in this application")
        server = shown_address(viewer.runtime().settings.server)
        st.code(f"{server}/compare?comparison={opened.comparison.key}", language=None)


def whole(opened: Opened) -> Opened:
    """Return the comparison with the words of all answers; a page has those it shows."""
    report = bridge.run(report_comparison(opened.scope, opened.comparison.key))
    return replace(opened, report=report)


def rows_of(opened: Opened) -> Iterable[list[Any]]:
    """Yield the head and a row for each answer; the values of the inputs stand in front."""
    made = opened.comparison
    names = list(dict.fromkeys(name for values in made.inputs for name in values))
    yield [*(f"input.{name}" for name in names), *_COLUMNS]
    for column, cell in _cells(opened):
        given = made.inputs[cell.position.input]
        told = answer_of(opened, column, cell)
        yield [
            *(_text(given.get(name, "")) for name in names),
            *("" if told[name] is None else _text(told[name]) for name in _COLUMNS),
        ]


def to_json(opened: Opened) -> bytes:
    """Return the comparison with its inputs and answers."""
    made = opened.comparison
    told = {
        "name": made.name,
        "created_by": made.created_by,
        "created_at": made.created_at.isoformat(),
        "columns": [
            {"name": name, **column.model_dump(mode="json", exclude_none=True)}
            for name, column in zip(opened.names, made.columns, strict=True)
        ],
        "inputs": made.inputs,
        "repetitions": made.repetitions,
        "answers": [answer_of(opened, column, cell) for column, cell in _cells(opened)],
    }
    return json.dumps(told, ensure_ascii=False, indent=2, default=str).encode()


def _cells(opened: Opened) -> Iterable[tuple[int, CellReport]]:
    for at, column in enumerate(opened.report.columns):
        for cell in column.cells:
            yield at, cell


def answer_of(opened: Opened, column: int, cell: CellReport) -> dict[str, Any]:
    """Return what is known of one answer; inputs and repetitions count from 1."""
    row, position = cell.execution, cell.position
    told = opened.comparison.columns[column]
    given = estimate_rating([one.rating for one in cell.ratings])
    picked = sum(
        (one.column, one.input, one.repetition) == tuple(position)
        for one in opened.comparison.picks
    )
    return {
        "input": position.input + 1,
        "repetition": position.repetition + 1,
        "column": opened.names[column],
        "model": told.model,
        "version": row.version if row else told.version,
        "params": told.model_params.model_dump(exclude_none=True) if told.model_params else None,
        "status": row.status if row else "failed",
        "answer": row.output_data.get("text") if row else None,
        "error": row.error_message if row else cell.state.error_message,
        "latency_ms": row.latency_ms if row else None,
        "time_to_first_token_ms": row.time_to_first_token_ms if row else None,
        "input_tokens": row.input_tokens if row else None,
        "output_tokens": row.output_tokens if row else None,
        "cost_usd": f"{row.cost_usd:f}" if row and row.cost_usd is not None else None,
        "cost_status": row.cost_status if row else None,
        "ratings": given.count if given else 0,
        "rating_mean": round(float(given.mean), 3) if given else None,
        "best": picked,
        "execution": str(row.key) if row else None,
    }


def _text(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
