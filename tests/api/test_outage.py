"""The database goes away and comes back; the API says so in time and goes on by itself."""

import asyncio
import time
from collections import defaultdict
from typing import Literal
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx2
import pytest
from pydantic import SecretStr

from core.api.app import create_app
from core.settings import Settings
from tests.api.people import Desk, Visitor, a_desk
from tests.api.walk import BODIES, PUBLIC, Operation, list_operations, parts_of
from tests.cut_wire import wire_to

ANSWER_SECONDS = 5


@pytest.mark.parametrize("failure", ["cut", pytest.param("freeze", marks=pytest.mark.long)])
async def test_without_the_database_requests_are_answered_503_in_time(
    settings: Settings, failure: Literal["cut", "freeze"]
) -> None:
    assert settings.mongo.uri is not None
    parts = urlsplit(settings.mongo.uri.get_secret_value())
    async with wire_to(parts.hostname or "", parts.port or 27017) as (wire, port):
        app = create_app(reaching_it_through(port, settings, parts))
        async with app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                visitor = Visitor(client)
                desk = await a_desk(visitor)
                asked = {"variables": {"name": "Bo"}}
                operations = await list_operations(visitor)

                wire.cut() if failure == "cut" else wire.freeze()
                began = time.monotonic()
                refused = await desk.application.get(f"{desk.versions}/latest")
                refused_run = await desk.application.post("/execute/greeting/latest", asked)
                not_ready = await visitor.get("/ready")
                waited = time.monotonic() - began
                alive = await visitor.get("/health")
                metrics = await visitor.get("/metrics")
                everything, slowest = await ask_everything(operations, desk)

                wire.mend()
                served = await until_served(desk.application, f"{desk.versions}/latest")
                ran = await desk.application.post("/execute/greeting/latest", asked)

    assert_unavailable(everything | {"run": refused_run, "fetch": refused, "ready": not_ready})
    assert waited < 3 * ANSWER_SECONDS
    assert "prompthub_database_up 0.0" in metrics.text
    assert len(everything) > 40
    print(f"{failure}: {len(everything)} operations at once, the slowest in {slowest:.1f} s")  # noqa: T201 - figures
    assert slowest < 2 * ANSWER_SECONDS
    assert (alive.status_code, served.status_code, ran.status_code) == (200, 200, 200)


def reaching_it_through(port: int, settings: Settings, parts: SplitResult) -> Settings:
    login = f"{parts.username}:{parts.password}@" if parts.username else ""
    uri = urlunsplit(parts._replace(netloc=f"{login}127.0.0.1:{port}"))
    mongo = settings.mongo.model_copy(update={"uri": SecretStr(uri)})
    return settings.model_copy(update={"mongo": mongo})


def assert_unavailable(answers: dict[Operation | str, httpx2.Response]) -> None:
    for operation, answer in answers.items():
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), operation
        assert int(answer.headers["retry-after"]) > 0
        assert "127.0.0.1" not in answer.text


async def ask_everything(
    operations: list[Operation], desk: Desk
) -> tuple[dict[Operation | str, httpx2.Response], float]:
    """Return the answers to all that needs credentials, asked at once, and the longest time."""
    asked = [one for one in operations if (one.method, one.path) not in PUBLIC]
    parts = defaultdict(lambda: "none", parts_of(desk))
    times: list[float] = []

    async def ask(one: Operation) -> httpx2.Response:
        who = desk.application if one.takes_key else desk.owner
        began = time.monotonic()
        body = BODIES.get((one.method, one.path))
        answer = await who.ask(one.method, one.path.format_map(parts), json=body)
        times.append(time.monotonic() - began)
        return answer

    answers = await asyncio.gather(*(ask(one) for one in asked))
    named: list[Operation | str] = [*asked]
    return dict(zip(named, answers, strict=True)), max(times)


async def until_served(who: Visitor, path: str) -> httpx2.Response:
    deadline = time.monotonic() + 10
    while True:
        answer = await who.get(path)
        if answer.status_code == 200 or time.monotonic() > deadline:
            return answer
