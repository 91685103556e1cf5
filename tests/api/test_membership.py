"""Who belongs to an application over HTTP: invitations, ownership, and what slows guessing down."""

from urllib.parse import parse_qs, urlsplit

import pytest

from core.settings import Settings
from tests.api.people import Desk, Visitor, a_desk
from tests.builders import PASSWORD

BOB = "bob@example.org"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    accounts = settings.accounts.model_copy(
        update={"registrations_per_address": 4, "failed_logins_per_account": 3}
    )
    return settings.model_copy(update={"accounts": accounts})


@pytest.fixture
async def desk(visitor: Visitor) -> Desk:
    return await a_desk(visitor)


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["invitation"][0]


async def test_a_link_is_shown_once_and_lets_its_address_in(desk: Desk, visitor: Visitor) -> None:
    path = f"/applications/{desk.application_id}/invitations"
    made = await desk.owner.post(path, {"email": "Bob@Example.org", "role": "editor"})

    shown = made.json()
    token = token_of(shown["link"])
    assert (made.status_code, shown["link"]) == (201, f"http://localhost/?invitation={token}")
    assert (shown["email"], shown["user_id"]) == (BOB, None)
    listed = await desk.owner.get(path)
    assert [one["email"] for one in listed.json()["items"]] == [BOB]
    assert token not in listed.text
    account = {"email": BOB, "password": PASSWORD, "invitation": token}
    other = await visitor.post("/auth/register", {**account, "email": "eve@example.org"})
    assert (other.status_code, other.json()["field"]) == (422, "email")
    assert (await visitor.post("/auth/register", account)).status_code == 201
    signed_in = (await visitor.post("/auth/login", {"email": BOB, "password": PASSWORD})).json()
    bob = visitor.bearing(signed_in["access_token"])
    seen = (await bob.get("/applications")).json()["items"]
    assert [(one["id"], one["role"]) for one in seen] == [(desk.application_id, "editor")]
    assert (await desk.owner.get(path)).json()["items"] == []
    assert (await bob.post("/auth/accept-invitation", {"invitation": token})).status_code == 204
    stolen = await desk.owner.post("/auth/accept-invitation", {"invitation": token})
    assert (stolen.status_code, stolen.json()["field"]) == (422, "invitation")


async def test_one_taken_back_opens_nothing_and_a_known_address_needs_none(
    desk: Desk, visitor: Visitor
) -> None:
    path = f"/applications/{desk.application_id}/invitations"
    made = (await desk.owner.post(path, {"email": BOB, "role": "viewer"})).json()
    gone = await desk.owner.delete(f"{path}/{made['invitation']['id']}")
    token = token_of(made["link"])
    account = {"email": BOB, "password": PASSWORD}

    refused = await visitor.post("/auth/register", {**account, "invitation": token})
    bob = await visitor.signed_up(BOB)
    joined = (await desk.owner.post(path, {"email": BOB, "role": "viewer"})).json()

    assert (gone.status_code, refused.status_code) == (204, 422)
    assert joined["user_id"] == (await bob.get("/auth/me")).json()["id"]
    assert (joined["invitation"], joined["link"]) == (None, None)
    assert (await bob.get(f"/applications/{desk.application_id}")).json()["role"] == "viewer"


async def test_an_application_is_handed_over(desk: Desk, visitor: Visitor) -> None:
    bob = await visitor.signed_up(BOB)
    user_id = (await bob.get("/auth/me")).json()["id"]
    path = f"/applications/{desk.application_id}"
    await desk.owner.put(f"{path}/members/{user_id}", {"role": "viewer"})

    by_bob = await bob.post(f"{path}/transfer", {"user_id": user_id})
    done = await desk.owner.post(f"{path}/transfer", {"user_id": user_id})

    assert by_bob.status_code == 403
    assert (done.status_code, done.json()["owner_id"]) == (200, user_id)
    assert (await bob.get(path)).json()["role"] == "admin"


async def test_registrations_of_one_address_end_whatever_comes_of_them(visitor: Visitor) -> None:
    answers = [
        await visitor.post("/auth/register", {"email": email, "password": PASSWORD})
        for email in ("ada@example.org", "ada@example.org", "no", BOB, BOB, "eve@example.org")
    ]

    assert [answer.status_code for answer in answers] == [201, 409, 422, 201, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].json()["detail"] == answers[-2].json()["detail"]


async def test_changes_of_a_password_end_right_or_wrong(visitor: Visitor) -> None:
    ada = await visitor.signed_up("ada@example.org")
    changes = {"current_password": "wrong", "new_password": "another horse battery"}

    guesses = [await ada.post("/auth/change-password", changes) for _ in range(4)]
    right = await ada.post("/auth/change-password", {**changes, "current_password": PASSWORD})

    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]
    assert right.status_code == 429
    assert int(right.headers["Retry-After"]) > 0


async def test_a_message_goes_along_and_a_draft_takes_metadata(desk: Desk) -> None:
    body = {"variables": {"name": "Bo"}, "message": "In French, please."}
    done = (await desk.application.post("/execute/greeting/latest", body)).json()
    row = (await desk.owner.get(f"/executions/{done['execution_id']}")).json()
    draft = (await desk.save("Bye.", metadata={"from": "a"})).json()
    path = f"{desk.versions}/{draft['version']}"

    changed = await desk.owner.put(path, {"metadata": {"from": "b"}})
    blank = await desk.application.post("/execute/greeting/latest", {**body, "message": " "})

    assert [m["content"] for m in row["messages"]][-1] == "In French, please."
    assert (changed.json()["metadata"], changed.json()["content"]) == ({"from": "b"}, "Bye.")
    assert (blank.status_code, blank.json()["field"]) == (422, "message")


async def test_what_is_out_of_service_does_not_change_and_can_be_read(desk: Desk) -> None:
    draft = (await desk.save("Bye.")).json()["version"]
    await desk.owner.delete(f"/applications/{desk.application_id}")

    refused = [
        await desk.save("Good night."),
        await desk.owner.put(f"{desk.versions}/{draft}", {"content": "Bye bye."}),
        await desk.publish(draft),
        await desk.owner.post(f"{desk.versions}/1.0.0/rollback", {"reason": "late"}),
    ]

    assert [answer.status_code for answer in refused] == [409] * 4
    assert (await desk.owner.get(f"{desk.versions}/{draft}")).status_code == 200
