"""Own what a card shows of one cell, whether it still runs, has just ended, or is read again."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bson import ObjectId

from core.documents import CellState, ExecutionLog
from core.execution.compare import Position
from core.execution.comparison_report import CellReport
from core.execution.recording import execution_of
from core.values.scope import Scope
from core.values.verdict import Verdict
from prompthub.wire.literals import CostStatus, ExecutionStatus
from streamlit_app.components import problem
from streamlit_app.components.compare.live import LiveCell
from streamlit_app.formats import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. `status` is None where the cell was never run; `why` is markdown."""

    status: ExecutionStatus | None = None
    text: str = ""
    why: str = ""
    version: str | None = None
    execution: ExecutionLog | None = None
    latency_ms: float | None = None
    first_text_ms: float | None = None
    cost_usd: Decimal | None = None
    cost_status: CostStatus = "unknown"
    input_tokens: int | None = None
    output_tokens: int | None = None
    is_estimated: bool = False
    verdicts: Sequence[Verdict] = ()
    rating: int | None = None
    is_best: bool = False
    keeps_no_text: bool = False

    @property
    def is_growing(self) -> bool:
        """Whether more may come."""
        return self.status in {"running", "queued"}

    @property
    def has_failed(self) -> bool:
        """Whether it ended without an answer."""
        return self.status in {"failed", "timeout", "blocked", "cancelled"}


def growing(cell: LiveCell | None) -> Answer:
    """Return what a cell that runs has so far; None waits for its turn."""
    if cell is None:
        return Answer(status="queued")
    if cell.error is not None:
        return Answer(
            status="failed", text=cell.text, why=problem.words(cell.error), latency_ms=_ran(cell)
        )
    if cell.result is None:
        return Answer(
            status="running",
            text=cell.text,
            latency_ms=cell.watch.elapsed_ms(),
            first_text_ms=cell.first_text_ms,
            version=cell.started.version if cell.started else None,
        )
    result = cell.result
    return Answer(
        status="success",
        text=result.text,
        version=result.version,
        latency_ms=result.latency_ms,
        first_text_ms=result.time_to_first_token_ms,
        cost_usd=result.cost_usd,
        cost_status=result.cost_status,
        input_tokens=result.usage.input_tokens,
        output_tokens=result.usage.output_tokens,
        is_estimated=result.usage.is_estimated,
        verdicts=result.guardrails,
    )


def _ran(cell: LiveCell) -> float | None:
    return cell.ended_ms if cell.error and execution_of(cell.error) else None


def stored(
    scope: Scope, cell: CellReport | None, live: LiveCell | None, *, is_best: bool
) -> Answer:
    """Return what is stored of a cell; words that the log does not keep stay for the session."""
    if cell is None:
        return Answer()
    row = cell.execution
    if row is None:
        return Answer(status="failed", why=_lost(cell.state))
    heard = live is not None and live.execution_id == row.key
    text = str(row.output_data.get("text") or (live.text if heard and live else ""))
    mine = next((one.rating for one in cell.ratings if one.user_id == scope.user_id), None)
    return Answer(
        status="cancelled" if heard and row.status == "running" else row.status,
        text=text,
        why=_why(row, live if heard else None),
        version=row.version,
        execution=row,
        latency_ms=row.latency_ms,
        first_text_ms=row.time_to_first_token_ms,
        cost_usd=row.cost_usd,
        cost_status=row.cost_status,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        is_estimated=row.tokens_estimated,
        verdicts=[_verdict(one) for one in row.guardrail_verdicts],
        rating=mine,
        is_best=is_best,
        keeps_no_text=not text and "text" not in row.output_data,
    )


def _lost(state: CellState) -> str:
    if state.error_message:
        return f"**It did not run.** {plain(state.error_message)}"
    return "**The answer is gone.** The log keeps executions for a limited time only."


def _why(row: ExecutionLog, live: LiveCell | None) -> str:
    if live is not None and live.error is not None:
        return problem.words(live.error)
    titles = {
        "timeout": "No answer in time.",
        "blocked": "Blocked by a check.",
        "cancelled": "Stopped.",
        "failed": "The run failed.",
    }
    title = titles.get(row.status)
    return f"**{title}** {plain(row.error_message or '')}".strip() if title else ""


def _verdict(stored_one: dict[str, Any]) -> Verdict:
    known = {name: stored_one[name] for name in Verdict.model_fields if name in stored_one}
    return Verdict.model_validate(known)


def position_of(column: int, at: int, repetition: int) -> Position:
    """Return the cell of a column that the address leads to; numbers there count from 1."""
    return Position(column, at - 1, repetition - 1)


def execution_key(answer: Answer) -> ObjectId | None:
    """Return the row of the log."""
    return answer.execution.key if answer.execution else None
