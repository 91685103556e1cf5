"""SIGTERM in the midst of model calls: what can end ends, the rest is closed and told why."""

import signal
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient
from pymongo.asynchronous.database import AsyncDatabase

from tests.fake_provider import FakeProvider, running
from tests.journeys.own_app import OwnApp, own_app
from tests.journeys.person import Person, register
from tests.journeys.test_kills import wait_for

SHUTDOWN_SECONDS = 3
# What is stopped gets 3 s to close its row, other connections 2 s.
LONGEST_SECONDS = SHUTDOWN_SECONDS + 3 + 2 + 3
CALLS = 3

Rows = Callable[[], list[dict[str, Any]]]
Ask = Callable[..., Future[httpx2.Response]]


@pytest.fixture
def fake() -> Generator[FakeProvider]:
    with running() as fake:
        fake.slow_seconds = SHUTDOWN_SECONDS / 10
        yield fake


@pytest.fixture
def rows(database: AsyncDatabase[dict[str, Any]], mongo_uri: str) -> Generator[Rows]:
    """Return what reads the executions, also when the application has gone."""
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        yield lambda: list(client[database.name]["execution_logs"].find())


@pytest.fixture(params=["streamlit_app.server", "core.api"])
def app(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    fake: FakeProvider,
    database: AsyncDatabase[dict[str, Any]],
    mongo_uri: str,
) -> Generator[OwnApp]:
    environment = {
        "PROMPTHUB_MONGO__URI": mongo_uri,
        "PROMPTHUB_MONGO__DATABASE": database.name,
        "PROMPTHUB_SERVER__SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS),
        "PROMPTHUB_PROVIDERS__OPENAI__BASE_URL": fake.url,
    }
    with own_app(tmp_path, environment, program=request.param) as app:
        app.start()
        yield app


@pytest.fixture
def ask(app: OwnApp) -> Generator[Ask]:
    """Return what runs an unsaved prompt on a thread."""
    person = Person.arriving(app.url, register(app.url, "ada@example.org"))
    with person.client, ThreadPoolExecutor(CALLS) as callers:
        (application,) = person.must("GET", "/applications")["items"]
        body = {"application_id": application["id"], "content": "Say hello."}

        def begin(model: str, **more: Any) -> Future[httpx2.Response]:
            asked = {**body, "model": model, **more}
            return callers.submit(person.client.post, "/test-prompt", json=asked, timeout=60)

        yield begin


def test_what_runs_may_end_and_the_rest_is_closed(
    app: OwnApp, ask: Ask, fake: FakeProvider, rows: Rows
) -> None:
    slow = ask("openai/slow")
    stuck = ask("openai/fault-hang")
    stream = ask("openai/fault-hang", stream=True)
    late = httpx2.Client(base_url=app.url, timeout=10)
    late.get("/api/v1/health").raise_for_status()
    assert wait_for(lambda: len(fake.chats) == CALLS, 10)

    assert app.process is not None
    app.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    refused = late.get("/api/v1/health")
    began = time.monotonic()
    code = app.process.wait(30)
    waited = time.monotonic() - began

    assert (code, refused.status_code, refused.headers["connection"]) == (0, 503, "close")
    assert int(refused.headers["retry-after"]) > 0
    assert waited < LONGEST_SECONDS
    assert slow.result().json()["status"] == "success"
    assert_told_why(stuck.result().json())
    assert stuck.result().status_code == 503
    assert stream.result().text.startswith("event: start")
    assert "event: error" in stream.result().text
    ended = {row["status"]: row["error_type"] for row in rows()}
    assert ended == {"success": None, "failed": "unavailable"}
    assert len(rows()) == CALLS


def assert_told_why(problem: dict[str, Any]) -> None:
    assert problem["code"] == "unavailable"
    assert problem["execution_status"] == "failed"
    assert "being stopped" in problem["detail"]


@pytest.mark.parametrize("app", ["core.api"], indirect=True)
def test_a_second_signal_ends_at_once_and_closes_what_runs(
    app: OwnApp, ask: Ask, fake: FakeProvider, rows: Rows
) -> None:
    stuck = ask("openai/fault-hang")
    assert wait_for(lambda: len(fake.chats) == 1, 10)

    assert app.process is not None
    app.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    began = time.monotonic()
    app.process.send_signal(signal.SIGTERM)
    app.process.wait(30)

    assert time.monotonic() - began < SHUTDOWN_SECONDS
    (row,) = rows()
    assert (row["status"], row["error_type"]) == ("failed", "unavailable")
    assert stuck.exception() is not None or stuck.result().status_code == 503
