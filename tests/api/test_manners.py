"""Paging, entity tags, merging, refusals that name the field: the manners of the API."""

from typing import Any

import pytest

from tests.api.people import HELLO, Desk, Visitor, a_desk


@pytest.fixture
async def desk(visitor: Visitor) -> Desk:
    return await a_desk(visitor)


async def test_a_list_is_paged_by_cursor_and_counts_exactly(desk: Desk) -> None:
    for number in range(4):
        new = {"application_id": desk.application_id, "name": f"Prompt {number}"}
        await desk.owner.post("/prompts", new)

    names: list[str] = []
    page = (await desk.owner.get("/prompts?sort=name&limit=2")).json()
    names += [one["name"] for one in page["items"]]
    for _ in range(2):
        cursor = page["next_cursor"]
        page = (await desk.owner.get(f"/prompts?sort=name&limit=2&cursor={cursor}")).json()
        names += [one["name"] for one in page["items"]]

    assert names == ["Greeting", *(f"Prompt {number}" for number in range(4))]
    assert (page["total"], page["next_cursor"]) == (5, None)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=101",
        "limit=1e9",
        "limit=abc",
        "cursor=garbage",
        "cursor=YWZ0ZXI6LTE",
        "cursor=",
        "cursor=%F0%9F%98%80",
        "skip=1",
        "application_id=nope",
        "state=gone",
        "sort=-1",
        "text=%00",
        "label=UPPER",
        "text=" + "a" * 501,
    ],
)
async def test_a_wrong_query_is_refused_naming_the_parameter(desk: Desk, query: str) -> None:
    answer = await desk.owner.get(f"/prompts?{query}")

    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["field"]


async def test_a_prompt_is_found_by_words_tags_folder_and_state(desk: Desk) -> None:
    new = {
        "application_id": desk.application_id,
        "name": "Invoice",
        "tags": ["Billing", "mail"],
        "folder": "office/mail",
    }
    await desk.owner.post("/prompts", new)

    for query in ("text=INVO", "tag=billing&tag=mail", "folder=office", "state=draft"):
        page = (await desk.owner.get(f"/prompts?{query}")).json()

        assert [one["name"] for one in page["items"]] == ["Invoice"], query


async def test_what_is_created_says_where_it_is(desk: Desk) -> None:
    new = {"application_id": desk.application_id, "name": "Invoice"}

    prompt = await desk.owner.post("/prompts", new)
    version = await desk.save("Hello.")

    for created in (prompt, version):
        found = await desk.owner.client.get(created.headers["location"], headers=desk.owner.headers)

        assert created.status_code == 201
        assert found.json().items() <= created.json().items()


async def test_a_body_that_exists_makes_no_new_version(desk: Desk) -> None:
    again = await desk.owner.post(desk.versions, HELLO)

    assert (again.status_code, again.json()["created"]) == (200, False)
    assert again.json()["version"] == "1.0.0"


async def test_an_unchanged_prompt_or_version_is_not_sent_twice(desk: Desk) -> None:
    for path in (desk.prompt, f"{desk.versions}/latest"):
        first = await desk.application.get(path)
        second = await desk.application.get(
            path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'}
        )

        assert (second.status_code, second.content) == (304, b"")
        assert second.headers["etag"] == first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"


async def test_latest_has_another_tag_after_a_publish(desk: Desk) -> None:
    before = await desk.application.get(f"{desk.versions}/latest")
    await desk.save("Hi {{ name }}.", required_fields=[{"name": "name"}])
    await desk.publish("1.0.1")

    after = await desk.application.get(
        f"{desk.versions}/latest", headers={"If-None-Match": before.headers["etag"]}
    )

    assert (after.status_code, after.json()["version"]) == (200, "1.0.1")


async def test_a_saved_version_changes_the_tag_of_its_prompt(desk: Desk) -> None:
    before = await desk.owner.get(desk.prompt)
    await desk.save("Hi.")

    after = await desk.owner.get(desk.prompt, headers={"If-None-Match": before.headers["etag"]})

    assert (after.status_code, after.json()["newest_version"]) == (200, "1.0.1")


async def test_putting_merges(desk: Desk) -> None:
    await desk.owner.put(desk.prompt, {"description": "Says hello.", "tags": ["A"]})
    prompt = (await desk.owner.put(desk.prompt, {"name": "Hello"})).json()
    await desk.save("Hi.", system_prompt="Be kind.")
    draft = (await desk.owner.put(f"{desk.versions}/1.0.1", {"content": "Hey."})).json()

    assert (prompt["name"], prompt["description"], prompt["tags"]) == (
        "Hello",
        "Says hello.",
        ["a"],
    )
    assert (draft["content"], draft["system_prompt"]) == ("Hey.", "Be kind.")


@pytest.mark.parametrize("field", ["prompt_id", "application_id"])
async def test_a_prompt_keeps_its_id_and_application(desk: Desk, field: str) -> None:
    answer = await desk.owner.put(desk.prompt, {field: "another"})

    assert (answer.status_code, answer.json()["field"]) == (422, f"body.{field}")


async def test_a_stale_change_is_refused_where_the_client_named_its_state(desk: Desk) -> None:
    await desk.save("Hi.")
    for path, change in ((desk.prompt, {"name": "Hello"}), (f"{desk.versions}/1.0.1", HELLO)):
        seen = (await desk.owner.get(path)).headers["etag"]
        fresh = await desk.owner.put(path, change, headers={"If-Match": seen})
        stale = await desk.owner.put(path, change, headers={"If-Match": seen})
        strange = await desk.owner.put(path, change, headers={"If-Match": '"x"'})
        unnamed = await desk.owner.put(path, change)

        answers = (fresh, stale, strange, unnamed)
        assert [one.status_code for one in answers] == [200, 412, 412, 200]
        assert stale.json()["code"] == "stale_revision"


async def test_frozen_is_said_before_stale(desk: Desk) -> None:
    answer = await desk.owner.put(
        f"{desk.versions}/1.0.0", {"content": "Hey."}, headers={"If-Match": '"x"'}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "version_frozen")


async def test_unknown_fields_are_named_wherever_they_stand(desk: Desk) -> None:
    bodies = {
        "body.is_superuser": {**HELLO, "is_superuser": True},
        "body.required_fields.0._id": {**HELLO, "required_fields": [{"name": "a", "_id": 1}]},
        "body.model_params.temprature": {**HELLO, "model_params": {"temprature": 1}},
    }
    for field, body in bodies.items():
        answer = await desk.owner.post(desk.versions, body)

        assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_limits_of_values_are_refused_naming_the_field(desk: Desk) -> None:
    bodies = {
        "body.model_params.temperature": {**HELLO, "model_params": {"temperature": 3}},
        "body.content": {"content": "a" * (64 * 1024 + 1)},
        "body.required_fields.0.name": {**HELLO, "required_fields": [{"name": "__x"}]},
        "body.model": {**HELLO, "model": "no-slash"},
    }
    for field, body in bodies.items():
        answer = await desk.owner.post(desk.versions, body)

        assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_free_data_comes_back_as_it_was_sent(desk: Desk) -> None:
    metadata: dict[str, Any] = {
        "a.b": 1,
        "$set": {"$ne": None},
        "": [],
        "x": {"$ref": "y"},
        "n": 2**63 - 1,
    }

    saved = await desk.save("Hi.", metadata=metadata)
    ran = await desk.application.post(
        "/execute/greeting/1.0.0", {"variables": {"name": "Bo"}, "metadata": metadata}
    )

    row = await desk.owner.get(f"/executions/{ran.json()['execution_id']}")
    assert saved.json()["metadata"] == metadata
    assert row.json()["metadata"] == metadata


async def test_an_id_in_two_applications_must_be_told_apart(desk: Desk) -> None:
    second = (await desk.owner.post("/applications", {"name": "Second"})).json()["id"]
    new = {"application_id": second, "name": "Greeting", "prompt_id": desk.prompt_id}
    await desk.owner.post("/prompts", new)

    unclear = await desk.owner.get(desk.prompt)
    clear = await desk.owner.get(f"{desk.prompt}?application_id={second}")
    by_key = await desk.application.get(desk.prompt)

    assert (unclear.status_code, unclear.json()["code"]) == (409, "ambiguous_prompt")
    assert clear.json()["application_id"] == second
    assert by_key.json()["application_id"] == desk.application_id


async def test_too_many_failed_sign_ins_say_when_to_try_again(visitor: Visitor) -> None:
    wrong = {"email": "ada@example.org", "password": "not the password"}

    answers = [await visitor.post("/auth/login", wrong) for _ in range(11)]

    assert [one.status_code for one in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 60


async def test_another_host_name_than_the_servers_own_is_refused(visitor: Visitor) -> None:
    rebound = await visitor.get("/health", headers={"host": "evil.example"})
    own = await visitor.get("/health", headers={"host": "127.0.0.1:8502"})

    assert (rebound.status_code, rebound.json()["code"]) == (421, "misdirected_request")
    assert own.status_code == 200
