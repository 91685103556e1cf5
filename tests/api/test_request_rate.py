"""Limits of requests: one caller never counts for another, and every answer says what is left."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2
import pytest

from core.api.app import create_app
from core.settings import Settings
from tests.api.people import Visitor, a_desk

Serve = Callable[..., AbstractAsyncContextManager[Visitor]]


@pytest.fixture
def serve(settings: Settings) -> Serve:
    """Return what serves with other settings of the section `api`."""

    @asynccontextmanager
    async def serving(**api: Any) -> AsyncGenerator[Visitor]:
        changed = settings.model_copy(update={"api": settings.api.model_copy(update=api)})
        app = create_app(changed)
        async with app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                yield Visitor(client)

    return serving


async def test_a_caller_above_its_limit_waits_and_others_do_not(serve: Serve) -> None:
    async with serve(requests_per_minute=8) as visitor:
        desk = await a_desk(visitor)

        answers = [await desk.application.get(f"{desk.versions}/latest") for _ in range(10)]
        of_owner = await desk.owner.get("/auth/me")

    assert [one.status_code for one in answers] == [200] * 8 + [429] * 2
    assert [one.headers["ratelimit-remaining"] for one in answers] == [*"76543210", "0", "0"]
    assert {one.headers["ratelimit-limit"] for one in answers} == {"8"}
    refused = answers[-1]
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
    assert int(refused.headers["retry-after"]) == refused.json()["retry_after_seconds"]
    assert of_owner.status_code == 200


async def test_rendering_and_ordinary_routes_count_together(serve: Serve) -> None:
    async with serve(requests_per_minute=20) as visitor:
        desk = await a_desk(visitor)
        asked = {"variables": {"name": "Bo"}}

        fetched = await desk.application.get(f"{desk.versions}/1.0.0")
        rendered = await desk.application.post(f"{desk.versions}/1.0.0/render", asked)
        listed = await desk.application.get(desk.versions)

    left = [int(one.headers["ratelimit-remaining"]) for one in (fetched, rendered, listed)]
    assert left == [19, 18, 17]


async def test_an_execution_says_what_is_left_of_the_executions(serve: Serve) -> None:
    async with serve() as visitor:
        desk = await a_desk(visitor)
        limits = {"limits": {"executions_per_minute": 2}}
        path, body = "/execute/greeting/latest", {"variables": {"name": "Bo"}}
        (await desk.owner.put(f"/applications/{desk.application_id}", limits)).raise_for_status()

        first = await desk.application.post(path, body)
        second = await desk.application.post(path, {**body, "stream": True})
        third = await desk.application.post(path, body)
        fetched = await desk.application.get(f"{desk.versions}/latest")

    told = [
        (one.status_code, one.headers["ratelimit-limit"], one.headers["ratelimit-remaining"])
        for one in (first, second, third)
    ]
    assert told == [(200, "2", "1"), (200, "2", "0"), (429, "2", "0")]
    assert third.json()["detail"].startswith("No more than 2 executions a minute")
    assert int(fetched.headers["ratelimit-limit"]) > 2


async def test_without_credentials_addresses_are_limited(serve: Serve) -> None:
    async with serve(anonymous_requests_per_minute=3) as visitor:
        forged = visitor.keyed("ph_made-up")

        refused = [
            (await visitor.get("/health")).status_code,
            (await forged.get("/prompts")).status_code,
            (await forged.get("/prompts/a/versions/latest")).status_code,
            (await forged.get("/prompts")).status_code,
            (await visitor.post("/auth/login", {"email": "a@b.org", "password": "x"})).status_code,
        ]

    assert refused == [200, 401, 401, 429, 429]
