import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.documents import ExecutionLog
from core.errors import (
    Conflict,
    ExecutionRunning,
    GuardrailBlocked,
    Invalid,
    MissingVariables,
    PromptHubError,
    ProviderError,
    ProviderTimeout,
    RateLimited,
)
from core.execution.idempotency import require_first
from core.execution.record import sweep_orphans
from core.execution.request import Engine, ExecutionResult
from core.execution.run import run
from core.execution.stream import stream
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, save_version
from core.providers.scripted import ScriptedProvider
from core.settings import ExecutionSettings
from core.values.guardrail_policy import GuardrailPolicy
from core.values.scope import SYSTEM
from tests.builders import a_body
from tests.fake_provider import FakeProvider
from tests.places import Place, a_place, an_engine, eventually, the_row

KEY = "order-17"


async def repeated(place: Place, engine: Engine, **fields: Any) -> ExecutionResult:
    return await run(place.scope, place.request(idempotency_key=KEY, **fields), engine=engine)


async def failing(place: Place, engine: Engine, **fields: Any) -> PromptHubError:
    with pytest.raises(PromptHubError) as raised:
        await repeated(place, engine, **fields)
    return raised.value


async def test_a_repetition_gets_the_same_result_and_calls_nobody(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    first = await repeated(place, engine)

    again = await repeated(place, engine)

    assert again == first
    assert len(fake.chats) == 1
    assert await ExecutionLog.count() == 1


async def test_of_eight_at_once_one_calls_the_provider(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    fake.slow_seconds = 0.05
    asked = [repeated(place, engine, model="openai/slow") for _ in range(8)]

    met = await asyncio.gather(*asked, return_exceptions=True)

    row = await the_row()
    assert len(fake.chats) == 1
    assert sum(isinstance(one, ExecutionResult) for one in met) >= 1
    for one in met:
        assert isinstance(one, ExecutionResult | ExecutionRunning)
        known = one.execution_id
        assert str(known) == str(row.key)


async def test_what_is_still_running_is_named(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    first = asyncio.create_task(repeated(place, engine, model="openai/fault-hang"))
    assert await eventually(lambda: bool(fake.chats))

    error = await failing(place, engine, model="openai/fault-hang")

    assert isinstance(error, ExecutionRunning)
    assert error.execution_id == str((await the_row()).key)
    assert len(fake.chats) == 1
    first.cancel()


async def test_a_streamed_repetition_is_the_result_alone(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    first = await repeated(place, engine)

    request = place.request(idempotency_key=KEY)
    items = [item async for item in stream(place.scope, request, engine=engine)]

    assert items == [first]
    assert len(fake.chats) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"variables": {"name": "Bo"}},
        {"model": "demo/echo"},
        {"version": "latest"},
        {"metadata": {"ticket": "T-1"}},
    ],
)
async def test_another_request_under_the_key_is_refused(
    place: Place, engine: Engine, fake: FakeProvider, other: dict[str, Any]
) -> None:
    await repeated(place, engine)

    error = await failing(place, engine, **other)

    assert isinstance(error, Invalid)
    assert error.field == "Idempotency-Key"
    assert len(fake.chats) == 1
    assert await ExecutionLog.count() == 1


async def test_a_key_belongs_to_its_application(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    other = await a_place()
    await repeated(place, engine)

    await repeated(other, engine, variables={"name": "Bo"})

    assert len(fake.chats) == 2


@pytest.mark.parametrize("model", ["fault-401", "fault-html", "fault-429-hour"])
async def test_a_failure_is_repeated_as_it_was(
    place: Place, engine: Engine, fake: FakeProvider, model: str
) -> None:
    first = await failing(place, engine, model=f"openai/{model}")

    again = await failing(place, engine, model=f"openai/{model}")

    assert type(again) is type(first)
    assert isinstance(again, ProviderError)
    assert (again.message, again.facts) == (first.message, first.facts)
    assert len(fake.chats) == 1


async def test_a_timeout_is_repeated_at_once(place: Place) -> None:
    slow = an_engine(ScriptedProvider(["late"], piece_seconds=60), deadline_seconds=0.2)
    first = await failing(place, slow)

    again = await failing(place, an_engine(ScriptedProvider(["in time"])))

    assert isinstance(again, ProviderTimeout)
    assert again.facts == first.facts


async def test_a_blocked_answer_stays_blocked(place: Place) -> None:
    policy = GuardrailPolicy.model_validate(
        {"post_validation": {"enabled": True, "prohibited_terms": ["Voldemort"]}}
    )
    new = NewVersion(body=a_body(guardrail_config=policy))
    saved = await save_version(SYSTEM, place.prompt, new)
    await publish_version(SYSTEM, place.prompt, saved.version.version)
    engine = an_engine(ScriptedProvider(["Voldemort", "somebody else"]))
    first = await failing(place, engine, version=saved.version.version)

    again = await failing(place, engine, version=saved.version.version)

    assert isinstance(again, GuardrailBlocked)
    assert (again.check, again.facts) == ("prohibited_terms", first.facts)


async def test_what_was_refused_before_the_call_may_be_put_right_under_its_key(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    refused = await failing(place, engine, variables={})

    result = await repeated(place, engine)

    assert isinstance(refused, MissingVariables)
    assert result.text == fake.answer
    assert len(fake.chats) == 1


async def test_an_answer_that_was_not_kept_is_not_made_up_and_not_paid_for_twice(
    database: object, engine: Engine, fake: FakeProvider
) -> None:
    del database
    place = await a_place(log_content="none")
    first = await repeated(place, engine)

    error = await failing(place, engine)

    assert isinstance(error, Conflict)
    assert error.facts == {
        "execution_id": str(first.execution_id),
        "execution_status": "success",
    }
    assert len(fake.chats) == 1


async def test_an_execution_whose_process_died_is_not_run_again(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    await repeated(place, engine)
    ended = {"status": "running", "lease_until": clock.now() - timedelta(seconds=1)}
    await ExecutionLog.collection().update_many({}, {"$set": ended})
    await sweep_orphans()

    error = await failing(place, engine)

    assert isinstance(error, Conflict)
    assert error.facts["execution_status"] == "failed"
    assert len(fake.chats) == 1


async def test_after_a_day_the_key_is_free_again(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    first = await repeated(place, engine)
    await made_ago(timedelta(hours=24, minutes=1))

    later = await repeated(place, engine, variables={"name": "Bo"})

    assert later.execution_id != first.execution_id
    assert (await the_row(first.execution_id)).idempotency_key is None
    assert len(fake.chats) == 2


async def test_within_the_day_the_key_is_held(
    place: Place, engine: Engine, fake: FakeProvider
) -> None:
    first = await repeated(place, engine)
    await made_ago(timedelta(hours=23, minutes=59))

    assert (await repeated(place, engine)).execution_id == first.execution_id
    assert len(fake.chats) == 1


async def made_ago(age: timedelta) -> None:
    moment = {"$set": {"created_at": clock.now() - age}}
    await ExecutionLog.collection().update_many({}, moment)


async def test_a_repetition_does_not_count_towards_the_minute(place: Place) -> None:
    scripted = an_engine(ScriptedProvider(["Hello"]))
    once = Engine(scripted.registry, scripted.settings, ExecutionSettings(per_minute=1))
    first = await repeated(place, once)

    assert await repeated(place, once) == first
    with pytest.raises(RateLimited):
        await run(place.scope, place.request(), engine=once)


async def test_rows_without_a_key_never_stand_in_each_others_way(place: Place) -> None:
    row = ExecutionLog(application_id=place.application.key, model_provider="", model_name="")

    await require_first(row)
    await run(place.scope, place.request(), engine=an_engine(ScriptedProvider(["a", "b"])))
    await run(place.scope, place.request(), engine=an_engine(ScriptedProvider(["a", "b"])))

    assert await ExecutionLog.count() == 2
