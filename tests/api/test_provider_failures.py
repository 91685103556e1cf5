"""A model that fails is a problem with the execution in it, whole or streamed."""

from collections.abc import Generator

import pytest

from core.settings import OpenAISettings, ProviderSettings, Settings
from tests.api.people import Visitor, a_desk
from tests.api.test_journeys import read_events
from tests.fake_provider import FakeProvider, running

ASKED = {"variables": {"name": "Bo"}}


@pytest.fixture
def provider() -> Generator[FakeProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def settings(settings: Settings, provider: FakeProvider) -> Settings:
    openai = ProviderSettings(openai=OpenAISettings(base_url=provider.url), deadline_seconds=5)
    return settings.model_copy(update={"providers": openai})


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        ("openai/fault-401", 502, "provider_refused"),
        ("openai/fault-html", 502, "provider_error"),
        ("nobody/model", 422, "invalid"),
    ],
)
async def test_a_failure_names_its_execution_and_never_the_providers_text(
    visitor: Visitor, model: str, status: int, code: str
) -> None:
    desk = await a_desk(visitor)

    failed = await desk.application.post("/execute/greeting/latest", {**ASKED, "model": model})

    problem = failed.json()
    row = (await desk.owner.get(f"/executions/{problem['execution_id']}")).json()
    assert (failed.status_code, problem["code"]) == (status, code)
    assert problem["execution_status"] == row["status"] == "failed"
    assert row["error"] == {"type": code, "message": problem["detail"]}
    assert "<html>" not in failed.text


async def test_a_stream_that_breaks_off_ends_with_the_problem(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    asked = {**ASKED, "model": "openai/fault-cut-stream", "stream": True}

    answer = await desk.application.post("/execute/greeting/latest", asked)

    events = read_events(answer)
    name, problem = events[-1]
    assert (answer.status_code, events[0][0], name) == (200, "start", "error")
    assert problem["status"] == 502
    assert problem["execution_id"] == events[0][1]["execution_id"]


async def test_real_usage_and_its_price_are_in_the_answer(visitor: Visitor) -> None:
    desk = await a_desk(visitor)

    ran = await desk.application.post(
        "/execute/greeting/latest", {**ASKED, "model": "openai/gpt-4o-mini"}
    )

    answer = ran.json()
    assert answer["usage"] == {"input_tokens": 9, "output_tokens": 3, "is_estimated": False}
    assert (answer["cost_status"], type(answer["cost_usd"])) == ("priced", float)
    assert answer["finish_reason"] == "stop"
