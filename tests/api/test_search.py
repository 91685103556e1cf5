"""Search over REST: shapes, scope, strictness; the rules are tested in core."""

import pytest

from tests.api.people import Visitor, a_desk


async def test_a_search_shows_what_was_found_and_why(visitor: Visitor) -> None:
    desk = await a_desk(visitor)

    by_query = await desk.owner.get("/prompts/search?q=hello greeting&state=published&limit=5")
    by_body = await desk.owner.post("/prompts/semantic-search", {"query": "hello greeting"})

    found = by_query.json()
    assert found["items"] == by_body.json()["items"]
    (hit,) = found["items"]
    assert hit.pop("score") > 0
    assert hit == {
        "prompt_id": "greeting",
        "application_id": desk.application_id,
        "version": "1.0.0",
        "name": "Greeting",
        "passage": "Say hello to {{ name }}.",
        "matches": ["Greeting", "hello"],
    }
    assert found["mode"] in {"hybrid", "lexical"}
    assert "hello greeting" not in by_query.text


async def test_strangers_find_nothing(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    stranger = await visitor.signed_up("eve@example.org")

    assert (await stranger.get("/prompts/search?q=hello")).json()["items"] == []
    assert (await stranger.get("/prompts/duplicates")).json()["items"] == []
    for path in (
        f"/prompts/search?q=hello&application_id={desk.application_id}",
        f"/prompts/duplicates?application_id={desk.application_id}",
        "/prompts/greeting/similar",
    ):
        assert (await stranger.get(path)).status_code == 404, path


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "query.q"),
        ("q=", "query.q"),
        ("q=%20", "query.q"),
        ("q=" + "x" * 501, "query.q"),
        ("q=a%00b", "query.q"),
        ("q=a&limit=101", "query.limit"),
        ("q=a&state=gone", "query.state"),
        ("q=a&label=%24where", "label"),
        ("q=a&nothing=1", "query.nothing"),
        ("q=a&application_id=1", "query.application_id"),
    ],
)
async def test_what_cannot_be_asked_is_named(visitor: Visitor, query: str, field: str) -> None:
    desk = await a_desk(visitor)

    answer = await desk.owner.get(f"/prompts/search?{query}")

    assert answer.status_code == 422
    assert field in answer.text


@pytest.mark.parametrize(
    "text", ["$where", "(a+)+$", "[", "\\", "🙂🙂", "ﷺ", "x" * 500, "the of and", "<b>", "漢字"]
)
async def test_hostile_queries_find_nothing_bad(visitor: Visitor, text: str) -> None:
    desk = await a_desk(visitor)

    for answer in (
        await desk.owner.post("/prompts/semantic-search", {"query": text}),
        await desk.owner.get("/prompts/search", params={"q": text}),
    ):
        assert answer.status_code == 200
        assert answer.json().keys() == {"items", "mode", "notice"}


async def test_duplicates_are_grouped_and_similar_ones_listed(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    new = {"application_id": desk.application_id, "name": "Copy", "prompt_id": "copy"}
    (await desk.owner.post("/prompts", new)).raise_for_status()
    (
        await desk.owner.post("/prompts/copy/versions", {"content": "say HELLO to {{ who }}!"})
    ).raise_for_status()

    similar = (await desk.owner.get("/prompts/greeting/similar")).json()["items"]
    (cluster,) = (await desk.owner.get("/prompts/duplicates")).json()["items"]

    assert [(one["prompt_id"], one["kind"], one["overlap"]) for one in similar] == [
        ("copy", "same", 1.0)
    ]
    assert cluster["kind"] == "same"
    assert [one["prompt_id"] for one in cluster["members"]] == ["greeting", "copy"]
