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
    RateLimited,
)
from core.execution.recording import execution_of
from core.execution.run import Engine, ExecutionRequest, run
from core.prompts.versions import NewVersion, save_version
from core.providers.registry import Registry
from core.providers.scripted import ScriptedProvider
from core.settings import ExecutionSettings, ProviderSettings
from core.values.scope import SYSTEM, Scope
from core.values.usage import Usage
from tests.builders import a_body, a_scope
from tests.fake_provider import FakeProvider
from tests.places import Place, an_engine, the_row

ANSWER = ScriptedProvider(["Hello Ada"], usage=Usage(input_tokens=10, output_tokens=4))


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

    # The window is two counters: what fell into the minute before counts on into the next one.
    assert 1 <= raised.value.retry_after_seconds <= 90
    assert await ExecutionLog.count() == 2


async def test_a_rate_of_the_server_holds_where_the_application_sets_none(place: Place) -> None:
    made = an_engine(ANSWER)
    engine = Engine(made.registry, made.settings, ExecutionSettings(per_minute=1))

    await run(place.scope, place.request(), engine=engine)

    with pytest.raises(RateLimited):
        await run(place.scope, place.request(), engine=engine)


async def _set(application: Application, **fields: object) -> None:
    await Application.collection().update_one({"_id": application.key}, {"$set": fields})
