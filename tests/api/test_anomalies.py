"""Anomalies over REST."""

import pytest
from bson import ObjectId

from tests.anomalies import an_anomaly
from tests.api.people import Desk, Visitor, a_desk

PATH = "/analytics/anomalies"


@pytest.fixture
async def desk(visitor: Visitor) -> Desk:
    return await a_desk(visitor)


async def test_an_anomaly_is_listed_acknowledged_and_muted(desk: Desk) -> None:
    one = await an_anomaly(application_id=ObjectId(desk.application_id)).insert()

    listed = await desk.owner.get(f"{PATH}?application_id={desk.application_id}&state=open")

    assert listed.json()["total"] == 1
    shown = listed.json()["items"][0]
    assert shown["id"] == str(one.key)
    assert shown["model"] == "openai/gpt-4o-mini"
    assert shown["state"] == "open"
    assert shown["started_at"] == "2026-11-02T09:00:00.000Z"

    known = await desk.owner.post(f"{PATH}/{one.key}/acknowledge", {"note": "A new customer."})
    muted = await desk.owner.post(f"{PATH}/{one.key}/mute", {"hours": 24})

    assert known.json()["state"] == "acknowledged"
    assert known.json()["note"] == "A new customer."
    assert muted.json()["muted_until"] is not None
    assert (await desk.owner.get(f"{PATH}?state=open")).json()["total"] == 0


@pytest.mark.parametrize("hours", [-1, 2161, 1.5, "1", None, True])
async def test_hours_are_a_bounded_whole_number(desk: Desk, hours: object) -> None:
    one = await an_anomaly(application_id=ObjectId(desk.application_id)).insert()

    answer = await desk.owner.post(f"{PATH}/{one.key}/mute", {"hours": hours})

    assert answer.status_code == 422
    assert answer.json()["field"] == "body.hours"


@pytest.mark.parametrize("query", ["measure=mood", "state=gone", "start=yesterday", "colour=red"])
async def test_odd_questions_are_refused_by_name(desk: Desk, query: str) -> None:
    answer = await desk.owner.get(f"{PATH}?{query}")

    assert answer.status_code == 422
    assert answer.json()["field"] == f"query.{query.partition('=')[0]}"
