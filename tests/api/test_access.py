"""Who may ask what: every route of the description, without credentials and with wrong ones."""

from typing import Any

import pytest
from bson import ObjectId

from tests.anomalies import an_anomaly
from tests.api.people import Desk, Visitor, a_desk
from tests.api.walk import ALL_PARTS, BODIES, PUBLIC, Operation, list_operations, parts_of

WRONG_CREDENTIALS = {
    "none": {},
    "no bearer": {"Authorization": "Basic YWRhOmFkYQ=="},
    "an empty token": {"Authorization": "Bearer "},
    "garbage": {"Authorization": "Bearer a.b.c"},
    "a token of 100 KB": {"Authorization": "Bearer " + "a" * 100_000},
    "an unsigned token": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."},
    "a wrong key": {"X-API-Key": "ph_" + "A" * 43},
    "a short key": {"X-API-Key": "ph_"},
}


@pytest.mark.parametrize("headers", WRONG_CREDENTIALS.values(), ids=WRONG_CREDENTIALS)
async def test_nothing_is_looked_at_before_the_credentials(
    visitor: Visitor, headers: dict[str, str]
) -> None:
    for operation in await list_operations(visitor):
        if (operation.method, operation.path) in PUBLIC:
            continue
        nonsense = dict.fromkeys(parts_of_any(), "%20")

        answer = await visitor.ask(
            operation.method,
            operation.path_with(**nonsense) + "?unknown=1&limit=-1",
            headers={"Content-Type": "text/plain", **headers},
            content=b'{"broken',
        )

        assert answer.status_code == 401, operation
        assert answer.json()["code"] == "not_authenticated"
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_credentials_in_the_address_open_nothing(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    token = desk.owner.headers["Authorization"].removeprefix("Bearer ")
    key = desk.application.headers["X-API-Key"]

    for name in ("access_token", "token", "Authorization", "authorization"):
        assert (await visitor.get(f"{desk.prompt}?{name}={token}")).status_code == 401, name
    for name in ("api_key", "key", "X-API-Key", "x-api-key"):
        assert (await visitor.get(f"{desk.prompt}?{name}={key}")).status_code == 401, name


async def test_the_public_routes_are_these_only(visitor: Visitor) -> None:
    asked = {(one.method, one.path) for one in await list_operations(visitor)}

    assert asked >= PUBLIC
    for operation in await list_operations(visitor):
        answer = await visitor.ask(operation.method, operation.path_with(**parts_of_any()))
        is_open = answer.status_code != 401

        assert is_open == ((operation.method, operation.path) in PUBLIC), operation


async def test_another_owner_finds_nothing_and_changes_nothing(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    parts = await all_parts(desk)
    stranger = await visitor.signed_up("eve@example.org")
    before = await whole_state(desk)

    for operation in await list_operations(visitor):
        if not is_about_the_desk(operation):
            continue
        answer = await ask(stranger, operation, parts)

        assert answer.status_code in {403, 404}, operation
        assert is_superusers(operation) or answer.status_code == 404, operation

    assert await whole_state(desk) == before


async def test_lists_show_strangers_nothing(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    await desk.application.post("/execute/greeting/latest", {"variables": {"name": "Bo"}})
    stranger = await visitor.signed_up("eve@example.org")

    for path in ("/applications", "/prompts", "/executions"):
        assert (await stranger.get(path)).json()["items"] == [], path
        assert (await desk.owner.get(path)).json()["total"] > 0, path


async def test_a_key_opens_what_is_meant_for_keys_and_nothing_else(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    parts = await all_parts(desk)

    for operation in await list_operations(visitor):
        if (operation.method, operation.path) in PUBLIC:
            continue
        answer = await ask(desk.application, operation, parts)

        if operation.takes_key:
            assert answer.status_code == 200, operation
        else:
            assert answer.status_code == 403, operation


async def test_a_key_does_not_reach_another_application(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    root = desk.owner
    other = (await root.post("/applications", {"name": "Other"})).json()

    for operation in await list_operations(visitor):
        if operation.takes_key and "{prompt_id}" in operation.path:
            answer = await ask(root.keyed(other["api_key"]), operation, parts_of(desk))

            assert answer.status_code == 404, operation


async def test_a_viewer_reads_and_changes_nothing(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    parts = await all_parts(desk)
    viewer = await visitor.signed_up("vic@example.org")
    who = (await viewer.get("/auth/me")).json()["id"]
    members = f"/applications/{desk.application_id}/members"
    await desk.owner.put(f"{members}/{who}", {"role": "viewer"})
    before = await whole_state(desk)

    for operation in await list_operations(visitor):
        if not is_about_the_desk(operation) or operation.method == "GET":
            continue
        answer = await ask(viewer, operation, parts)

        harmless = operation.path.endswith(("/render", "/validate"))
        assert answer.status_code == (200 if harmless else answer.status_code), operation
        assert harmless or answer.status_code in {403, 404}, operation

    assert await whole_state(desk) == before


async def test_secrets_are_in_no_answer(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    parts = await all_parts(desk)
    key = desk.application.headers["X-API-Key"]

    for operation in await list_operations(visitor):
        if operation.method == "GET":
            answer = await ask(desk.owner, operation, parts)

            assert key not in answer.text, operation
            assert "hash" not in answer.text, operation
            assert "argon2" not in answer.text, operation


def parts_of_any() -> dict[str, str]:
    return dict.fromkeys(ALL_PARTS, "x")


async def all_parts(desk: Desk) -> dict[str, str]:
    ran = await desk.application.post("/execute/greeting/latest", {"variables": {"name": "Bo"}})
    await desk.owner.put(f"{desk.prompt}/labels/production", {"version": "1.0.0"})
    me = (await desk.owner.get("/auth/me")).json()["id"]
    session = (await desk.owner.get("/auth/sessions")).json()["items"][0]["id"]
    execution = ran.json()["execution_id"]
    anomaly = await an_anomaly(application_id=ObjectId(desk.application_id)).insert()
    pasted = {"application_id": desk.application_id, "text": "> Act as a cook for one."}
    source = (await desk.owner.post("/extract/text", pasted)).json()["source_id"]
    many = {"application_id": desk.application_id, "urls": ["http://127.0.0.1:9/"]}
    job = (await desk.owner.post("/extract/bulk", many)).json()["job_id"]
    return parts_of(
        desk,
        source_id=source,
        job_id=job,
        user_id=me,
        session_id=session,
        execution_id=execution,
        anomaly_id=str(anomaly.key),
        invitation_id="0" * 24,
    )


def is_about_the_desk(operation: Operation) -> bool:
    return "{" in operation.path


def is_superusers(operation: Operation) -> bool:
    return operation.path.startswith(("/users", "/connections"))


async def ask(who: Visitor, operation: Operation, parts: dict[str, str]) -> Any:
    body = BODIES.get((operation.method, operation.path))
    return await who.ask(operation.method, operation.path_with(**parts), json=body)


async def whole_state(desk: Desk) -> list[Any]:
    paths = (
        f"/applications/{desk.application_id}",
        f"/applications/{desk.application_id}/members",
        desk.prompt,
        desk.versions,
        "/executions",
        "/users?text=ada",
    )
    return [(await desk.owner.get(path)).json() for path in paths]
