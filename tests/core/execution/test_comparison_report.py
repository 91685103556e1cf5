from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from bson import Decimal128, ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.documents import CellState, Column, Comparison, ExecutionLog
from core.errors import NotFound
from core.execution.compare import Position
from core.execution.comparison_report import (
    CellReport,
    ColumnReport,
    report_column,
    report_comparison,
    report_on,
)
from core.feedback import NewRating, rate_execution
from tests.builders import a_scope
from tests.places import Place

COLUMN = Column(prompt_id="greet")
COSTS = st.none() | st.decimals(min_value=0, max_value=1000, places=15)


def an_execution(place: Place | None = None, **fields: Any) -> ExecutionLog:
    return ExecutionLog.model_validate(
        {
            "application_id": place.application.key if place else ObjectId(),
            "model_provider": "openai",
            "model_name": "gpt-4o-mini",
            "status": "success",
            "latency_ms": 100.0,
            "input_tokens": 9,
            "output_tokens": 3,
            "token_count": 12,
            **fields,
        }
    )


async def the_column(place: Place, *rows: ExecutionLog, **more: CellState) -> ColumnReport:
    for row in rows:
        await row.insert()
    cells = {f"0:0:{at}": CellState(execution_id=row.key) for at, row in enumerate(rows)}
    cells |= {name.replace("_", ":"): state for name, state in more.items()}
    comparison = Comparison(
        application_id=place.application.key,
        name="Which?",
        columns=[COLUMN],
        inputs=[{}],
        repetitions=10,
        cells={name.removeprefix("c:"): state for name, state in cells.items()},
    )
    await comparison.insert()
    return (await report_comparison(place.scope, comparison.key)).columns[0]


async def test_means_come_with_their_interval(place: Place) -> None:
    column = await the_column(
        place, *(an_execution(place, latency_ms=float(ms)) for ms in (10, 20, 30, 40, 50))
    )

    assert column.latency_ms is not None
    assert (column.latency_ms.count, column.latency_ms.mean) == (5, 30)
    assert column.latency_ms.low is not None
    assert float(column.latency_ms.low) == pytest.approx(10.3679, abs=1e-3)
    assert column.token_count is not None
    assert (column.token_count.mean, column.token_count.low) == (12, 12)
    assert column.time_to_first_token_ms is None
    assert column.rating is None


async def test_unknown_costs_are_counted_apart_and_never_taken_for_nothing(place: Place) -> None:
    column = await the_column(
        place,
        an_execution(place, cost_usd=Decimal128("0.1"), cost_status="priced"),
        an_execution(place, cost_usd=Decimal128("0.2"), cost_status="priced"),
        an_execution(place, cost_usd=None, cost_status="unknown", tokens_estimated=True),
        an_execution(place, status="failed", token_count=None),
    )

    assert column.cost_total_usd == Decimal("0.3")
    assert column.cost_usd is not None
    assert (column.cost_usd.count, column.cost_usd.mean) == (2, Decimal("0.15"))
    assert (column.cost_unknown, column.estimated) == (1, 1)


async def test_cells_are_counted_by_how_they_ended(place: Place) -> None:
    column = await the_column(
        place,
        an_execution(place),
        an_execution(place, status="timeout", latency_ms=9e9),
        an_execution(place, status="blocked"),
        an_execution(place, status="running", latency_ms=None),
        c_0_0_8=CellState(execution_id=ObjectId()),
        c_0_0_9=CellState(error_type="rate_limited", error_message="Wait."),
    )

    assert (column.succeeded, column.failed, column.running, column.expired) == (1, 3, 1, 1)
    assert column.latency_ms is not None
    assert (column.latency_ms.mean, column.latency_ms.low) == (100, None)
    assert [cell.position.repetition for cell in column.cells] == [0, 1, 2, 3, 8, 9]


async def test_ratings_of_all_people_count(place: Place) -> None:
    rows = [an_execution(place), an_execution(place)]
    colleague = a_scope("editor", place.application.key)
    for row in rows:
        await row.insert()
    for scope, row, rating in (
        (place.scope, rows[0], 5),
        (colleague, rows[0], 4),
        (colleague, rows[1], 3),
    ):
        await rate_execution(scope, row, NewRating(rating=rating))
    cells = {f"0:0:{at}": CellState(execution_id=row.key) for at, row in enumerate(rows)}
    comparison = await Comparison(
        application_id=place.application.key,
        name="Which?",
        columns=[COLUMN],
        inputs=[{}],
        cells=cells,
    ).insert()

    (column,) = (await report_comparison(place.scope, comparison.key)).columns

    assert column.rating is not None
    assert (column.rating.count, column.rating.mean) == (3, 4)
    assert [sorted(one.rating for one in cell.ratings) for cell in column.cells] == [[4, 5], [3]]


async def test_executions_of_other_applications_are_not_shown(place: Place) -> None:
    column = await the_column(place, an_execution())

    assert (column.cells[0].execution, column.expired) == (None, 1)
    with pytest.raises(NotFound):
        await report_comparison(place.scope, ObjectId())


@pytest.mark.usefixtures("database")  # a row can be made of a bound class only
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(COSTS, max_size=40))
def test_costs_add_up_exactly_in_any_order(costs: list[Decimal | None]) -> None:
    known = [cost for cost in costs if cost is not None]

    column, mirrored = a_column_of(costs), a_column_of(costs[::-1])

    with localcontext(Context(prec=500)):
        assert column.cost_total_usd == sum(known, Decimal(0)) == mirrored.cost_total_usd
    assert column.cost_unknown == len(costs) - len(known)
    assert column.cost_usd == mirrored.cost_usd
    assert (column.cost_usd.count if column.cost_usd else 0) == len(known)


def a_column_of(costs: list[Decimal | None]) -> ColumnReport:
    return report_column(
        COLUMN,
        [
            CellReport(
                position=Position(0, 0, at),
                state=CellState(execution_id=ObjectId()),
                execution=an_execution(cost_usd=cost),
                ratings=(),
            )
            for at, cost in enumerate(costs)
        ],
    )


async def test_of_many_answers_only_those_looked_at_come_with_their_words(place: Place) -> None:
    verdict = {"check": "length", "stage": "output", "passed": True, "reason": "Short."}
    said = {"output_data": {"text": "Hi"}, "guardrail_verdicts": [verdict]}
    rows = [await an_execution(place, **said).insert() for _ in range(2)]
    comparison = Comparison(
        application_id=place.application.key,
        name="Which?",
        columns=[COLUMN],
        inputs=[{}, {}],
        cells={f"0:{at}:0": CellState(execution_id=row.key) for at, row in enumerate(rows)},
    )

    report = await report_on(place.scope, comparison, words_of=(1, 0))

    first, second = (cell.execution for cell in report.columns[0].cells)
    assert first is not None
    assert second is not None
    assert (first.output_data, first.guardrail_verdicts, first.latency_ms) == ({}, [], 100)
    assert (second.output_data, second.guardrail_verdicts) == ({"text": "Hi"}, [verdict])
    assert report.columns[0].succeeded == 2
