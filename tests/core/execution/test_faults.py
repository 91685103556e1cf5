"""Every fault of a provider, over every adapter, plain and streamed, as the pipeline meets it.

The faults of one adapter run side by side, since each is told apart by the name of its model.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

import pytest

from core.documents import ExecutionLog
from core.errors import ProviderError, ProviderTimeout
from core.execution.recording import execution_of
from core.execution.request import Engine, ExecutionResult
from core.execution.run import run
from core.execution.stream import stream
from core.providers import retry
from core.providers.base import Provider
from core.providers.retry import MAX_CALLS
from prompthub.wire.literals import ConnectionKind
from tests.adapters import KINDS, MODES, REFUSALS, UNUSABLE, Mode, connected
from tests.fake_provider import RAW_USAGE, FakeProvider
from tests.places import Place, an_engine


class Met(NamedTuple):
    """What became of one fault: its error if any, the seconds it took, the row it left."""

    error: ProviderError | None
    seconds: float
    row: ExecutionLog


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> ConnectionKind:
    return request.param


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param


@pytest.fixture
async def provider(kind: ConnectionKind, fake: FakeProvider) -> AsyncGenerator[Provider]:
    provider = connected(kind, fake, "sk-canary")
    yield provider
    await provider.close()


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT_SECONDS", 0.001)


@pytest.mark.usefixtures("quick_retries")
async def test_every_fault_is_a_typed_error_one_closed_row_and_few_calls(
    place: Place, provider: Provider, fake: FakeProvider, mode: Mode
) -> None:
    engine = an_engine(provider, deadline_seconds=30)
    expected = {**REFUSALS, **dict.fromkeys(UNUSABLE, (ProviderError, MAX_CALLS))}

    met = await meet(place, engine, mode, *expected)

    for model, (kind_of_error, most_calls) in expected.items():
        error, _, row = met[model]
        asked = sum(seen.body.get("model") == model for seen in fake.chats)
        assert isinstance(error, kind_of_error), model
        assert 1 <= asked == row.attempts <= most_calls, model
        assert_closed(row, "failed", error)
        assert "PROVIDER-RAW-TEXT" not in str(row), model
        assert "sk-canary" not in str(row), model
    assert await ExecutionLog.count() == len(expected)
    assert all(seen.path != "/elsewhere" for seen in fake.requests)


async def test_the_deadline_is_kept_and_the_row_says_timeout(
    place: Place, provider: Provider, fake: FakeProvider, mode: Mode
) -> None:
    fake.slow_seconds = 0.6
    await meet(place, an_engine(provider), mode, "gpt-4o-mini")  # the SDK is imported by now
    engine = an_engine(provider, deadline_seconds=0.5)

    met = await meet(place, engine, mode, "fault-hang", "slow")

    for model, (error, seconds, row) in met.items():
        assert isinstance(error, ProviderTimeout), model
        assert 0.5 <= seconds < 1.5, model
        assert row.attempts == 1, model
        assert_closed(row, "timeout", error)


async def test_usage_that_cannot_be_true_costs_nothing_known_and_is_estimated(
    place: Place, provider: Provider, kind: ConnectionKind, mode: Mode
) -> None:
    if kind == "langchain" and mode == "stream":
        pytest.skip("LangChain itself refuses a stream with such a usage")

    met = await meet(place, an_engine(provider), mode, *RAW_USAGE, "fault-hostile-text")

    for model in RAW_USAGE:
        error, _, row = met[model]
        assert (error, row.status, row.cost_usd) == (None, "success", None), model
        assert row.tokens_estimated, model
        assert (row.token_count or 0) > 0, model
    hostile = met["fault-hostile-text"].row
    assert hostile.output_data["text"].startswith("<script>alert(1)</script> a\ufffdb")


def assert_closed(row: ExecutionLog, status: str, error: ProviderError) -> None:
    assert (row.status, row.error_type) == (status, error.code)
    assert row.error_message == error.message
    assert row.latency_ms is not None
    assert row.finished_at is not None
    assert row.lease_owner is None


async def meet(place: Place, engine: Engine, mode: Mode, *models: str) -> dict[str, Met]:
    met = await asyncio.gather(*(meet_one(place, engine, mode, model) for model in models))
    return dict(zip(models, met, strict=True))


async def meet_one(place: Place, engine: Engine, mode: Mode, model: str) -> Met:
    began = time.perf_counter()
    try:
        execution_id = await ask(place, engine, mode, model)
        error = None
    except ProviderError as failure:
        error = failure
        execution_id = execution_of(failure)
    seconds = time.perf_counter() - began
    rows = await ExecutionLog.find({"model_name": model}).to_list()
    assert [row.key for row in rows] == [execution_id]
    return Met(error, seconds, rows[0])


async def ask(place: Place, engine: Engine, mode: Mode, model: str) -> object:
    request = place.request(model=f"openai/{model}")
    if mode == "plain":
        return (await run(place.scope, request, engine=engine)).execution_id
    async with aclosing(stream(place.scope, request, engine=engine)) as items:
        async for item in items:
            if isinstance(item, ExecutionResult):
                return item.execution_id
    return None
