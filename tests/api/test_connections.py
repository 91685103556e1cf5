"""Connections over REST: a superuser adds a server, and it answers at once."""

from collections.abc import Generator

import pytest

from tests.api.canaries import PROVIDER_KEY
from tests.api.people import Visitor, a_desk
from tests.fake_provider import FakeProvider, running


@pytest.fixture
def fake() -> Generator[FakeProvider]:
    with running() as fake:
        yield fake


async def test_a_server_is_added_tried_used_changed_and_taken_away(
    visitor: Visitor, fake: FakeProvider
) -> None:
    desk = await a_desk(visitor)
    root = desk.owner
    new = {"name": "local", "kind": "compatible", "base_url": fake.url, "api_key": PROVIDER_KEY}

    created = await root.post("/connections", new)
    tried = await root.post("/connections/local/test", {"model": "m"})
    run = {"variables": {"name": "Bo"}, "model": "local/m"}
    executed = await desk.application.post("/execute/greeting/latest", run)
    changed = await root.put("/connections/local", {"is_active": False})
    refused = await desk.application.post("/execute/greeting/latest", run)
    deleted = await root.delete("/connections/local")

    assert created.status_code == 201
    assert created.headers["location"] == "/api/v1/connections/local"
    assert (created.json()["has_key"], created.json()["key_hint"]) == (True, PROVIDER_KEY[-4:])
    assert tried.json()["is_working"]
    assert executed.json()["output"]["text"] == fake.answer
    assert (changed.status_code, changed.json()["is_active"]) == (200, False)
    assert (refused.status_code, refused.json()["code"]) == (503, "not_configured")
    assert deleted.status_code == 204
    assert (await root.get("/connections/local")).status_code == 404
    for answer in (created, tried, changed, await root.get("/connections")):
        assert PROVIDER_KEY not in answer.text


async def test_others_are_told_that_this_is_not_theirs(visitor: Visitor) -> None:
    await a_desk(visitor)
    stranger = await visitor.signed_up("eve@example.org")
    new = {"name": "local", "kind": "compatible", "base_url": "http://127.0.0.1:9/v1"}

    answers = [
        await stranger.get("/connections"),
        await stranger.get("/connections/suggestions"),
        await stranger.post("/connections", new),
        await stranger.post("/connections", {**new, "base_url": "not an address"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4


async def test_what_breaks_a_rule_is_named(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    bad = {"name": "local", "kind": "compatible", "base_url": "ftp://x", "api_key": PROVIDER_KEY}

    answer = await desk.owner.post("/connections", bad)

    assert (answer.status_code, answer.json()["field"]) == (422, "body.base_url")
    assert PROVIDER_KEY not in answer.text


async def test_suggestions_are_servers_that_answer(visitor: Visitor) -> None:
    desk = await a_desk(visitor)

    answer = await desk.owner.get("/connections/suggestions")

    assert answer.status_code == 200
    assert isinstance(answer.json()["items"], list)
