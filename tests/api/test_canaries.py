"""Secrets stand in no log line and in no answer that must not carry them."""

import logging

import httpx2
import pytest

from core.api.app import create_app
from core.settings import ServerSettings, Settings
from tests.api.canaries import PROMPT_TEXT, PROVIDER_KEY, WATCH
from tests.api.people import Visitor, a_desk
from tests.builders import PASSWORD


async def test_what_is_secret_comes_back_in_no_answer(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    connection = {
        "name": "local",
        "kind": "compatible",
        "base_url": "http://127.0.0.1:9/v1",
        "api_key": PROVIDER_KEY,
    }
    made = await desk.owner.post("/connections", connection)
    tried = await desk.owner.post("/connections/local/test", {})
    await desk.save(PROMPT_TEXT)
    shown = [await desk.owner.get(path) for path in ("/connections", "/audit", "/users")]

    assert made.status_code == 201, made.text
    for answer in (made, tried, *shown):
        assert PROVIDER_KEY not in answer.text
        assert PASSWORD not in answer.text
        assert desk.application.headers["X-API-Key"] not in answer.text


async def test_the_set_up_token_stands_in_no_answer_and_no_line(settings: Settings) -> None:
    server = ServerSettings.model_validate({"address": "0.0.0.0"})  # noqa: S104 - nothing listens
    app = create_app(settings.model_copy(update={"server": server}))
    first = {"email": "ada@example.org", "password": PASSWORD}
    async with app.router.lifespan_context(app):
        token = app.state.runtime.setup_token.get_secret_value()
        WATCH.hand_out(token)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            visitor = Visitor(client)
            without = await visitor.post("/auth/register", first)
            wrong = await visitor.post("/auth/register", {**first, "setup_token": token[:-1]})
            right = await visitor.post("/auth/register", {**first, "setup_token": token})

    assert [one.status_code for one in (without, wrong, right)] == [403, 403, 201]
    assert WATCH.leaks() == []


async def test_an_executed_prompt_is_logged_without_its_text(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    await desk.save(PROMPT_TEXT)

    ran = await desk.owner.post("/execute/greeting/1.0.1", {"model": "demo/echo"})

    assert PROMPT_TEXT in ran.text
    assert WATCH.leaks() == []


@pytest.mark.parametrize("secret", [PASSWORD, PROVIDER_KEY, PROMPT_TEXT, "handed-out"])
def test_a_line_that_holds_a_secret_is_found(secret: str) -> None:
    WATCH.hand_out("handed-out")

    logging.getLogger("core.leak").error("It was %s.", secret)

    assert len(WATCH.leaks()) == 1
    WATCH.forget()


@pytest.mark.parametrize("status", [200, 404])
async def test_an_answer_that_holds_a_secret_is_found(status: int) -> None:
    def leak(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, json={"detail": PROVIDER_KEY})

    async with httpx2.AsyncClient(
        transport=httpx2.MockTransport(leak), base_url="http://localhost"
    ) as client:
        with pytest.raises(AssertionError, match=PROVIDER_KEY):
            await Visitor(client).get("/health")
