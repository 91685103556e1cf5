"""Own what came out of a comparison: its cells, and figures of each column."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Any, Final

from bson import ObjectId

from core.documents import CellState, Column, Comparison, ExecutionLog, Feedback
from core.execution.compare import Position
from core.execution.comparisons import get_comparison
from core.feedback import find_ratings
from core.values.estimate import Estimate, estimate_mean, estimate_rating
from core.values.scope import Scope

# Long beside the answers, and the same or nearly so in every cell.
_LEFT_OUT: Final[Mapping[str, int]] = {"rendered_messages": 0, "input_data": 0}
# What is counted, of the answers that are not looked at.
_FIGURES: Final[Mapping[str, int]] = {
    **_LEFT_OUT,
    "output_data": 0,
    "guardrail_verdicts": 0,
    "metadata": 0,
    "findings": 0,
}
# More digits than the costs of one comparison can have, so that no sum is rounded.
_EXACT: Final = Context(prec=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReport:
    """A cell that was run. `execution` is without messages and inputs.

    It is None where the cell failed before one was recorded (`state` says why), or where the
    row has reached the end of its retention.
    """

    position: Position
    state: CellState
    execution: ExecutionLog | None
    ratings: tuple[Feedback, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    """A column's cells and the means over them, each with its 95 % interval.

    `failed` are all that ended without an answer, also blocked and cancelled ones. Times and
    tokens are of the successful executions, `cost_usd` of those with a known cost; `cost_unknown`
    counts those that used tokens at an unknown price, and `cost_total_usd` is without them.
    `estimated` counts those whose tokens the provider did not report. The means take executions
    as independent: many repetitions of few inputs say little of other inputs.
    """

    column: Column
    cells: tuple[CellReport, ...]
    succeeded: int
    failed: int
    running: int
    expired: int
    latency_ms: Estimate | None
    time_to_first_token_ms: Estimate | None
    input_tokens: Estimate | None
    output_tokens: Estimate | None
    token_count: Estimate | None
    estimated: int
    cost_usd: Estimate | None
    cost_total_usd: Decimal
    cost_unknown: int
    rating: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonReport:
    """A comparison as it stands now, also while it runs."""

    comparison: Comparison
    columns: tuple[ColumnReport, ...]


async def report_comparison(scope: Scope, comparison_id: ObjectId) -> ComparisonReport:
    """Return a comparison with its answers so far.

    Raises:
        NotFound: there is none, or it is of an application the caller cannot see.
        NotAllowed: the caller is no person.
    """
    return await report_on(scope, await get_comparison(scope, comparison_id))


async def report_on(
    scope: Scope, comparison: Comparison, *, words_of: tuple[int, int] | None = None
) -> ComparisonReport:
    """Return the answers so far of a comparison that the caller has read.

    With `words_of`, an input and a repetition, only the answers to that one come with their text
    and their verdicts: of hundreds a page shows a few.
    """
    rows = await _load_rows(comparison, words_of)
    ratings = await find_ratings(scope, list(rows.values()))
    cells = sorted(
        (_report_cell(key, state, rows, ratings) for key, state in comparison.cells.items()),
        key=lambda cell: cell.position,
    )
    columns = tuple(
        report_column(column, [cell for cell in cells if cell.position.column == at])
        for at, column in enumerate(comparison.columns)
    )
    return ComparisonReport(comparison=comparison, columns=columns)


async def _load_rows(
    comparison: Comparison, words_of: tuple[int, int] | None
) -> dict[ObjectId, ExecutionLog]:
    shown, others = list[ObjectId](), list[ObjectId]()
    for key, state in comparison.cells.items():
        if state.execution_id:
            has_words = words_of in (None, _position(key)[1:])
            (shown if has_words else others).append(state.execution_id)
    found = await asyncio.gather(
        _find_rows(comparison, shown, _LEFT_OUT), _find_rows(comparison, others, _FIGURES)
    )
    return {row["_id"]: ExecutionLog.model_validate(row) for rows in found for row in rows}


async def _find_rows(
    comparison: Comparison, keys: Sequence[ObjectId], fields: Mapping[str, int]
) -> list[dict[str, Any]]:
    if not keys:
        return []
    wanted = {"_id": {"$in": keys}, "application_id": comparison.application_id}
    return await ExecutionLog.collection().find(wanted, fields).to_list()


def _position(key: str) -> Position:
    return Position(*(int(part) for part in key.split(":")))


def _report_cell(
    key: str,
    state: CellState,
    rows: Mapping[ObjectId, ExecutionLog],
    ratings: Mapping[ObjectId, list[Feedback]],
) -> CellReport:
    row = rows.get(state.execution_id) if state.execution_id else None
    return CellReport(
        position=_position(key),
        state=state,
        execution=row,
        ratings=tuple(ratings.get(row.key, ())) if row else (),
    )


def report_column(column: Column, cells: Sequence[CellReport]) -> ColumnReport:
    """Count a column's cells by how they ended, and take the means of its figures."""
    rows = [cell.execution for cell in cells if cell.execution is not None]
    good = [row for row in rows if row.status == "success"]
    running = sum(row.status in {"queued", "running"} for row in rows)
    expired = sum(cell.execution is None and cell.state.error_type is None for cell in cells)
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    return ColumnReport(
        column=column,
        cells=tuple(cells),
        succeeded=len(good),
        failed=len(cells) - len(good) - running - expired,
        running=running,
        expired=expired,
        latency_ms=_mean_of(good, "latency_ms"),
        time_to_first_token_ms=_mean_of(good, "time_to_first_token_ms"),
        input_tokens=_mean_of(good, "input_tokens"),
        output_tokens=_mean_of(good, "output_tokens"),
        token_count=_mean_of(good, "token_count"),
        estimated=sum(row.tokens_estimated for row in good),
        cost_usd=estimate_mean(costs),
        cost_total_usd=_sum(costs),
        cost_unknown=sum(row.cost_usd is None and row.token_count is not None for row in rows),
        rating=estimate_rating([one.rating for cell in cells for one in cell.ratings]),
    )


def _mean_of(rows: Sequence[ExecutionLog], field: str) -> Estimate | None:
    values = [getattr(row, field) for row in rows]
    return estimate_mean([value for value in values if value is not None])


def _sum(costs: Sequence[Decimal]) -> Decimal:
    with localcontext(_EXACT):
        return sum(costs, Decimal(0))
