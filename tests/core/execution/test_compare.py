import asyncio
from collections import Counter
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from core.clock import Stopwatch
from core.documents import Column, Comparison, ExecutionLog
from core.errors import NotAllowed, NotFound, PromptHubError, RateLimited
from core.execution.compare import Position, compare, stream
from core.execution.comparison_report import ComparisonReport, report_comparison
from core.execution.comparisons import NewComparison, create_comparison
from core.execution.request import Engine, ExecutionResult, Started
from core.providers.base import Chunk
from core.providers.scripted import ScriptedProvider
from core.values.generation import ModelParams
from core.values.scope import Scope
from tests.builders import a_body, a_scope
from tests.fake_provider import FakeProvider
from tests.places import Place, an_engine, eventually

SAVED = Column(prompt_id="greet", version="1.0.0", model="openai/gpt-4o-mini")
ADA, BO = {"name": "Ada"}, {"name": "Bo"}


async def a_comparison(place: Place, *columns: Column, **fields: Any) -> Comparison:
    new = NewComparison.model_validate(
        {
            "application_id": place.application.key,
            "name": "Which one?",
            "columns": columns or (SAVED,),
            "inputs": (ADA,),
            **fields,
        }
    )
    return await create_comparison(place.scope, new, limits=an_engine(a_provider()).limits)


def a_provider(seconds: float = 0) -> ScriptedProvider:
    return ScriptedProvider(["Paris"], piece_seconds=seconds)


async def the_report(place: Place, comparison: Comparison) -> ComparisonReport:
    return await report_comparison(place.scope, comparison.key)


async def test_every_column_answers_every_input_as_often_as_asked(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    unsaved = Column(
        prompt_id="greet", body=a_body("Bye, {{ name }}."), model="openai/gpt-4o", label="Bye"
    )
    comparison = await a_comparison(place, SAVED, unsaved, inputs=(ADA, BO), repetitions=3)

    await compare(place.scope, comparison, engine=engine)

    asked = Counter(
        (chat.body["model"], chat.body["messages"][-1]["content"]) for chat in fake.chats
    )
    assert asked == {
        (model, text.format(name)): 3
        for model, text in (("gpt-4o-mini", "Say hello to {}."), ("gpt-4o", "Bye, {}."))
        for name in ("Ada", "Bo")
    }
    report = await the_report(place, comparison)
    assert [column.succeeded for column in report.columns] == [6, 6]
    rows = await ExecutionLog.find_all().to_list()
    assert {row.comparison_id for row in rows} == {str(comparison.key)}
    assert {state.execution_id for state in report.comparison.cells.values()} == {
        row.key for row in rows
    }
    assert sorted({row.version or "unsaved" for row in rows}) == ["1.0.0", "unsaved"]


async def test_parameters_of_a_column_override_those_of_the_version(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    params = ModelParams(temperature=0.25, stop=("END",))
    comparison = await a_comparison(place, SAVED.model_copy(update={"model_params": params}))

    await compare(place.scope, comparison, engine=engine)

    assert (fake.chats[0].body["temperature"], fake.chats[0].body["stop"]) == (0.25, ["END"])


async def test_a_stream_tells_of_each_cell_in_order(place: Place, engine: Engine) -> None:
    comparison = await a_comparison(place, SAVED, SAVED, inputs=(ADA, BO))

    streams = stream(place.scope, comparison, engine=engine)

    assert list(streams) == [0, 1]
    for column, events in streams.items():
        told: dict[Position, list[Any]] = {}
        async for event in events:
            told.setdefault(event.position, []).append(event.item)
        assert sorted(told) == [(column, 0, 0), (column, 1, 0)]
        for started, *chunks, result in told.values():
            assert isinstance(started, Started)
            assert isinstance(result, ExecutionResult)
            assert "".join(one.text for one in chunks if isinstance(one, Chunk)) == result.text


async def test_a_column_that_fails_leaves_the_others_alone(place: Place, engine: Engine) -> None:
    broken = SAVED.model_copy(update={"model": "openai/fault-401"})
    nowhere = SAVED.model_copy(update={"prompt_id": "gone"})
    unknown = SAVED.model_copy(update={"model": "nobody/gpt-4o"})
    comparison = await a_comparison(place, broken, SAVED, nowhere, unknown)

    await compare(place.scope, comparison, engine=engine)

    report = await the_report(place, comparison)
    assert [(one.succeeded, one.failed) for one in report.columns] == [
        (0, 1),
        (1, 0),
        (0, 1),
        (0, 1),
    ]
    refused, _, gone, unreachable = (column.cells[0] for column in report.columns)
    assert refused.execution is not None
    assert refused.execution.error_type == "provider_refused"
    assert (gone.execution, gone.state.error_type) == (None, "not_found")
    assert unreachable.execution is not None


async def test_a_failing_cell_is_told_and_its_column_goes_on(place: Place, engine: Engine) -> None:
    comparison = await a_comparison(place, inputs=({}, ADA))

    events = [event async for event in stream(place.scope, comparison, engine=engine)[0]]

    last = {event.position.input: event.item for event in events}
    assert isinstance(last[0], PromptHubError)
    assert last[0].code == "missing_variables"
    assert isinstance(last[1], ExecutionResult)


async def test_columns_run_beside_each_other(place: Place) -> None:
    engine = an_engine(a_provider(seconds=0.5))
    comparison = await a_comparison(place, *([SAVED] * 8))
    watch = Stopwatch()

    await compare(place.scope, comparison, engine=engine)

    assert watch.elapsed_ms() < 2000  # one after another they would take 4,000
    assert sum(one.succeeded for one in (await the_report(place, comparison)).columns) == 8


@pytest.mark.parametrize("at_once", [1, 3, 5])
async def test_no_more_cells_run_at_once_than_the_setting_says(place: Place, at_once: int) -> None:
    engine = an_engine(a_provider(seconds=0.02))
    limits = engine.limits.model_copy(update={"comparison_at_once": at_once})
    comparison = await a_comparison(place, SAVED, SAVED, inputs=(ADA, BO), repetitions=3)
    running: set[Position] = set()
    most = 0

    async def watch(events: Any) -> None:
        nonlocal most
        async for event in events:
            running.add(event.position)
            most = max(most, len(running))
            if isinstance(event.item, ExecutionResult):
                running.discard(event.position)

    streams = stream(place.scope, comparison, engine=replace(engine, limits=limits))
    await asyncio.gather(*(watch(events) for events in streams.values()))

    assert 1 <= most <= at_once


async def test_cancelling_stops_every_call_upstream_and_closes_every_row(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    slow = SAVED.model_copy(update={"model": "openai/slow"})
    comparison = await a_comparison(place, *([slow] * 4), inputs=(ADA, BO), repetitions=5)
    task = asyncio.create_task(compare(place.scope, comparison, engine=engine))
    assert await eventually(lambda: len(fake.chats) == 16)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await eventually(lambda: all(chat.was_disconnected for chat in fake.chats))
    assert len(fake.chats) == 16
    rows = await ExecutionLog.find_all().to_list()
    assert {row.status for row in rows} == {"cancelled"}
    report = await the_report(place, comparison)
    assert {cell.state.execution_id for one in report.columns for cell in one.cells} == {
        row.key for row in rows
    }


async def test_closing_one_column_stops_it_alone(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    fake.slow_seconds = 0.05
    slow = SAVED.model_copy(update={"model": "openai/slow"})
    comparison = await a_comparison(place, slow, slow)
    streams = stream(place.scope, comparison, engine=engine)

    async with aclosing(streams[0]) as closed:
        await heard_a_piece(closed)
    rest = [event.item async for event in streams[1]]

    assert isinstance(rest[-1], ExecutionResult)
    report = await the_report(place, comparison)
    assert [(one.succeeded, one.failed) for one in report.columns] == [(0, 1), (1, 0)]


async def heard_a_piece(events: Any) -> None:
    async for event in events:
        if isinstance(event.item, Chunk):
            return


async def test_a_column_can_be_run_again_by_itself(place: Place, engine: Engine) -> None:
    comparison = await a_comparison(place, SAVED, SAVED)
    await compare(place.scope, comparison, engine=engine)
    before = await the_report(place, comparison)

    await compare(place.scope, comparison, engine=engine, columns=[1])

    after = await the_report(place, comparison)
    assert [len(column.cells) for column in after.columns] == [1, 1]
    assert after.columns[0].cells[0].state == before.columns[0].cells[0].state
    assert after.columns[1].cells[0].state != before.columns[1].cells[0].state


async def test_the_minute_of_the_application_holds_for_cells_too(place: Place) -> None:
    await place.application.set({"limits": {"executions_per_minute": 2}})
    comparison = await a_comparison(place, repetitions=5)

    events = stream(place.scope, comparison, engine=an_engine(a_provider()))[0]
    items = [event.item async for event in events]

    assert sum(isinstance(item, ExecutionResult) for item in items) == 2
    assert sum(isinstance(item, RateLimited) for item in items) == 3
    (column,) = (await the_report(place, comparison)).columns
    assert (column.succeeded, column.failed) == (2, 3)


async def test_only_editors_run_and_a_viewers_try_changes_nothing(
    place: Place, engine: Engine
) -> None:
    comparison = await a_comparison(place)
    viewer = a_scope("viewer", place.application.key)
    key = replace(viewer, kind="application", user_id=None)
    stranger = Scope(kind="user")

    for scope, refusal in ((viewer, NotAllowed), (key, NotAllowed), (stranger, NotFound)):
        with pytest.raises(refusal):
            stream(scope, comparison, engine=engine)

    assert (await the_report(place, comparison)).comparison.cells == {}


async def test_what_is_no_error_of_ours_ends_its_column_only(place: Place) -> None:
    def answer(request: Any) -> str:
        if request.params.seed == 13:
            msg = "a mistake in an adapter"
            raise ZeroDivisionError(msg)
        return "Paris"

    bad = SAVED.model_copy(update={"model_params": ModelParams(seed=13)})
    comparison = await a_comparison(place, bad, SAVED)

    engine = an_engine(ScriptedProvider(answer, piece_seconds=0.2))
    with pytest.raises(ZeroDivisionError):
        await compare(place.scope, comparison, engine=engine)

    report = await the_report(place, comparison)
    assert [(one.succeeded, one.failed) for one in report.columns] == [(0, 1), (1, 0)]


async def test_a_stream_that_is_never_read_calls_nobody(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    comparison = await a_comparison(place)

    events = stream(place.scope, comparison, engine=engine)[0]
    await events.aclose()

    assert fake.chats == []


async def test_what_is_left_is_not_run_again(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    comparison = await a_comparison(place, inputs=(ADA, BO))

    streams = stream(place.scope, comparison, engine=engine, leave={Position(0, 0, 0)})
    seen = {event.position async for event in streams[0]}

    assert seen == {Position(0, 1, 0)}
    assert len(fake.chats) == 1
