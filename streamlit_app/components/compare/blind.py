"""Own the blind mode: answers without names, in an order that is shuffled once and for all."""

import hashlib
from collections.abc import Iterator
from string import ascii_uppercase

from core.execution.comparison_report import CellReport, ComparisonReport
from core.values.scope import Scope


def blind_order(scope: Scope, report: ComparisonReport, at: int) -> list[int]:
    """Return the columns in an order of its own for each person, comparison and input.

    The same at every look, so that an answer stays where it was read.
    """
    seed = f"{scope.user_id}:{report.comparison.key}:{at}"
    columns = range(len(report.columns))
    return sorted(columns, key=lambda column: hashlib.sha256(f"{seed}:{column}".encode()).digest())


def letter(place: int) -> str:
    """Return the name of the answer at a place: Answer A."""
    return f"Answer {ascii_uppercase[place]}"


def place_of(text: str) -> int | None:
    """Return the place that a letter of the address names; None where it names none."""
    return ascii_uppercase.index(text) if text in tuple(ascii_uppercase) else None


def unrated(scope: Scope, report: ComparisonReport) -> int:
    """Return how many answers the caller has not rated yet."""
    return sum(1 for _ in to_rate(scope, report))


def to_rate(scope: Scope, report: ComparisonReport) -> Iterator[CellReport]:
    """Yield the answers that the caller has not rated yet."""
    for column in report.columns:
        for cell in column.cells:
            if is_answer(cell) and not any(one.user_id == scope.user_id for one in cell.ratings):
                yield cell


def is_answer(cell: CellReport) -> bool:
    """Whether the cell has an answer to rate."""
    return cell.execution is not None and cell.execution.status == "success"
