import asyncio
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from core.errors import PromptHubError, ProviderError
from core.execution.recording import execution_of
from core.execution.request import Engine, ExecutionResult, Started
from core.execution.stream import stream
from core.providers.base import Chunk
from tests.fake_provider import FakeProvider
from tests.places import Place, eventually, the_row


async def test_the_stream_starts_tells_and_ends_with_the_result(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    items = [item async for item in stream(place.scope, place.request(), engine=engine)]

    started, *chunks, result = items
    assert isinstance(started, Started)
    assert isinstance(result, ExecutionResult)
    assert "".join(chunk.text for chunk in chunks if isinstance(chunk, Chunk)) == result.text
    assert result.text.strip() == fake.answer
    row = await the_row(result.execution_id)
    assert started.execution_id == row.key
    assert row.status == "success"
    assert row.time_to_first_token_ms is not None
    assert row.latency_ms is not None
    assert row.time_to_first_token_ms <= row.latency_ms
    assert (row.input_tokens, row.cost_status) == (9, "priced")


async def test_the_row_is_written_before_the_model_is_called(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    async with aclosing(stream(place.scope, place.request(), engine=engine)) as items:
        await anext(items)

        row = await the_row()
        assert row.status == "running"
        assert row.lease_until is not None
        assert fake.chats == []


@pytest.mark.parametrize("model", ["fault-cut-stream", "fault-reset-stream", "fault-error-event"])
async def test_a_stream_that_breaks_fails_and_keeps_what_was_heard(
    place: Place, engine: Engine, model: str
) -> None:
    heard: list[str] = []

    with pytest.raises(ProviderError) as raised:
        await _listen(
            stream(place.scope, place.request(model=f"openai/{model}"), engine=engine), heard
        )

    row = await the_row(execution_of(raised.value))
    assert (row.status, row.attempts) == ("failed", 1)
    assert row.output_data == {"text": "Paris "} == {"text": "".join(heard)}
    assert row.tokens_estimated
    assert row.cost_usd is None


async def test_closing_the_stream_stops_the_call_upstream_and_closes_the_row(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    items = stream(place.scope, place.request(model="openai/slow"), engine=engine)
    await anext(items)
    await anext(items)

    await items.aclose()

    row = await the_row()
    assert (row.status, row.output_data) == ("cancelled", {"text": "Paris "})
    assert await eventually(lambda: fake.chats[0].was_disconnected)


async def test_cancelling_the_reader_stops_the_call_upstream_and_closes_the_row(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    heard: list[str] = []
    task = asyncio.create_task(
        _listen(stream(place.scope, place.request(model="openai/slow"), engine=engine), heard)
    )
    assert await eventually(lambda: bool(heard))

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await the_row()).status == "cancelled"
    assert await eventually(lambda: fake.chats[0].was_disconnected)


async def test_a_web_client_that_leaves_stops_the_call_upstream_and_closes_the_row(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    heard: list[str] = []
    items = stream(place.scope, place.request(model="openai/slow"), engine=engine)

    # Starlette cancels through anyio, which cancels again at every await on the way out.
    async with anyio.create_task_group() as answering:
        answering.start_soon(_listen, items, heard)
        assert await eventually(lambda: bool(heard))
        answering.cancel_scope.cancel()

    assert await eventually(lambda: fake.chats[0].was_disconnected)
    await asyncio.sleep(0.2)
    assert (await the_row()).status == "cancelled"


async def test_a_failure_before_the_call_comes_at_the_first_item(
    place: Place, engine: Engine
) -> None:
    items = stream(place.scope, place.request(variables={}), engine=engine)

    with pytest.raises(PromptHubError) as raised:
        await anext(items)

    assert (await the_row(execution_of(raised.value))).status == "failed"


async def _listen(items: Any, heard: list[str]) -> None:
    async with aclosing(items):
        async for item in items:
            match item:
                case Chunk(text=text):
                    heard.append(text)
                case _:
                    pass
