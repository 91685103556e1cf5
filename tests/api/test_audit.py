"""The audit trail over REST."""

from tests.api.people import Visitor, a_desk


async def test_a_superuser_sees_who_did_what_and_an_admin_the_own_application(
    visitor: Visitor,
) -> None:
    root = (await a_desk(visitor)).owner
    desk = await a_desk(visitor, "bo@example.org")
    mine = {"application_id": desk.application_id}

    whole = (await root.get("/audit", params={"actor": "bo@example.org"})).json()
    own = (await desk.owner.get("/audit", params=mine)).json()

    assert {event["actor_email"] for event in whole["items"]} == {"bo@example.org"}
    assert "session.start" in {event["action"] for event in whole["items"]}
    assert own["items"][0]["action"] == "version.publish"
    assert own["items"][0]["after"] == {"version": "1.0.0", "makes_current": True}
    assert (await desk.owner.get("/audit")).status_code == 403
    assert (await visitor.signed_up("eve@example.org")) is not None
    assert (await root.get("/audit", params={"actor": "nobody"})).json()["items"] == []


async def test_the_trail_is_read_page_by_page(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    seen: list[str] = []
    cursor: str | None = None

    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await desk.owner.get("/audit", params=params)).json()
        seen += [event["id"] for event in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == page["total"]
    assert page["total_is_capped"] is False


async def test_nobody_changes_or_deletes_an_event(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    event = (await desk.owner.get("/audit")).json()["items"][0]

    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await desk.owner.ask(method, "/audit")).status_code == 405
        assert (await desk.owner.ask(method, f"/audit/{event['id']}")).status_code in {404, 405}


async def test_another_applications_trail_is_not_there(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    stranger = await visitor.signed_up("eve@example.org")

    answer = await stranger.get("/audit", params={"application_id": desk.application_id})

    assert answer.status_code == 404


async def test_a_wrong_filter_is_named(visitor: Visitor) -> None:
    desk = await a_desk(visitor)

    for params in ({"start": "yesterday"}, {"actor": "x" * 301}, {"application_id": "x"}):
        answer = await desk.owner.get("/audit", params=params)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == f"query.{next(iter(params))}"
