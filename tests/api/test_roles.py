"""Every role does what it is for, and nothing above it; read from the description itself."""

from typing import Any

import pytest

from tests.api.least_roles import LEAST, ORDER, Least, least_of
from tests.api.people import Desk, Visitor, a_desk
from tests.api.test_access import all_parts, whole_state
from tests.api.walk import BODIES, FORMS, NO_BODY_NEEDED, Operation, list_operations

ROLES: tuple[Least, ...] = ("viewer", "editor", "operator", "admin")
QUERIES = {
    "/prompts/search": "?q=hello",
    "/export": "?application_id={application_id}",
    "/audit": "?application_id={application_id}",
}
# These end the session of whoever asks.
LAST = ("/auth/logout", "/auth/sessions", "/auth/change-password")


async def test_every_operation_says_who_may_ask_and_with_which_body(visitor: Visitor) -> None:
    schema = (await visitor.client.get("/api/openapi.json")).json()["paths"]
    asked = {(one.method, one.path) for one in await list_operations(visitor)}

    for method, path in sorted(asked):
        least_of(method, path)
        described = schema["/api/v1" + path][method.lower()]
        has_body = described.get("requestBody", {}).get("required", False)
        assert not has_body or (method, path) in {*BODIES, *FORMS, *NO_BODY_NEEDED}, (
            f"{method} {path} takes a body: put one into tests/api/walk.py, BODIES."
        )

    assert LEAST.keys() <= asked, "take what is gone out of tests/api/least_roles.py"


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_does_what_it_is_for_and_nothing_above(visitor: Visitor, role: Least) -> None:
    desk = await a_desk(visitor)
    parts = {**await all_parts(desk), "invitation_id": "0" * 24}
    member = await a_member(visitor, desk, role)
    operations = [one for one in await list_operations(visitor) if not one.path.startswith(LAST)]
    refused = [one for one in operations if is_above(one, role)]
    allowed = [one for one in operations if not is_above(one, role)]
    before = await whole_state(desk)

    for one in refused:
        answer = await ask(member, one, desk, parts)

        assert answer.status_code in {403, 404}, (one, answer.text)
    assert await whole_state(desk) == before

    for one in sorted(allowed, key=destroys):
        answer = await ask(member, one, desk, parts)

        is_ours = least_of(one.method, one.path) not in {"public", "anyone"}
        assert answer.status_code != 403, (one, answer.text)
        assert not is_ours or answer.status_code != 401, (one, answer.text)
        assert not is_ours or one.method != "GET" or answer.status_code == 200, (one, answer.text)


def is_above(operation: Operation, role: Least) -> bool:
    return ORDER.index(least_of(operation.method, operation.path)) > ORDER.index(role)


def destroys(operation: Operation) -> int:
    """Return where it stands in a row that goes from reading to taking away."""
    return ("GET", "POST", "PUT", "DELETE").index(operation.method)


async def a_member(visitor: Visitor, desk: Desk, role: Least) -> Visitor:
    member = await visitor.signed_up("max@example.org")
    who = (await member.get("/auth/me")).json()["id"]
    path = f"/applications/{desk.application_id}/members/{who}"
    (await desk.owner.put(path, {"role": role})).raise_for_status()
    return member


async def ask(who: Visitor, operation: Operation, desk: Desk, parts: dict[str, str]) -> Any:
    body = BODIES.get((operation.method, operation.path))
    if body is not None and "application_id" in body:
        body = {**body, "application_id": desk.application_id}
    files = FORMS.get((operation.method, operation.path))
    if files is not None:
        form = {"application_id": desk.application_id}
        return await who.ask(operation.method, operation.path, data=form, files=files)
    query = QUERIES.get(operation.path, "").format(**parts)
    return await who.ask(operation.method, operation.path_with(**parts) + query, json=body)
