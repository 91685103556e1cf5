"""The main job over REST, from registration to the row of the execution."""

import json
from typing import Any

import httpx2
import pytest

from tests.api.people import HELLO, Desk, Visitor, a_desk
from tests.builders import PASSWORD


@pytest.fixture
async def desk(visitor: Visitor) -> Desk:
    return await a_desk(visitor)


async def test_the_first_account_owns_the_application_default(visitor: Visitor) -> None:
    account = {"email": "ada@example.org", "password": PASSWORD, "full_name": "Ada"}

    registered = await visitor.post("/auth/register", account)
    tokens = (await visitor.post("/auth/login", account)).json()

    owner = visitor.bearing(tokens["access_token"])
    listed = (await owner.get("/applications")).json()
    assert registered.status_code == 201
    assert registered.json()["is_superuser"] is True
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 900
    assert [(one["name"], one["role"]) for one in listed["items"]] == [("default", "admin")]


async def test_an_application_runs_what_is_published_and_the_log_shows_it(desk: Desk) -> None:
    ran = await desk.application.post("/execute/greeting/latest", {"variables": {"name": "Bo"}})

    answer = ran.json()
    row = (await desk.owner.get(f"/executions/{answer['execution_id']}")).json()
    listed = (await desk.owner.get("/executions?prompt_id=greeting&status=success")).json()
    assert ran.status_code == 200
    assert (answer["status"], answer["version"], answer["model"]) == (
        "success",
        "1.0.0",
        "demo/echo",
    )
    assert row["messages"] == [{"role": "user", "content": "Say hello to Bo."}]
    assert {name: row[name] for name in ("output", "usage", "cost_usd", "variables")} == {
        "output": answer["output"],
        "usage": answer["usage"],
        "cost_usd": answer["cost_usd"],
        "variables": {"name": "Bo"},
    }
    assert listed["items"] == [row]


async def test_a_stream_begins_tells_pieces_and_ends_with_the_whole_answer(desk: Desk) -> None:
    asked = {"variables": {"name": "Bo"}, "stream": True}

    answer = await desk.application.post("/execute/greeting/1.0.0", asked)

    events = read_events(answer)
    names = [name for name, _ in events]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert names == ["start", *["delta"] * (len(names) - 2), "done"]
    assert len(names) > 2
    done = events[-1][1]
    assert "".join(data["text"] for _, data in events[1:-1]) == done["output"]["text"]
    assert done["execution_id"] == events[0][1]["execution_id"]


async def test_a_stream_that_cannot_begin_is_answered_with_its_own_status(desk: Desk) -> None:
    answer = await desk.application.post("/execute/greeting/latest", {"stream": True})

    assert answer.status_code == 422
    assert answer.json()["code"] == "missing_variables"
    assert answer.json()["execution_status"] == "failed"


async def test_an_unsaved_body_is_run_once_and_stored_nowhere_but_in_the_log(desk: Desk) -> None:
    body = {**HELLO, "application_id": desk.application_id, "variables": {"name": "Bo"}}

    ran = await desk.owner.post("/test-prompt", body)
    by_key = await desk.application.post("/test-prompt", body)

    row = (await desk.owner.get(f"/executions/{ran.json()['execution_id']}")).json()
    assert (ran.status_code, row["prompt_id"], row["version"]) == (200, None, None)
    assert by_key.status_code == 403


async def test_a_draft_is_refused_to_a_key_and_shown_to_its_editors(desk: Desk) -> None:
    await desk.save("Greet {{ name }}.", required_fields=[{"name": "name"}])

    refused = [
        await desk.application.get(f"{desk.versions}/1.0.1"),
        await desk.application.post(f"{desk.versions}/1.0.1/render", {"variables": {}}),
        await desk.application.post("/execute/greeting/1.0.1", {"variables": {"name": "Bo"}}),
    ]
    shown = await desk.owner.get(f"{desk.versions}/1.0.1")

    assert {(one.status_code, one.json()["code"]) for one in refused} == {
        (409, "version_not_published")
    }
    assert shown.json()["is_published"] is False


async def test_rendering_says_what_a_model_would_get_and_calls_none(desk: Desk) -> None:
    rendered = await desk.application.post(
        f"{desk.versions}/latest/render", {"variables": {"name": "{{ 7 * 7 }}"}}
    )

    assert rendered.json()["messages"] == [{"role": "user", "content": "Say hello to {{ 7 * 7 }}."}]
    assert (await desk.owner.get("/executions")).json()["total"] == 0


async def test_a_label_moves_over_published_versions(desk: Desk) -> None:
    await desk.save("Hi {{ name }}.", required_fields=[{"name": "name"}])
    label = f"{desk.prompt}/labels/production"

    draft = await desk.owner.put(label, {"version": "1.0.1", "reason": "too early"})
    moved = await desk.owner.put(label, {"version": "1.0.0", "reason": "first"})
    served = await desk.application.get(f"{desk.versions}/label:production")
    removed = await desk.owner.delete(f"{label}?reason=done")
    gone = await desk.application.get(f"{desk.versions}/label:production")

    assert draft.json()["code"] == "version_not_published"
    assert moved.json()["labels"] == {"production": "1.0.0"}
    assert served.json()["version"] == "1.0.0"
    assert (removed.status_code, gone.status_code) == (204, 404)


async def test_publishing_twice_gives_the_same_answer(desk: Desk) -> None:
    first, second = await desk.publish("1.0.0"), await desk.publish("1.0.0")

    assert (first.status_code, first.json()) == (200, second.json())


async def test_rolling_back_publishes_the_old_body_as_a_new_version(desk: Desk) -> None:
    await desk.save("Hi {{ name }}.", required_fields=[{"name": "name"}])
    await desk.publish("1.0.1")

    back = await desk.owner.post(f"{desk.versions}/1.0.0/rollback", {"reason": "worse"})

    latest = (await desk.application.get(f"{desk.versions}/latest")).json()
    assert back.status_code == 201
    assert (latest["version"], latest["content"]) == ("1.0.2", HELLO["content"])
    assert latest["parent_version"] == "1.0.0"


async def test_a_difference_is_told_in_words(desk: Desk) -> None:
    await desk.save("Hi {{ name }}.", required_fields=[{"name": "name"}], model="demo/echo")

    difference = (await desk.owner.get(f"{desk.versions}/1.0.0/diff/1.0.1")).json()

    assert difference == {
        "from_version": "1.0.0",
        "to_version": "1.0.1",
        "changes": [
            {
                "area": "content",
                "what": "Prompt changed",
                "before": HELLO["content"],
                "after": "Hi {{ name }}.",
            }
        ],
        "suggested_bump": "patch",
    }


async def test_a_prompt_out_of_service_is_not_there_for_a_key(desk: Desk) -> None:
    asked = {"variables": {"name": "Bo"}}

    gone = await desk.owner.delete(desk.prompt)
    refused = await desk.application.post("/execute/greeting/latest", asked)
    await desk.owner.post(f"{desk.prompt}/restore")
    served = await desk.application.post("/execute/greeting/latest", asked)

    assert (gone.status_code, refused.status_code, served.status_code) == (204, 404, 200)


async def test_a_regenerated_key_replaces_the_old_one_at_once(desk: Desk) -> None:
    created = await desk.owner.post(f"/applications/{desk.application_id}/regenerate-key")

    old = await desk.application.get(f"{desk.versions}/latest")
    new = await desk.owner.keyed(created.json()["api_key"]).get(f"{desk.versions}/latest")
    shown = (await desk.owner.get(f"/applications/{desk.application_id}")).json()
    assert (old.status_code, new.status_code) == (401, 200)
    assert "api_key" not in shown
    assert created.json()["api_key"].startswith(shown["api_key_prefix"])


async def test_sessions_are_listed_refreshed_and_ended(visitor: Visitor) -> None:
    account = {"email": "ada@example.org", "password": PASSWORD}
    await visitor.post("/auth/register", account)
    first = (await visitor.post("/auth/login", account)).json()
    second = (await visitor.post("/auth/refresh", {"refresh_token": first["refresh_token"]})).json()
    user = visitor.bearing(second["access_token"])

    listed = (await user.get("/auth/sessions")).json()
    reused = await visitor.post("/auth/refresh", {"refresh_token": first["refresh_token"]})
    after = await user.get("/auth/me")

    assert [one["is_current"] for one in listed["items"]] == [True]
    assert (reused.status_code, after.status_code) == (401, 401)


@pytest.mark.parametrize("way", ["logout", "password", "everywhere"])
async def test_an_ended_session_is_refused_at_once(visitor: Visitor, way: str) -> None:
    user = await visitor.signed_up("ada@example.org")
    change = {"current_password": PASSWORD, "new_password": "another horse battery"}

    ended = {
        "logout": lambda: user.post("/auth/logout"),
        "password": lambda: user.post("/auth/change-password", change),
        "everywhere": lambda: user.delete("/auth/sessions"),
    }
    answer = await ended[way]()

    assert answer.status_code == 204
    assert (await user.get("/auth/me")).status_code == 401


async def test_a_superuser_manages_users_and_others_do_not(visitor: Visitor) -> None:
    root = await visitor.signed_up("ada@example.org")
    other = await visitor.signed_up("bob@example.org")
    bob = (await other.get("/auth/me")).json()

    listed = (await root.get("/users")).json()
    refused = await other.get("/users")
    off = await root.put(f"/users/{bob['id']}", {"is_active": False})

    assert [one["email"] for one in listed["items"]] == ["ada@example.org", "bob@example.org"]
    assert (refused.status_code, off.json()["is_active"]) == (403, False)
    assert (await other.get("/auth/me")).status_code == 401


async def test_a_member_works_with_the_role_given(desk: Desk, visitor: Visitor) -> None:
    other = await visitor.signed_up("bob@example.org")
    bob = (await other.get("/auth/me")).json()
    members = f"/applications/{desk.application_id}/members"

    before = await other.get(desk.prompt)
    await desk.owner.put(f"{members}/{bob['id']}", {"role": "editor"})
    saved = await other.post(desk.versions, {"content": "Hey."})
    published = await other.post(f"{desk.versions}/{saved.json()['version']}/publish")
    listed = (await desk.owner.get(members)).json()
    await desk.owner.delete(f"{members}/{bob['id']}")
    after = await other.get(desk.prompt)

    assert (before.status_code, saved.status_code, published.status_code) == (404, 201, 403)
    assert [one["role"] for one in listed["items"]] == ["admin", "editor"]
    assert after.status_code == 404


def read_events(answer: httpx2.Response) -> list[tuple[str, Any]]:
    events: list[tuple[str, Any]] = []
    for block in answer.text.strip().split("\n\n"):
        name, data = block.split("\n")
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


async def test_a_prompt_made_of_another_renders_lists_its_dependents_and_refuses_circles(
    visitor: Visitor,
) -> None:
    desk = await a_desk(visitor)
    letter = {"application_id": desk.application_id, "name": "Letter", "prompt_id": "letter"}
    (await desk.owner.post("/prompts", letter)).raise_for_status()
    greeting = {"dependency_type": "include", "prompt_id": "greeting", "version": "latest"}
    body = {"content": "{{ greeting }} Now.", "dependencies": [greeting]}

    saved = await desk.owner.post("/prompts/letter/versions", body)
    published = await desk.owner.post("/prompts/letter/versions/1.0.0/publish")
    rendered = await desk.application.post(
        "/prompts/letter/versions/latest/render", {"variables": {"name": "Bo"}}
    )
    dependents = await desk.owner.get(f"{desk.versions}/1.0.0/dependents")
    own = {**greeting, "prompt_id": "letter", "version": "1.0.1"}
    await desk.owner.post("/prompts/letter/versions", {"content": "Draft."})
    circle = await desk.owner.put("/prompts/letter/versions/1.0.1", {"dependencies": [own]})
    strange = await desk.owner.post(
        "/prompts/letter/versions", {**body, "dependencies": [{**greeting, "config": {"x": 1}}]}
    )

    assert saved.json()["dependencies"] == [{**greeting, "config": {}}]
    assert published.json()["dependencies"][0]["version"] == "1.0.0"
    assert rendered.json()["messages"][0]["content"] == "Say hello to Bo. Now."
    assert [one["prompt_id"] for one in dependents.json()["items"]] == ["letter"]
    assert (circle.status_code, circle.json()["path"]) == (409, ["letter@1.0.1", "letter@1.0.1"])
    assert strange.status_code == 422
