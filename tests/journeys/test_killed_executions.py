"""kill -9 in the midst of model calls: no row stays running, none is closed twice."""

import asyncio
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient

from core.documents import ExecutionLog
from core.execution.record import ORPHANED, sweep_orphans
from core.execution.request import Engine, ExecutionResult
from core.execution.stream import stream
from core.providers.registry import Registry
from core.settings import ExecutionSettings, OpenAISettings, ProviderSettings
from tests.fake_provider import FakeProvider, running
from tests.journeys.own_app import OwnApp, own_app
from tests.journeys.person import Person, register
from tests.journeys.test_kills import wait_for
from tests.places import a_place

LEASE_SECONDS = 5
SWEEP_SECONDS = 60
CALLS = 3


@pytest.fixture
def fake() -> Generator[FakeProvider]:
    with running() as fake:
        yield fake


@pytest.fixture
def app(tmp_path: Path, fake: FakeProvider) -> Generator[OwnApp]:
    environment = {
        "PROMPTHUB_EXECUTION__LEASE_SECONDS": str(LEASE_SECONDS),
        "PROMPTHUB_PROVIDERS__OPENAI__BASE_URL": fake.url,
    }
    with own_app(tmp_path, environment) as app:
        app.start()
        yield app


@pytest.mark.timeout(180)
def test_a_process_killed_in_mid_call_leaves_no_row_running_and_none_closed_twice(
    app: OwnApp, fake: FakeProvider
) -> None:
    token = register(app.url, "ada@example.org")
    asked = a_test(app, token)
    ask(app, token, {**asked, "model": "openai/gpt-4o-mini"})
    (done,) = rows(app)

    with ThreadPoolExecutor(CALLS) as callers:
        for _ in range(CALLS):
            callers.submit(ask, app, token, {**asked, "model": "openai/fault-hang"})
        assert wait_for(lambda: len(fake.chats) == 1 + CALLS, 30)
        held = {row["_id"]: row["lease_until"] for row in rows(app) if row["status"] == "running"}
        app.kill()
    app.start()

    assert len(held) == CALLS
    assert wait_for(lambda: not running_rows(app), LEASE_SECONDS + SWEEP_SECONDS)
    for row in rows(app):
        if row["_id"] == done["_id"]:
            assert row == done
            continue
        assert (row["status"], row["error_type"]) == ("failed", ORPHANED)
        # It was renewed until the kill, at most a lease after what was seen before it.
        late = row["finished_at"] - held[row["_id"]]
        assert timedelta() < late < timedelta(seconds=LEASE_SECONDS + SWEEP_SECONDS)
    closed = rows(app)
    time.sleep(2 * LEASE_SECONDS)
    assert rows(app) == closed


@pytest.mark.timeout(120)
async def test_a_stream_longer_than_its_lease_is_no_orphan(
    database: object, fake: FakeProvider
) -> None:
    del database
    await stream_among_sweeps(fake, seconds=2 * LEASE_SECONDS - 2, lease_seconds=LEASE_SECONDS)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_stream_of_two_minutes_is_no_orphan(database: object, fake: FakeProvider) -> None:
    del database
    await stream_among_sweeps(fake, seconds=120, lease_seconds=60)


async def stream_among_sweeps(fake: FakeProvider, *, seconds: float, lease_seconds: int) -> None:
    """Hear an answer to its end while other processes sweep all the time."""
    place = await a_place()
    fake.slow_seconds = seconds / len(fake.answer.split())
    settings = ProviderSettings(
        openai=OpenAISettings(base_url=fake.url), deadline_seconds=2 * seconds
    )
    registry = Registry.from_settings(settings, {})
    engine = Engine(registry, settings, ExecutionSettings(lease_seconds=lease_seconds))
    swept: list[int] = []
    sweeping = asyncio.create_task(keep_sweeping(swept))
    last: object = None
    request = place.request(model="openai/slow")
    async with aclosing(stream(place.scope, request, engine=engine)) as items:
        async for item in items:
            last = item
    sweeping.cancel()
    await registry.close()

    assert isinstance(last, ExecutionResult)
    assert last.latency_ms > 900 * seconds
    row = await ExecutionLog.get(last.execution_id)
    assert row is not None
    assert (row.status, row.error_type) == ("success", None)
    assert len(swept) > seconds / 2
    assert sum(swept) == 0


async def keep_sweeping(swept: list[int]) -> None:
    while True:
        swept.append(await sweep_orphans())
        await asyncio.sleep(1)


def a_test(app: OwnApp, token: str) -> dict[str, Any]:
    """An unsaved prompt of the first application."""
    person = Person.arriving(app.url, token)
    with person.client:
        (application,) = person.must("GET", "/applications")["items"]
    return {"application_id": application["id"], "content": "Say hello."}


def ask(app: OwnApp, token: str, body: dict[str, Any]) -> None:
    person = Person.arriving(app.url, token)
    with person.client, suppress(httpx2.TransportError):
        person.client.post("/test-prompt", json=body, timeout=120)


def rows(app: OwnApp) -> list[dict[str, Any]]:
    with MongoClient[dict[str, Any]](app.uri, tz_aware=True) as client:
        return list(client["prompthub"]["execution_logs"].find().sort("_id"))


def running_rows(app: OwnApp) -> list[dict[str, Any]]:
    return [row for row in rows(app) if row["status"] == "running"]
