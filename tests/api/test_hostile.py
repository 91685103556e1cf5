"""Nothing a client sends answers 500, and nothing hostile is echoed."""

from typing import Any

import pytest

from tests.api.people import HELLO, Desk, Visitor, a_desk
from tests.api.walk import ALL_PARTS, list_operations, parts_of
from tests.builders import PASSWORD
from tests.core.values.test_strict_json import HOSTILE

JSON = {"Content-Type": "application/json"}
CANARY = "canary-7f3a9c"


@pytest.fixture
async def desk(visitor: Visitor) -> Desk:
    return await a_desk(visitor)


async def test_hostile_json_is_refused_by_every_route_that_takes_a_body(
    desk: Desk, visitor: Visitor
) -> None:
    parts = parts_of(
        desk,
        user_id=desk.application_id,
        session_id=desk.application_id,
        execution_id=desk.application_id,
        invitation_id=desk.application_id,
    )
    schema = (await visitor.client.get("/api/openapi.json")).json()["paths"]
    for operation in await list_operations(visitor):
        described = schema["/api/v1" + operation.path][operation.method.lower()]
        if "application/json" not in described.get("requestBody", {}).get("content", {}):
            continue  # it takes nothing, or a form
        for name, raw in HOSTILE.items():
            answer = await desk.owner.ask(
                operation.method, operation.path_with(**parts), headers=JSON, content=raw
            )

            assert answer.status_code == 422, (operation, name)
            assert answer.json()["field"].startswith("body"), (operation, name)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("APPLICATION/JSON", 201),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/json; charset=utf-16", 415),
        ("application/jsonx", 415),
        ("", 415),
    ],
)
async def test_bodies_are_json_and_say_so(desk: Desk, content_type: str, status: int) -> None:
    answer = await desk.owner.ask(
        "POST",
        desk.versions,
        headers={"Content-Type": content_type},
        content=b'{"content": "Another."}',
    )

    assert answer.status_code == status


async def test_a_body_beyond_the_limit_is_refused_announced_or_not(desk: Desk) -> None:
    raw = b'{"content": "' + b"a" * 1024 * 1024 + b'"}'

    async def in_pieces() -> Any:
        for start in range(0, len(raw), 65536):
            yield raw[start : start + 65536]

    announced = await desk.owner.ask("POST", desk.versions, headers=JSON, content=raw)
    streamed = await desk.owner.ask("POST", desk.versions, headers=JSON, content=in_pieces())

    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert answer.json()["limit"] == 1024 * 1024


@pytest.mark.parametrize(
    "value", [{"$ne": None}, {"$gt": ""}, {"$regex": ".*"}, ["a"], 1, True, None, 1.5]
)
async def test_operators_in_place_of_text_are_refused(desk: Desk, value: Any) -> None:
    new = {"application_id": desk.application_id, "name": "Invoice"}
    asked = [
        *[
            ("/auth/login", {"email": "ada@example.org", "password": "p", f: value})
            for f in ("email", "password")
        ],
        *[("/prompts", {**new, field: value}) for field in ("name", "application_id", "folder")],
        (desk.versions, {"content": value}),
        ("/applications", {"name": value}),
        ("/auth/refresh", {"refresh_token": value}),
    ]
    for path, body in asked:
        answer = await desk.owner.post(path, body)

        assert answer.status_code == 422, (path, body)


@pytest.mark.parametrize(
    "query",
    [
        "text[$ne]=",
        "text[$regex]=.*",
        "application_id[$exists]=true",
        "$where=1",
        "filter={%22$gt%22:%22%22}",
        "fields=api_key_digest",
        "sort=$natural",
        "state[$in][]=draft",
    ],
)
async def test_operators_in_a_query_are_refused(desk: Desk, query: str) -> None:
    for path in ("/prompts", "/applications", "/executions", "/users", "/audit"):
        answer = await desk.owner.get(f"{path}?{query}")

        assert answer.status_code == 422, path


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "eve@example.org\r\nBcc: all@example.org"}, "email"),
        ({"email": "eve@" + "x" * 500 + ".example.org"}, "email"),
        ({"password": "password1234"}, "password"),
        ({"password": "short"}, "password"),
        ({"password": "a" * 500_000}, "password"),
        ({"role": "admin"}, "role"),
        ({"owner_id": "0" * 24}, "owner_id"),
        ({"_id": "0" * 24}, "_id"),
        ({"is_superuser": True}, "is_superuser"),
    ],
)
async def test_a_registration_that_is_not_sound_is_refused(
    visitor: Visitor, changed: dict[str, Any], field: str
) -> None:
    sound = {"email": "eve@example.org", "password": PASSWORD}

    answer = await visitor.post("/auth/register", {**sound, **changed})

    assert answer.status_code == 422
    assert answer.json()["field"].removeprefix("body.") == field


@pytest.mark.parametrize(
    "part",
    [
        "0" * 24,
        "0" * 23,
        "g" * 24,
        "%00",
        "%2e%2e",
        "..%2f",
        "%F0%9F%98%80",
        "a" * 5000,
        "$ne",
        "%FF",
    ],
)
async def test_odd_ids_in_paths_are_not_found_or_refused(
    desk: Desk, visitor: Visitor, part: str
) -> None:
    odd = dict.fromkeys(ALL_PARTS, part)
    for operation in await list_operations(visitor):
        if operation.method != "GET" or "{" not in operation.path:
            continue
        answer = await desk.owner.get(operation.path_with(**odd))

        assert answer.status_code in {404, 405, 422}, operation


@pytest.mark.parametrize(
    "selector",
    [
        "-1.0.0",
        "1.0",
        "01.0.0",
        "\uff11.0.0",
        "1.0.0-rc",
        "label:",
        "label:../x",
        "LATEST",
        "v1.0.0",
        "1e3.0.0",
    ],
)
async def test_versions_written_otherwise_are_refused(desk: Desk, selector: str) -> None:
    read = await desk.owner.get(f"{desk.versions}/{selector}")
    published = await desk.owner.post(f"{desk.versions}/{selector}/publish")
    ran = await desk.application.post(f"/execute/greeting/{selector}", {})

    assert {one.status_code for one in (read, published, ran)} == {422} or "/" in selector


@pytest.mark.parametrize(
    "prompt_id", ["search", "latest", "A", "-a", "a b", "", "\u0430bc", "a" * 65]
)
async def test_reserved_and_odd_prompt_ids_are_refused(desk: Desk, prompt_id: str) -> None:
    new = {"application_id": desk.application_id, "name": "Invoice", "prompt_id": prompt_id}

    answer = await desk.owner.post("/prompts", new)

    assert (answer.status_code, answer.json()["field"]) == (422, "prompt_id")


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00%2B23:59",
        "9999-12-31T23:59:59-23:59",
        "9999-12-31T23:59:59Z",
        "1e999",
        "2026-11-20",
        "2026-13-01T00:00:00Z",
    ],
)
async def test_odd_moments_never_break_the_log(desk: Desk, moment: str) -> None:
    answer = await desk.owner.get(f"/executions?start={moment}&end={moment}")

    assert answer.status_code in {200, 422}


async def test_what_a_refusal_says_is_never_what_was_sent(desk: Desk) -> None:
    bodies: list[tuple[str, Any]] = [
        (desk.versions, {"content": "x", "model": CANARY}),
        (desk.versions, {"content": {"a": CANARY}}),
        (desk.versions, {"content": "x", "model_params": {"temperature": CANARY}}),
        ("/auth/register", {"email": CANARY, "password": CANARY}),
        ("/auth/login", {"email": CANARY, "password": CANARY}),
        ("/auth/refresh", {"refresh_token": CANARY}),
        ("/prompts", {**HELLO, "application_id": CANARY, "name": CANARY}),
    ]
    for path, body in bodies:
        answer = await desk.owner.post(path, body)

        assert answer.status_code in {401, 422}, path
        assert CANARY not in answer.text, path


async def test_neither_host_nor_origin_is_reflected(visitor: Visitor) -> None:
    for path in ("/health", "/prompts/", "/nothing"):
        answer = await visitor.get(
            path, headers={"Host": f"{CANARY}.example", "Origin": f"https://{CANARY}.example"}
        )

        assert CANARY not in answer.text + str(answer.headers)
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "OPTIONS", "HEAD", "PATCH"])
async def test_odd_methods_are_refused(desk: Desk, method: str) -> None:
    answer = await desk.owner.ask(method, desk.prompt)

    assert answer.status_code == 405
