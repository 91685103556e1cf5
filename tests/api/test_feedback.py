"""Ratings over REST."""

from typing import Any

import pytest

from tests.api.people import Desk, Visitor, a_desk


@pytest.fixture
async def desk(visitor: Visitor) -> Desk:
    return await a_desk(visitor)


def feedback_of(desk: Desk, version: str = "1.0.0") -> str:
    return f"{desk.versions}/{version}/feedback"


@pytest.mark.parametrize("rating", [0, 6, 4.5, True, "4", None, [], 10**400])
async def test_anything_but_one_to_five_is_refused(desk: Desk, rating: Any) -> None:
    answer = await desk.owner.post(feedback_of(desk), {"rating": rating})

    assert answer.status_code == 422
    assert answer.json()["field"].startswith("body")
    assert (await desk.owner.get(feedback_of(desk))).json()["total"] == 0


async def test_rating_again_changes_and_the_list_tells_the_mean(desk: Desk) -> None:
    said = {"rating": 2, "comment": "Dull.", "improvement_suggestion": "Smile."}

    first = await desk.owner.post(feedback_of(desk), said)
    second = await desk.owner.post(feedback_of(desk, "latest"), {**said, "rating": 5})

    assert (first.status_code, second.status_code) == (201, 200)
    listed = (await desk.owner.get(first.headers["Location"].removeprefix("/api/v1"))).json()
    assert listed["items"] == [second.json()]
    assert {name: second.json()[name] for name in said} == {**said, "rating": 5}
    assert listed["next_cursor"] is None
    assert listed["summary"] | {"low": 0} == {"count": 1, "mean": 5.0, "low": 0, "high": 5.0}
    assert 1.8 < listed["summary"]["low"] < 1.9


async def test_an_execution_is_rated_under_the_version_it_ran(desk: Desk) -> None:
    ran = await desk.application.post("/execute/greeting/1.0.0", {"variables": {"name": "Bo"}})
    of_run = {"rating": 4, "execution_id": ran.json()["execution_id"]}
    await desk.save("Something else.")

    rated = await desk.owner.post(feedback_of(desk), of_run)
    elsewhere = await desk.owner.post(feedback_of(desk, "1.0.1"), of_run)
    unknown = await desk.owner.post(feedback_of(desk), {**of_run, "execution_id": "0" * 24})

    assert (rated.status_code, rated.json()["execution_id"]) == (201, of_run["execution_id"])
    assert {elsewhere.status_code, unknown.status_code} == {404}


async def test_lists_are_paged(desk: Desk) -> None:
    for _ in range(3):
        ran = await desk.application.post("/execute/greeting/1.0.0", {"variables": {"name": "Bo"}})
        rated = {"rating": 3, "execution_id": ran.json()["execution_id"]}
        await desk.owner.post(feedback_of(desk), rated)

    first = (await desk.owner.get(f"{feedback_of(desk)}?limit=2")).json()
    rest = await desk.owner.get(f"{feedback_of(desk)}?limit=2&cursor={first['next_cursor']}")

    assert (len(first["items"]), len(rest.json()["items"]), first["total"]) == (2, 1, 3)
    assert rest.json()["next_cursor"] is None
    assert rest.json()["summary"]["count"] == 3


@pytest.mark.parametrize("text", ["\x00", "a" * 5001])
async def test_a_comment_that_cannot_be_kept_is_refused(desk: Desk, text: str) -> None:
    answer = await desk.owner.post(feedback_of(desk), {"rating": 3, "comment": text})

    assert answer.status_code == 422
