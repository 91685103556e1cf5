"""Other sites' pages: none may call, or those of an exact list, which is never reflected."""

from collections.abc import AsyncGenerator

import httpx2
import pytest
from pydantic import ValidationError

from core.api.app import create_app
from core.settings import ApiSettings, Settings
from tests.api.people import Visitor

FRIEND = "https://app.example.org"
STRANGERS = (
    "https://evil.example",
    "https://app.example.org.evil.example",
    "null",
    "http://app.example.org",
)


def preflight(origin: str, headers: str = "x-api-key") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": headers,
    }


@pytest.fixture
async def open_to_a_friend(settings: Settings) -> AsyncGenerator[Visitor]:
    api = ApiSettings(cors_origins=(FRIEND,))
    app = create_app(settings.model_copy(update={"api": api}))
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield Visitor(client)


async def test_by_default_no_page_of_another_site_is_let_in(visitor: Visitor) -> None:
    asked = await visitor.ask("OPTIONS", "/prompts", headers=preflight(FRIEND))
    answered = await visitor.get("/health", headers={"Origin": FRIEND})

    assert asked.status_code == 405
    for answer in (asked, answered):
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_preflight_needs_no_credentials(open_to_a_friend: Visitor) -> None:
    asked = await open_to_a_friend.ask(
        "OPTIONS", "/prompts/x", headers=preflight(FRIEND, "authorization, if-match, content-type")
    )

    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == FRIEND
    assert "PUT" in asked.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in asked.headers


async def test_a_listed_origin_reads_answers_and_their_headers(open_to_a_friend: Visitor) -> None:
    fine = await open_to_a_friend.get("/health", headers={"Origin": FRIEND})
    refused = await open_to_a_friend.get("/prompts", headers={"Origin": FRIEND})

    for answer in (fine, refused):
        assert answer.headers["access-control-allow-origin"] == FRIEND
        assert "Origin" in answer.headers["vary"]
        assert "RateLimit-Remaining" in answer.headers["access-control-expose-headers"]
    assert refused.status_code == 401


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_no_other_origin_is_reflected(open_to_a_friend: Visitor, stranger: str) -> None:
    asked = await open_to_a_friend.ask("OPTIONS", "/prompts", headers=preflight(stranger))
    answered = await open_to_a_friend.get("/health", headers={"Origin": stranger})

    assert asked.status_code == 400
    for answer in (asked, answered):
        assert "access-control-allow-origin" not in answer.headers
        assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example.org", "https://a.org/", "a.org", "null"]
)
def test_only_exact_origins_can_be_set(origin: str) -> None:
    with pytest.raises(ValidationError, match="must list origins"):
        ApiSettings(cors_origins=(origin,))
