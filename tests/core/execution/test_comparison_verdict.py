from collections.abc import Sequence
from decimal import Decimal

import pytest
from bson import ObjectId

from core.documents import CellState, Column, Comparison, ExecutionLog, Feedback
from core.execution.compare import Position
from core.execution.comparison_report import CellReport, ComparisonReport, report_column
from core.execution.comparison_verdict import Finding, Measure, find_differences

# Documents are made, none is stored.
pytestmark = pytest.mark.usefixtures("database")
COLUMN = Column(prompt_id="greet")


def a_cell(column: int, at: int, value: float | None, measure: Measure) -> CellReport:
    row = ExecutionLog.model_validate(
        {
            "application_id": ObjectId(),
            "model_provider": "openai",
            "model_name": "m",
            "status": "failed" if value is None else "success",
            "latency_ms": value if measure == "latency_ms" else 1.0,
            "cost_usd": Decimal(str(value)) if measure == "cost_usd" and value else None,
        }
    )
    given = () if value is None or measure != "rating" else (a_rating(int(value)),)
    return CellReport(
        position=Position(column, at, 0), state=CellState(), execution=row, ratings=given
    )


def a_rating(stars: int) -> Feedback:
    return Feedback.model_validate({"user_id": ObjectId(), "rating": stars})


def a_report(measure: Measure, *columns: Sequence[float | None]) -> ComparisonReport:
    cells = [
        [a_cell(column, at, value, measure) for at, value in enumerate(values)]
        for column, values in enumerate(columns)
    ]
    comparison = Comparison(
        application_id=ObjectId(),
        name="Which?",
        columns=[COLUMN] * len(columns),
        inputs=[{}] * len(columns[0]),
    )
    return ComparisonReport(
        comparison=comparison, columns=tuple(report_column(COLUMN, one) for one in cells)
    )


def test_a_column_that_is_always_better_is_said_to_be() -> None:
    found = find_differences(a_report("rating", [2] * 8, [5] * 8), "rating")

    assert found is not None
    assert (found.leader, found.beaten, found.undecided, found.pairs) == (1, (0,), (), 8)
    assert found.p == 2 / 2**8


def test_less_is_better_of_latency_and_cost() -> None:
    for measure in ("latency_ms", "cost_usd"):
        values = [float(at) for at in range(1, 9)]
        found = find_differences(a_report(measure, [v + 9 for v in values], values), measure)

        assert found is not None
        assert (found.leader, found.beaten) == (1, (0,))


def test_five_inputs_never_show_a_difference() -> None:
    found = find_differences(a_report("rating", [1] * 5, [5] * 5), "rating")

    assert found is not None
    assert (found.leader, found.beaten, found.undecided, found.p) == (1, (), (0,), None)


def test_of_many_columns_each_pair_has_to_say_more() -> None:
    alone = a_report("rating", [5] * 6, [3] * 6)
    among = a_report("rating", [5] * 6, [3] * 6, [4] * 6)

    assert [one.beaten for one in map(_of_ratings, (alone, among))] == [(1,), ()]


def _of_ratings(report: ComparisonReport) -> Finding:
    found = find_differences(report, "rating")
    assert found is not None
    return found


def test_only_inputs_that_both_answered_are_paired() -> None:
    fast = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, None]
    slow = [None, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0]

    found = find_differences(a_report("latency_ms", fast, slow), "latency_ms")

    assert found is not None
    assert (found.pairs, found.leader, found.beaten) == (6, 0, (1,))


def test_without_two_columns_that_share_an_input_there_is_nothing_to_say() -> None:
    assert find_differences(a_report("rating", [5] * 8, [None] * 8), "rating") is None
    assert find_differences(a_report("latency_ms", [1.0, None], [None, 1.0]), "latency_ms") is None
    assert find_differences(a_report("rating", [5] * 8), "rating") is None
