"""An execution repeated under one `Idempotency-Key` is answered as the first and paid for once."""

import asyncio
from collections.abc import Generator
from typing import Any

import httpx2
import pytest

from core.settings import OpenAISettings, ProviderSettings, Settings
from tests.api.people import Desk, Visitor, a_desk
from tests.api.test_journeys import read_events
from tests.fake_provider import FakeProvider, running

ASKED = {"variables": {"name": "Bo"}, "model": "openai/gpt-4o-mini"}


@pytest.fixture
def provider() -> Generator[FakeProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def settings(settings: Settings, provider: FakeProvider) -> Settings:
    openai = ProviderSettings(openai=OpenAISettings(base_url=provider.url), deadline_seconds=5)
    return settings.model_copy(update={"providers": openai})


async def execute(who: Visitor, key: str = "order-17", **fields: Any) -> httpx2.Response:
    headers = {"Idempotency-Key": key}
    return await who.post("/execute/greeting/latest", {**ASKED, **fields}, headers=headers)


@pytest.fixture
async def desk(visitor: Visitor) -> Desk:
    return await a_desk(visitor)


async def test_keys_and_people_of_one_application_get_the_same_answer(
    desk: Desk, provider: FakeProvider
) -> None:
    first = await execute(desk.application)

    again = await execute(desk.application)
    by_a_person = await execute(desk.owner)

    assert first.status_code == 200
    assert first.json() == again.json() == by_a_person.json()
    assert len(provider.chats) == 1


async def test_of_eight_requests_at_once_one_reaches_the_provider(
    desk: Desk, provider: FakeProvider
) -> None:
    asked = [execute(desk.application, model="openai/slow") for _ in range(8)]

    answers = await asyncio.gather(*asked)

    assert len(provider.chats) == 1
    assert len({answer.json()["execution_id"] for answer in answers}) == 1
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {200, 409}
    assert 200 in statuses
    for answer in answers:
        assert answer.status_code == 200 or answer.json()["code"] == "execution_running"


async def test_another_body_under_the_key_is_refused(desk: Desk, provider: FakeProvider) -> None:
    await execute(desk.application)

    refused = await execute(desk.application, variables={"name": "Al"})

    assert (refused.status_code, refused.json()["field"]) == (422, "Idempotency-Key")
    assert refused.json()["remedy"]
    assert len(provider.chats) == 1


async def test_a_failure_is_answered_by_the_same_problem(
    desk: Desk, provider: FakeProvider
) -> None:
    first = await execute(desk.application, model="openai/fault-401")

    again = await execute(desk.application, model="openai/fault-401")

    assert (first.status_code, again.status_code) == (502, 502)
    assert first.json() == again.json()
    assert len(provider.chats) == 1


async def test_a_stream_is_repeated_as_its_last_event(desk: Desk, provider: FakeProvider) -> None:
    first = read_events(await execute(desk.application, stream=True))

    again = read_events(await execute(desk.application, stream=True))
    whole = await execute(desk.application)

    assert [first[-1]] == again
    assert again == [("done", whole.json())]
    assert len(provider.chats) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "caf\u00e9", "tab\there"])
async def test_a_key_is_1_to_255_visible_characters(
    desk: Desk, provider: FakeProvider, key: str
) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    refused = await desk.application.post("/execute/greeting/latest", ASKED, headers=headers)

    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.json()["field"]
    assert provider.chats == []


async def test_the_longest_key_is_taken(desk: Desk) -> None:
    assert (await execute(desk.application, "~" * 255)).status_code == 200
