import asyncio
from decimal import Decimal

import pytest

from core.documents import ExecutionLog
from core.errors import (
    PromptHubError,
    ProviderError,
    ProviderOverloaded,
    ProviderTimeout,
)
from core.execution.recording import execution_of
from core.execution.run import Engine, run
from core.providers.scripted import ScriptedProvider
from core.values.generation import ModelParams
from core.values.usage import Usage
from prompthub.wire.literals import ExecutionStatus
from tests.fake_provider import FakeProvider
from tests.places import Place, a_place, an_engine, eventually, the_row

ANSWER = ScriptedProvider(["Hello Ada"], usage=Usage(input_tokens=10, output_tokens=4))


async def test_a_run_leaves_one_complete_row(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    params = ModelParams(temperature=0.5)

    result = await run(
        place.scope,
        place.request(model_params=params, metadata={"ticket": "T-1"}),
        engine=engine,
    )

    row = await the_row()
    assert row.key == result.execution_id
    assert result.text == fake.answer == row.output_data["text"]
    assert [message.content for message in row.rendered_messages] == ["Say hello to Ada."]
    assert row.input_data == {"variables": {"name": "Ada"}, "model_params": {"temperature": 0.5}}
    assert (row.status, row.attempts, row.finish_reason) == ("success", 1, "stop")
    assert (row.prompt_id, row.version) == ("greet", "1.0.0")
    assert row.prompt_version_id == place.version.key
    assert (row.model_provider, row.model_name) == ("openai", "gpt-4o-mini")
    assert row.response_model == "gpt-4o-mini-2024-07-18"
    assert (row.input_tokens, row.output_tokens, row.token_count) == (9, 3, 12)
    assert row.cost_usd == result.cost_usd == Decimal("0.00000315")
    assert (row.cost_status, row.unit_prices["input_mtok"]) == ("priced", "0.15")
    assert row.user_id == place.scope.user_id
    assert row.metadata == {"ticket": "T-1"}
    assert row.latency_ms is not None
    assert row.finished_at is not None
    assert row.lease_owner is None


async def test_an_unknown_price_is_none_and_missing_usage_is_estimated(
    place: Place, engine: Engine
) -> None:
    result = await run(place.scope, place.request(model="openai/fault-usage-nan"), engine=engine)

    row = await the_row(result.execution_id)
    assert row.cost_usd is None
    assert row.cost_status == "unknown"
    assert row.tokens_estimated
    assert row.input_tokens == 5


async def test_the_offline_demo_runs_without_a_key_and_is_free(
    place: Place, engine: Engine
) -> None:
    result = await run(place.scope, place.request(model="demo/echo"), engine=engine)

    assert "offline demo" in result.text
    assert "Say hello to Ada." in result.text
    assert (result.cost_usd, result.cost_status) == (Decimal(0), "free")


@pytest.mark.parametrize(
    ("model", "error", "status", "attempts"),
    [
        ("fault-401", ProviderError, "failed", 1),
        ("fault-429-hour", ProviderOverloaded, "failed", 1),
        ("fault-html", ProviderError, "failed", 1),
        ("fault-null-content", ProviderError, "failed", 1),
        ("fault-redirect", ProviderError, "failed", 1),
        ("fault-cut-stream", ProviderError, "failed", 4),
    ],
)
async def test_a_provider_failure_closes_its_row_and_names_it(
    place: Place,
    engine: Engine,
    model: str,
    error: type[PromptHubError],
    status: ExecutionStatus,
    attempts: int,
) -> None:
    with pytest.raises(error) as raised:
        await run(place.scope, place.request(model=f"openai/{model}"), engine=engine)

    row = await the_row(execution_of(raised.value))
    assert row.status == raised.value.facts["execution_status"] == status
    assert row.error_type == raised.value.code
    assert row.error_message == raised.value.message
    assert row.attempts == attempts
    assert row.latency_ms is not None
    assert await ExecutionLog.count() == 1


async def test_a_call_past_the_deadline_is_a_timeout(place: Place) -> None:
    slow = an_engine(ScriptedProvider(["late"], piece_seconds=60), deadline_seconds=0.2)

    with pytest.raises(ProviderTimeout):
        await run(place.scope, place.request(), engine=slow)

    row = await the_row()
    assert (row.status, row.error_type) == ("timeout", "provider_timeout")


async def test_a_provider_gets_ready_before_the_time_of_its_first_call(place: Place) -> None:
    class SlowToOpen(ScriptedProvider):
        async def open(self, model: str) -> None:
            del model
            await asyncio.sleep(0.6)

    first = an_engine(SlowToOpen(["Hello"]), deadline_seconds=0.5)

    result = await run(place.scope, place.request(), engine=first)

    assert result.status == "success"


async def test_cancelling_stops_the_call_upstream_and_closes_the_row(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    task = asyncio.create_task(
        run(place.scope, place.request(model="openai/fault-hang"), engine=engine)
    )
    assert await eventually(lambda: bool(fake.chats))

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    row = await the_row()
    assert (row.status, row.error_type) == ("cancelled", "cancelled")
    assert await eventually(lambda: fake.chats[0].was_disconnected)


async def test_an_unforeseen_failure_closes_the_row_too(place: Place) -> None:
    def fail(_: object) -> str:
        msg = "a bug in an adapter"
        raise ZeroDivisionError(msg)

    with pytest.raises(ZeroDivisionError):
        await run(place.scope, place.request(), engine=an_engine(ScriptedProvider(fail)))

    row = await the_row()
    assert (row.status, row.error_type) == ("failed", "internal_error")
    assert "bug" not in (row.error_message or "")


async def test_content_is_kept_out_of_the_row_and_the_row_ends_when_the_application_says_so(
    database: object,
) -> None:
    del database
    place = await a_place(log_content="none", retention_days=30)

    result = await run(place.scope, place.request(), engine=an_engine(ANSWER))

    row = await the_row(result.execution_id)
    assert result.text == "Hello Ada"
    assert "variables" not in row.input_data
    assert (row.rendered_messages, row.output_data) == ([], {})
    assert row.token_count == 14
    assert row.expires_at is not None
    assert (row.expires_at - row.created_at).days == 30
