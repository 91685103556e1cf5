"""Health, readiness, the description and its page."""

import tomllib
from pathlib import Path

from tests.api.people import Visitor

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


async def test_the_process_answers(visitor: Visitor) -> None:
    answer = await visitor.get("/health")

    version = tomllib.loads(PROJECT.read_text())["project"]["version"]
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": version}


async def test_it_is_ready_without_a_provider_key_and_says_so(visitor: Visitor) -> None:
    answer = await visitor.get("/ready")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "degraded": ["providers"]}


async def test_the_description_has_full_paths_and_every_error(visitor: Visitor) -> None:
    schema = (await visitor.client.get("/api/openapi.json")).json()

    operation = schema["paths"]["/api/v1/prompts"]["post"]
    assert operation["security"] == [{"access_token": []}]
    assert {"201", "401", "403", "404", "409", "422", "503"} <= operation["responses"].keys()
    assert "servers" not in schema


async def test_the_page_of_the_description_needs_nothing_from_elsewhere(visitor: Visitor) -> None:
    page = await visitor.client.get("/api/docs")
    script = await visitor.client.get("/api/docs/swagger-ui-bundle.js")

    assert page.status_code == script.status_code == 200
    assert "//" not in page.text.removeprefix("<!doctype html>")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "SwaggerUIBundle" in script.text


async def test_what_is_no_page_and_no_route_is_not_found(visitor: Visitor) -> None:
    for path in ("/api/v1/nothing", "/api/v1/", "/api/v1/prompts/", "/api/docs/..", "/api/.env"):
        answer = await visitor.client.get(path)

        assert answer.status_code in {401, 404}
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_wrong_method_is_a_problem_that_names_the_right_ones(visitor: Visitor) -> None:
    answer = await visitor.delete("/health")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.json()["code"] == "method_not_allowed"


async def test_every_answer_carries_a_request_id_and_is_not_sniffed(visitor: Visitor) -> None:
    given = await visitor.get("/health", headers={"X-Request-ID": "proxy-12345678"})
    forged = await visitor.get("/health", headers={"X-Request-ID": 'a"} {"b'})

    assert given.headers["x-request-id"] == "proxy-12345678"
    assert forged.headers["x-request-id"] not in {"", 'a"} {"b'}
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["cache-control"] == "no-store"
