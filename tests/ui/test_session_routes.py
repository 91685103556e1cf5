"""The exchange of a ticket for the session cookie, over HTTP."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from core.accounts.sessions import find_session_user
from core.documents import User
from core.settings import ServerSettings
from streamlit_app import bridge
from streamlit_app.session_routes import session_routes
from streamlit_app.viewer import COOKIE
from tests.ui.conftest import Ui

OWN = {"X-Requested-With": "prompthub", "Origin": "http://localhost"}


def post(ui: Ui, path: str, *, base: str = "http://localhost", **request: Any) -> httpx2.Response:
    async def send() -> httpx2.Response:
        app = Starlette(routes=session_routes(ui.runtime))
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=base) as client:
            return await client.post(path, **request)

    return bridge.run(send())


@pytest.fixture
def user(ui: Ui) -> User:
    return ui.add_user()


def ticket_of(ui: Ui, user: User) -> str:
    return ui.runtime.tickets.issue(user.key)


def test_a_ticket_opens_a_session_once(ui: Ui, user: User) -> None:
    ticket = ticket_of(ui, user)

    first = post(ui, "/session/open", headers=OWN, content=ticket)
    again = post(ui, "/session/open", headers=OWN, content=ticket)

    assert (first.status_code, again.status_code) == (204, 401)
    signed_in = bridge.run(find_session_user(first.cookies[COOKIE]))
    assert signed_in is not None
    assert signed_in.user.key == user.key
    flags = first.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "secure" not in flags


def test_the_cookie_is_secure_behind_https(ui: Ui, user: User) -> None:
    headers = {**OWN, "Origin": "https://localhost"}

    answer = post(
        ui,
        "/session/open",
        base="https://localhost",
        headers=headers,
        content=ticket_of(ui, user),
    )

    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost"},
        {"X-Requested-With": "prompthub"},
        {**OWN, "Origin": "http://evil.example"},
        {**OWN, "Origin": "null"},
        {**OWN, "Origin": "http://localhost:9"},
    ],
)
def test_requests_of_other_pages_are_refused_and_spend_no_ticket(
    ui: Ui, user: User, headers: dict[str, str]
) -> None:
    ticket = ticket_of(ui, user)

    assert post(ui, "/session/open", headers=headers, content=ticket).status_code == 403
    assert post(ui, "/session/close", headers=headers).status_code == 403
    assert post(ui, "/session/open", headers=OWN, content=ticket).status_code == 204


@pytest.mark.parametrize("body", [b"", b"made up", b"\xff\xfe", b"x" * 100_000])
def test_what_is_no_ticket_opens_nothing(ui: Ui, body: bytes) -> None:
    answer = post(ui, "/session/open", headers=OWN, content=body)

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_closing_ends_the_session_and_takes_the_cookie_back(ui: Ui, user: User) -> None:
    opened = post(ui, "/session/open", headers=OWN, content=ticket_of(ui, user))
    cookie = opened.cookies[COOKIE]

    closed = post(ui, "/session/close", headers={**OWN, "Cookie": f"{COOKIE}={cookie}"})

    assert closed.status_code == 204
    assert "max-age=0" in closed.headers["set-cookie"].lower()
    assert bridge.run(find_session_user(cookie)) is None


def test_everything_moves_below_the_path_of_the_public_address(ui: Ui) -> None:
    server = ServerSettings(public_url="https://example.org/prompts/")
    settings = ui.runtime.settings.model_copy(update={"server": server})

    routes = session_routes(replace(ui.runtime, settings=settings))

    assert [route.path for route in routes] == ["/prompts/session/open", "/prompts/session/close"]
