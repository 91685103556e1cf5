"""Files of prompts, and copies of one, over REST."""

from typing import Any

import pytest

from core.documents import Prompt
from tests.api.people import Desk, Visitor, a_desk


async def another_application(desk: Desk, name: str = "Other") -> str:
    return (await desk.owner.post("/applications", {"name": name})).json()["id"]


async def export(desk: Desk, application_id: str, **params: Any) -> Any:
    answer = await desk.owner.get("/export", params={"application_id": application_id, **params})
    return answer.raise_for_status()


async def test_an_export_is_imported_after_a_look_at_what_would_happen(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    await desk.owner.put(f"{desk.prompt}/labels/production", {"version": "1.0.0"})
    other = await another_application(desk)
    file = await export(desk, desk.application_id)
    assert file.headers["content-disposition"] == 'attachment; filename="support-desk-prompts.json"'
    body = {**file.json(), "application_id": other}

    would = (await desk.owner.post("/import", {**body, "dry_run": True})).json()
    assert (await export(desk, other)).json()["prompts"] == []
    did = (await desk.owner.post("/import", body)).json()
    again = (await desk.owner.post("/import", body)).json()

    assert (did["created"], again["unchanged"], did["items"]) == (1, 1, would["items"])
    assert did["items"][0]["labels"] == {"production": "1.0.0"}
    assert (await export(desk, other)).text == file.text


async def test_a_file_holds_no_key_and_no_person(visitor: Visitor) -> None:
    desk = await a_desk(visitor)

    text = (await export(desk, desk.application_id)).text

    assert "ada@example.org" not in text
    assert desk.application.headers["X-API-Key"][:9] not in text
    assert desk.application_id not in text


async def test_what_is_exported_is_chosen(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    new = {"application_id": desk.application_id, "name": "Draft", "prompt_id": "draft"}
    await desk.owner.post("/prompts", new)

    async def ids(**params: Any) -> list[str]:
        file = (await export(desk, desk.application_id, **params)).json()
        return [prompt["prompt_id"] for prompt in file["prompts"]]

    assert await ids() == ["draft", "greeting"]
    assert await ids(prompt_id=["greeting"]) == ["greeting"]
    assert await ids(state="draft") == ["draft"]
    missing = {"application_id": desk.application_id, "prompt_id": "nobody"}
    assert (await desk.owner.get("/export", params=missing)).status_code == 404


async def test_a_file_of_more_than_a_mebibyte_is_taken_up_to_its_own_limit(
    visitor: Visitor,
) -> None:
    desk = await a_desk(visitor)
    versions = [
        {"version": f"1.0.{n}", "body": {"content": f"{n} " + "x" * 60_000}} for n in range(20)
    ]
    prompt = {"prompt_id": "long", "name": "Long", "versions": versions}
    body = {"application_id": desk.application_id, "prompts": [prompt]}

    taken = await desk.owner.post("/import", body)
    refused = await desk.owner.post("/import", {**body, "generator": "x" * 21 * 1024 * 1024})

    assert (taken.status_code, taken.json()["created"]) == (200, 1)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"schema": 2}, "schema"),
    ({"prompts": "all"}, "body.prompts"),
    ({"prompts": [{}] * 5_001}, "body.prompts"),
    ({"overwrite": True}, "body.overwrite"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
async def test_a_wrong_file_is_refused_as_a_whole(
    visitor: Visitor, wrong: dict[str, Any], field: str
) -> None:
    desk = await a_desk(visitor)

    answer = await desk.owner.post(
        "/import", {"application_id": desk.application_id, "prompts": [], **wrong}
    )

    problem = answer.json()
    assert answer.status_code == 422
    assert problem.get("field") == field or problem["errors"][0]["field"] == field


@pytest.mark.parametrize("opening", ["[", '{"a":'])
async def test_a_file_that_nests_without_end_is_refused(visitor: Visitor, opening: str) -> None:
    desk = await a_desk(visitor)

    answer = await desk.owner.ask(
        "POST",
        "/import",
        content=('{"prompts": ' + opening * 100_000).encode(),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 422


async def test_strangers_and_keys_neither_export_nor_import(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    stranger = await visitor.signed_up("eve@example.org")
    body = {"application_id": desk.application_id, "prompts": [{"prompt_id": "x", "name": "X"}]}
    export_path = f"/export?application_id={desk.application_id}"

    for who, status in ((stranger, 404), (desk.application, 403)):
        assert (await who.get(export_path)).status_code == status
        assert (await who.post("/import", body)).status_code == status

    assert await Prompt.count() == 1


async def test_a_prompt_is_duplicated_as_a_draft_that_says_where_it_comes_from(
    visitor: Visitor,
) -> None:
    desk = await a_desk(visitor)
    await desk.save("A newer draft.")
    await desk.owner.put(desk.prompt, {"tags": ["mail"], "folder": "desk", "description": "Hi"})
    other = await another_application(desk)

    copied = await desk.owner.post(f"{desk.prompt}/duplicate", {"prompt_id": "copy"})
    there = await desk.owner.post(
        f"{desk.prompt}/duplicate",
        {"prompt_id": "greeting", "application_id": other, "name": "Elsewhere"},
        params={"application_id": desk.application_id},
    )

    copy = copied.json()
    assert copied.status_code == 201
    assert copied.headers["location"].endswith(f"/copy?application_id={desk.application_id}")
    assert (copy["name"], copy["tags"], copy["folder"]) == ("Greeting", ["mail"], "desk")
    assert (copy["current_version"], copy["newest_version"]) == (None, "1.0.0")
    version = (await desk.owner.get("/prompts/copy/versions/1.0.0")).json()
    assert version["content"] == "Say hello to {{ name }}."
    assert version["metadata"]["copied_from"]["prompt_id"] == "greeting"
    assert version["metadata"]["copied_from"]["version"] == "1.0.0"
    assert (there.status_code, there.json()["name"]) == (201, "Elsewhere")
    assert there.json()["application_id"] == other


async def test_a_duplicate_that_cannot_be_made_says_why_and_leaves_nothing(
    visitor: Visitor,
) -> None:
    desk = await a_desk(visitor)
    other = await another_application(desk)
    new = {"application_id": desk.application_id, "name": "Letter", "prompt_id": "letter"}
    await desk.owner.post("/prompts", new)
    empty = await desk.owner.post("/prompts/letter/duplicate", {"prompt_id": "copy"})
    part = {"dependency_type": "include", "prompt_id": "greeting", "version": "1.0.0"}
    body = {
        "content": "{{ greeting }}",
        "dependencies": [part],
        "required_fields": [{"name": "name"}],
    }
    (await desk.owner.post("/prompts/letter/versions", body)).raise_for_status()
    stranger = await visitor.signed_up("eve@example.org")
    theirs = (await stranger.post("/applications", {"name": "Eve's"})).json()["id"]
    before = await Prompt.count()

    async def code(**fields: Any) -> tuple[int, str]:
        answer = await desk.owner.post(
            "/prompts/letter/duplicate",
            {"prompt_id": "copy", **fields},
            params={"application_id": desk.application_id},
        )
        return answer.status_code, answer.json().get("detail", "")

    assert (empty.status_code, empty.json()["code"]) == (409, "conflict")
    status, detail = await code(application_id=other)
    assert (status, "greeting@1.0.0" in detail) == (422, True)
    assert (await code(prompt_id="greeting"))[0] == 409
    assert (await code(prompt_id="No!"))[0] == 422
    assert (await code(name=""))[0] == 422
    asks = stranger.post("/prompts/letter/duplicate", {"prompt_id": "x", "application_id": theirs})
    assert (await asks).status_code == 404
    assert await Prompt.count() == before
