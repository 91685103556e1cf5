"""The database goes away and comes back; the API says so in time and goes on by itself."""

import time
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import httpx2
import pytest
from pydantic import SecretStr

from core.api.app import create_app
from core.settings import Settings
from tests.api.people import Visitor, a_desk
from tests.cut_wire import wire_to

ANSWER_SECONDS = 5


@pytest.mark.parametrize("failure", ["cut", "freeze"])
async def test_without_the_database_requests_are_answered_503_in_time(
    settings: Settings, failure: Literal["cut", "freeze"]
) -> None:
    assert settings.mongo.uri is not None
    parts = urlsplit(settings.mongo.uri.get_secret_value())
    async with wire_to(parts.hostname or "", parts.port or 27017) as (wire, port):
        login = f"{parts.username}:{parts.password}@" if parts.username else ""
        uri = urlunsplit(parts._replace(netloc=f"{login}127.0.0.1:{port}"))
        mongo = settings.mongo.model_copy(update={"uri": SecretStr(uri)})
        app = create_app(settings.model_copy(update={"mongo": mongo}))
        async with app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                visitor = Visitor(client)
                desk = await a_desk(visitor)
                asked = {"variables": {"name": "Bo"}}

                wire.cut() if failure == "cut" else wire.freeze()
                began = time.monotonic()
                refused = await desk.application.get(f"{desk.versions}/latest")
                refused_run = await desk.application.post("/execute/greeting/latest", asked)
                not_ready = await visitor.get("/ready")
                waited = time.monotonic() - began
                alive = await visitor.get("/health")

                wire.mend()
                served = await until_served(desk.application, f"{desk.versions}/latest")
                ran = await desk.application.post("/execute/greeting/latest", asked)

    for answer in (refused, refused_run, not_ready):
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert "127.0.0.1" not in answer.text
    assert waited < 3 * ANSWER_SECONDS
    assert (alive.status_code, served.status_code, ran.status_code) == (200, 200, 200)


async def until_served(who: Visitor, path: str) -> httpx2.Response:
    deadline = time.monotonic() + 10
    while True:
        answer = await who.get(path)
        if answer.status_code == 200 or time.monotonic() > deadline:
            return answer
