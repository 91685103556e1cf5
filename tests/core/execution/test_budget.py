import asyncio
import logging
from contextlib import aclosing
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.documents import ExecutionLog, Limits, Spending
from core.errors import BudgetExceeded, GuardrailBlocked
from core.execution.budget import Budget, get_budget_state, list_budget_states, month_at
from core.execution.compare import compare
from core.execution.comparisons import NewComparison, create_comparison
from core.execution.request import Engine
from core.execution.run import run
from core.execution.stream import stream
from core.metrics import Metrics
from core.providers.scripted import ScriptedProvider
from core.values.scope import SYSTEM
from core.values.usage import Usage
from tests.builders import a_body
from tests.places import Place, a_place, an_engine

ANSWER = ScriptedProvider(["Hello Ada"], usage=Usage(input_tokens=10, output_tokens=4))
# gpt-4o-mini: 0.15 and 0.60 US dollars for a million tokens.
COST = Decimal("0.0000039")
LIMIT = Decimal("0.000005")


async def the_spending() -> Spending:
    (spending,) = await Spending.find_all().to_list()
    return spending


async def limited(*, hard_stop: bool = True, **fields: object) -> Place:
    limits = Limits(monthly_budget_usd=LIMIT, hard_stop=hard_stop).model_dump()
    return await a_place(limits=limits, **fields)


async def test_a_budget_used_up_stops_the_next_call_before_it_is_made(database: object) -> None:
    del database
    place = await limited()
    provider = ScriptedProvider(["Hello Ada"], usage=Usage(input_tokens=10, output_tokens=4))
    engine = an_engine(provider)
    await run(place.scope, place.request(), engine=engine)
    await run(place.scope, place.request(), engine=engine)

    with pytest.raises(BudgetExceeded) as raised:
        await run(place.scope, place.request(), engine=engine)

    assert raised.value.limit == "0.000005"
    assert len(provider.requests) == 2
    assert await ExecutionLog.count() == 2
    assert (await the_spending()).spent_usd == 2 * COST


async def test_calls_at_once_are_all_counted_once(place: Place) -> None:
    engine = an_engine(ANSWER)

    await asyncio.gather(*(run(place.scope, place.request(), engine=engine) for _ in range(20)))

    assert (await the_spending()).spent_usd == 20 * COST


async def test_streams_tests_comparisons_and_blocked_answers_count_too(place: Place) -> None:
    engine = an_engine(ANSWER)
    guarded = a_body(
        guardrail_config={"post_validation": {"enabled": True, "prohibited_terms": ["Ada"]}},
    )
    new = NewComparison.model_validate(
        {
            "application_id": place.application.key,
            "name": "Two models",
            "columns": [{"prompt_id": "greet", "model": "openai/gpt-4o-mini"}] * 2,
            "inputs": [{"name": "Ada"}],
        }
    )

    async with aclosing(stream(place.scope, place.request(), engine=engine)) as items:
        async for _ in items:
            pass
    with pytest.raises(GuardrailBlocked):
        await run(place.scope, place.request(body=guarded), engine=engine)
    comparison = await create_comparison(place.scope, new, limits=engine.limits)
    await compare(place.scope, comparison, engine=engine)

    assert (await the_spending()).spent_usd == 4 * COST


async def test_an_unknown_cost_counts_nothing_and_is_counted_as_such(place: Place) -> None:
    unknown = an_engine(ScriptedProvider(["Hello"]))
    slow = an_engine(ScriptedProvider(["Hello Ada and all"], piece_seconds=0.01))

    await run(place.scope, place.request(), engine=unknown)
    async with aclosing(stream(place.scope, place.request(), engine=slow)) as items:
        await anext(items)
        await anext(items)

    spending = await the_spending()
    assert (spending.spent_usd, spending.unpriced) == (Decimal(0), 2)


async def test_without_a_hard_stop_one_warning_is_logged_and_calls_go_on(
    database: object, caplog: pytest.LogCaptureFixture
) -> None:
    del database
    place = await limited(hard_stop=False)
    engine = an_engine(ANSWER)

    with caplog.at_level(logging.WARNING, "core.execution.budget"):
        for _ in range(4):
            await run(place.scope, place.request(), engine=engine)

    warned = [record for record in caplog.records if record.name == "core.execution.budget"]
    assert len(warned) == 1
    assert warned[0].__dict__["facts"]["spent_usd"] == str(2 * COST)


async def test_retention_does_not_lose_the_month(database: object) -> None:
    del database
    place = await limited(retention_days=1)
    engine = an_engine(ANSWER)
    for _ in range(2):
        await run(place.scope, place.request(), engine=engine)

    await ExecutionLog.delete_all()

    with pytest.raises(BudgetExceeded):
        await run(place.scope, place.request(), engine=engine)


@pytest.mark.parametrize(
    ("zone", "month"), [("Pacific/Kiritimati", "2026-12"), ("Pacific/Niue", "2026-11")]
)
def test_the_month_is_that_of_the_applications_time_zone(zone: str, month: str) -> None:
    late_on_the_last_day = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)

    assert month_at(late_on_the_last_day, zone) == month


async def test_a_new_month_begins_at_nothing(database: object) -> None:
    del database
    place = await limited()
    old = Spending(application_id=place.application.key, month="2020-01", spent_usd=Decimal(9))
    await old.insert()

    await run(place.scope, place.request(), engine=an_engine(ANSWER))

    assert await Spending.count() == 2


async def test_a_cost_is_counted_although_its_caller_is_cancelled(place: Place) -> None:
    counting = Budget.of(place.application).count(COST)
    await asyncio.sleep(0)

    counting.cancel()
    await asyncio.gather(counting, return_exceptions=True)
    await asyncio.sleep(0.3)

    assert (await the_spending()).spent_usd == COST


async def test_each_level_is_told_once_however_many_calls_come_at_once(
    database: object, caplog: pytest.LogCaptureFixture
) -> None:
    del database
    place = await a_place(limits=Limits(monthly_budget_usd=Decimal(100)).model_dump())
    metrics = Metrics()
    budget = Budget.of(place.application, metrics)

    with caplog.at_level(logging.WARNING, "core.execution.budget"):
        await asyncio.gather(*(budget.count(Decimal(1)) for _ in range(79)))
        assert metrics.budgets == {}
        await asyncio.gather(*(budget.count(Decimal(1)) for _ in range(60)))

    assert metrics.budgets == {"nearly": 1, "used_up": 1}
    assert len(caplog.records) == 2
    state = await get_budget_state(SYSTEM, place.application.key)
    assert (state.spent_usd, state.share, state.level) == (Decimal(139), 1.39, "used_up")


async def test_states_of_many_are_those_of_each_where_there_is_a_budget(database: object) -> None:
    del database
    budget = Limits(monthly_budget_usd=Decimal(10)).model_dump()
    spent, fresh, free = await a_place(limits=budget), await a_place(limits=budget), await a_place()
    await Budget.of(spent.application).count(Decimal(9))
    applications = [one.application for one in (spent, fresh, free)]

    states = await list_budget_states(SYSTEM, applications)

    assert states == {one.key: await get_budget_state(SYSTEM, one.key) for one in applications[:2]}
    assert [states[one.key].level for one in applications[:2]] == ["nearly", "within"]
    assert await list_budget_states(spent.scope, applications[1:]) == {}


async def test_another_limit_is_told_of_again(database: object) -> None:
    del database
    metrics = Metrics()
    place = await a_place(limits=Limits(monthly_budget_usd=Decimal(10)).model_dump())
    await Budget.of(place.application, metrics).count(Decimal(8))

    for limit, level in ((100, "within"), (9, "nearly"), (9, "nearly"), (8, "used_up")):
        place.application.limits.monthly_budget_usd = Decimal(limit)
        await place.application.save()
        await Budget.of(place.application, metrics).count(Decimal("0.0001"))
        assert (await get_budget_state(SYSTEM, place.application.key)).level == level

    assert metrics.budgets == {"nearly": 2, "used_up": 1}


async def test_calls_one_after_another_pass_the_limit_by_one_at_most(database: object) -> None:
    """Property: with a hard stop, spending stays below the limit and what runs at once."""
    del database
    for lanes in (1, 3, 8):
        place = await a_place(
            limits=Limits(monthly_budget_usd=20 * COST, hard_stop=True).model_dump()
        )
        engine = an_engine(ANSWER)

        async def lane(place: Place = place, engine: Engine = engine) -> int:
            for done in range(40):
                try:
                    await run(place.scope, place.request(), engine=engine)
                except BudgetExceeded:
                    return done
            return 40

        calls = sum(await asyncio.gather(*(lane() for _ in range(lanes))))

        spent = (await get_budget_state(SYSTEM, place.application.key)).spent_usd
        assert spent == calls * COST
        assert 20 <= calls < 20 + lanes
