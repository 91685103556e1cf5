import asyncio
from decimal import Decimal

import pytest
from bson import ObjectId

from core.documents import Application, ExecutionLog, Prompt
from core.errors import (
    Conflict,
    Invalid,
    MissingVariables,
    ModelRequired,
    NotAllowed,
    NotConfigured,
    NotFound,
    NotPublished,
    PromptHubError,
    ProviderError,
    ProviderOverloaded,
    ProviderTimeout,
    RateLimited,
)
from core.execution.recording import execution_of
from core.execution.run import Engine, ExecutionRequest, run
from core.prompts.versions import NewVersion, save_version
from core.providers.registry import Registry
from core.providers.scripted import ScriptedProvider
from core.settings import ExecutionSettings, ProviderSettings
from core.values.generation import ModelParams
from core.values.scope import SYSTEM, Scope
from core.values.usage import Usage
from prompthub.wire.literals import ExecutionStatus
from tests.builders import a_body, a_scope
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


@pytest.mark.parametrize(
    ("fields", "error", "model_name"),
    [
        ({"variables": {}}, MissingVariables, "gpt-4o-mini"),
        ({"variables": {"name": "Ada", "nme": 1}}, Invalid, "gpt-4o-mini"),
        ({"variables": {"name": 2**70}}, Invalid, ""),
        ({"variables": {"name": "\ud800"}}, Invalid, ""),
        ({"variables": {"name": float("nan")}}, Invalid, ""),
        ({"model": None}, ModelRequired, ""),
        ({"model": "nobody/x"}, Invalid, "x"),
        ({"version": "one"}, Invalid, ""),
        ({"version": "9.9.9"}, NotFound, ""),
        ({"body": a_body("{{ name"), "version": None}, Invalid, "gpt-4o-mini"),
    ],
)
async def test_what_fails_before_the_call_leaves_a_failed_row(
    place: Place, fields: dict[str, object], error: type[PromptHubError], model_name: str
) -> None:
    with pytest.raises(error) as raised:
        await run(place.scope, place.request(**fields), engine=an_engine(ANSWER))

    row = await the_row(execution_of(raised.value))
    assert (row.status, row.error_type) == ("failed", raised.value.code)
    assert (row.prompt_id, row.model_name) == ("greet", model_name)
    assert (row.attempts, row.lease_until) == (0, None)


async def test_without_a_key_it_says_which_to_set(place: Place) -> None:
    settings = ProviderSettings()
    engine = Engine(Registry.from_settings(settings, {}), settings, ExecutionSettings())

    with pytest.raises(NotConfigured, match="API key"):
        await run(place.scope, place.request(), engine=engine)

    assert (await the_row()).status == "failed"


async def test_the_model_comes_from_request_version_prompt_and_settings_in_turn(
    place: Place,
) -> None:
    engine = an_engine(ANSWER)
    of_version = a_body(model="openai/of-version")
    request = place.request(model=None)

    await Prompt.collection().update_one({}, {"$set": {"default_model": "openai/of-prompt"}})
    from_prompt = await run(place.scope, request, engine=engine)
    from_version = await run(place.scope, place.request(model=None, body=of_version), engine=engine)
    from_request = await run(
        place.scope, place.request(model="openai/asked", body=of_version), engine=engine
    )

    assert from_prompt.model == "openai/of-prompt"
    assert from_version.model == "openai/of-version"
    assert from_request.model == "openai/asked"


async def test_an_unsaved_body_runs_without_a_prompt(place: Place) -> None:
    request = ExecutionRequest(
        application_id=place.application.key,
        body=a_body("Say {{ word }}"),
        variables={"word": "hi"},
        model="openai/m",
    )

    result = await run(place.scope, request, engine=an_engine(ANSWER))

    row = await the_row(result.execution_id)
    assert (row.prompt_id, row.version, row.prompt_version_id) == (None, None, None)


async def test_a_model_that_is_not_allowed_is_refused_before_the_call(
    place: Place, fake: FakeProvider, engine: Engine
) -> None:
    await _set(place.application, allowed_models=["demo/echo"])

    with pytest.raises(Invalid, match="may not use this model") as raised:
        await run(place.scope, place.request(), engine=engine)

    assert "demo/echo" in raised.value.remedy
    assert fake.chats == []


@pytest.mark.parametrize("role", ["viewer", None])
async def test_only_editors_run_and_strangers_find_nothing(place: Place, role: str | None) -> None:
    scope = (
        a_scope("admin", ObjectId()) if role is None else a_scope("viewer", place.application.key)
    )

    with pytest.raises(NotFound if role is None else NotAllowed):
        await run(scope, place.request(), engine=an_engine(ANSWER))

    assert await ExecutionLog.count() == 0


async def test_a_key_runs_published_versions_and_nothing_else(place: Place) -> None:
    key = Scope(kind="application", roles={place.application.key: "viewer"})
    await save_version(SYSTEM, place.prompt, NewVersion(body=a_body("A draft {{ name }}")))
    engine = an_engine(ANSWER)

    served = await run(key, place.request(version="latest"), engine=engine)
    with pytest.raises(NotPublished):
        await run(key, place.request(version="1.0.1"), engine=engine)
    with pytest.raises(NotAllowed):
        await run(key, place.request(body=a_body()), engine=engine)

    assert served.version == "1.0.0"


async def test_nothing_runs_in_a_deactivated_application(place: Place) -> None:
    await _set(place.application, is_active=False)

    with pytest.raises(Conflict, match="deactivated"):
        await run(place.scope, place.request(), engine=an_engine(ANSWER))


async def test_executions_per_minute_are_limited_by_application(place: Place) -> None:
    await _set(place.application, limits={"executions_per_minute": 2})
    engine = an_engine(ANSWER)

    await run(place.scope, place.request(), engine=engine)
    await run(place.scope, place.request(), engine=engine)
    with pytest.raises(RateLimited) as raised:
        await run(place.scope, place.request(), engine=engine)

    assert 1 <= raised.value.retry_after_seconds <= 60
    assert await ExecutionLog.count() == 2


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


async def test_a_rate_of_the_server_holds_where_the_application_sets_none(place: Place) -> None:
    made = an_engine(ANSWER)
    engine = Engine(made.registry, made.settings, ExecutionSettings(per_minute=1))

    await run(place.scope, place.request(), engine=engine)

    with pytest.raises(RateLimited):
        await run(place.scope, place.request(), engine=engine)


async def _set(application: Application, **fields: object) -> None:
    await Application.collection().update_one({"_id": application.key}, {"$set": fields})
