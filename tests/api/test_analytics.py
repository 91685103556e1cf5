"""Analytics over REST: shapes, scope, strictness; that the sums are right is tested in core."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from core.analytics.rollup import rebuild
from core.documents import ExecutionLog, Feedback, RollupProgress
from tests.api.people import Desk, Visitor, a_desk, add_desk
from tests.core.analytics.streams import a_run

DAY = datetime(2026, 3, 1, tzinfo=UTC)
WINDOW = "start=2026-03-01T00:00:00Z&end=2026-03-04T00:00:00Z"
FIGURES: dict[str, Any] = {
    "prompt_id": "greeting",
    "version": "1.0.0",
    "model_provider": "openai",
    "model_name": "gpt-4o-mini",
    "status": "success",
    "latency_ms": 1000.0,
    "time_to_first_token_ms": 100.0,
    "input_tokens": 10,
    "output_tokens": 5,
    "token_count": 15,
    "cost_usd": "0.25",
    "user_id": None,
}
FAILED: dict[str, Any] = {"status": "failed", "latency_ms": None, "time_to_first_token_ms": None}


async def a_history(desk: Desk) -> None:
    """Two runs on the first day, one of an unknown price and a failed one on the third."""
    chance = random.Random(1)
    key = ObjectId(desk.application_id)
    third = DAY + timedelta(days=2)
    rows = [
        a_run(chance, key, DAY, **FIGURES),
        a_run(chance, key, DAY + timedelta(hours=23), **FIGURES),
        a_run(chance, key, third, **{**FIGURES, "model_name": "gpt-5.1", "cost_usd": None}),
        a_run(chance, key, third, **{**FIGURES, **FAILED, "token_count": None, "cost_usd": None}),
    ]
    await ExecutionLog.insert_many(rows)
    for run, stars in zip(rows, (5, 4), strict=False):
        await Feedback(
            execution_id=run.key, user_id=ObjectId(), rating=stars, created_at=run.created_at
        ).insert()
    # Nothing is that late by itself.
    await rebuild(DAY, DAY + timedelta(days=4))


@pytest.mark.parametrize("is_built", [False, True])
async def test_usage_is_told_by_bucket_and_group(visitor: Visitor, *, is_built: bool) -> None:
    desk = await a_desk(visitor)
    await a_history(desk)
    if not is_built:
        await RollupProgress.delete_all()

    told = await desk.owner.get(
        f"/analytics/usage?{WINDOW}&bucket=day&group_by=model&group_by=status"
        f"&application_id={desk.application_id}"
    )

    shown = told.json()
    assert shown["window"] == {
        "start": "2026-03-01T00:00:00.000Z",
        "end": "2026-03-04T00:00:00.000Z",
        "bucket": "day",
        "time_zone": "UTC",
    }
    assert [(i["bucket"][:10], i["model"], i["status"], i["runs"]) for i in shown["items"]] == [
        ("2026-03-01", "openai/gpt-4o-mini", "success", 2),
        ("2026-03-03", "openai/gpt-4o-mini", "failed", 1),
        ("2026-03-03", "openai/gpt-5.1", "success", 1),
    ]
    assert shown["items"][0].keys() & {"prompt_id", "user_id", "provider"} == set()
    assert (shown["groups"], shown["previous"]) == (3, None)
    assert shown["totals"] == {
        "runs": 4,
        "success": 3,
        "failed": 1,
        "timeout": 0,
        "blocked": 0,
        "cancelled": 0,
        "input_tokens": 40,
        "output_tokens": 20,
    }


async def test_costs_tell_what_a_success_costs_and_what_is_not_known(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    await a_history(desk)

    shown = (await desk.owner.get(f"/analytics/costs?{WINDOW}&group_by=model&top=1")).json()

    first, others = shown["items"]
    assert (first["model"], first["cost_usd"], first["bucket"]) == ("openai/gpt-4o-mini", 0.5, None)
    assert others["is_other"]
    assert "model" not in others
    assert shown["totals"] == {
        "runs": 4,
        "success": 3,
        "cost_usd": 0.5,
        "cost_unknown": 1,
        "cost_per_success_usd": pytest.approx(0.5 / 3),
    }


async def test_performance_tells_percentiles_and_ratings(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    await a_history(desk)

    shown = (await desk.owner.get(f"/analytics/performance?{WINDOW}")).json()["totals"]

    for share in ("p50", "p90", "p95", "p99"):
        assert shown[f"latency_{share}_ms"] == pytest.approx(1000, rel=0.02)
        assert shown[f"time_to_first_token_{share}_ms"] == pytest.approx(100, rel=0.02)
    assert shown["success_rate"] == 0.75
    assert shown["rating"]["count"] == 2
    assert 1 < shown["rating"]["low"] < shown["rating"]["mean"] == 4.5 < shown["rating"]["high"]


async def test_a_window_is_compared_with_the_one_before(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    await a_history(desk)
    window = "start=2026-03-03T00:00:00Z&end=2026-03-05T00:00:00Z"

    for what, name in (("usage", "input_tokens"), ("costs", "cost_usd"), ("performance", "runs")):
        shown = (await desk.owner.get(f"/analytics/{what}?{window}&compare=previous")).json()

        before = shown["previous"]
        assert before["window"]["start"] == "2026-03-01T00:00:00.000Z"
        assert before["window"]["end"] == shown["window"]["start"]
        assert (shown["totals"][name], before["totals"][name]) in {(20, 20), (0, 0.5), (2, 2)}


async def test_filters_narrow_and_people_are_told_apart(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    await a_history(desk)

    for narrowed, runs in (
        ("prompt_id=greeting", 4),
        ("prompt_id=other", 0),
        ("version=1.0.0", 4),
        ("model=openai/gpt-5.1", 1),
        ("model=gpt-5.1", 1),
        ("model=anthropic/gpt-5.1", 0),
        ("status=failed", 1),
    ):
        shown = (await desk.owner.get(f"/analytics/usage?{WINDOW}&{narrowed}")).json()
        assert shown["totals"]["runs"] == runs, narrowed
    by_user = (await desk.owner.get(f"/analytics/usage?{WINDOW}&group_by=user")).json()
    assert [(one["user_id"], one["runs"]) for one in by_user["items"]] == [(None, 4)]


async def test_days_are_those_of_the_application_that_was_named(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    path = f"/applications/{desk.application_id}"
    (await desk.owner.put(path, {"time_zone": "Asia/Kathmandu"})).raise_for_status()
    asked = "/analytics/usage?bucket=day"

    named = (await desk.owner.get(f"{asked}&application_id={desk.application_id}")).json()
    unnamed = (await desk.owner.get(asked)).json()
    chosen = (await desk.owner.get(f"{asked}&time_zone=Europe/Paris")).json()

    assert named["window"]["time_zone"] == "Asia/Kathmandu"
    assert unnamed["window"]["time_zone"] == "UTC"
    assert chosen["window"]["time_zone"] == "Europe/Paris"


async def test_everybody_is_told_of_the_own_applications_only(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    await a_history(desk)
    stranger = await visitor.signed_up("eve@example.org")
    other = await add_desk(visitor, stranger, "other")
    await a_history(other)

    for what in ("usage", "costs", "performance"):
        asked = f"/analytics/{what}?{WINDOW}&group_by=application"
        theirs = (await stranger.get(asked)).json()
        named = await stranger.get(f"{asked}&application_id={desk.application_id}")
        by_key = await desk.application.get(asked)
        of_superuser = (await desk.owner.get(asked)).json()

        assert [one["application_id"] for one in theirs["items"]] == [other.application_id]
        assert named.status_code == 404
        assert by_key.status_code == 403
        assert of_superuser["totals"]["runs"] == 8


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=2026-03-01", "query.start"),
        ("start=2026-03-01T00:00:00", "query.start"),
        ("start=2026-03-02T00:00:00Z&end=2026-03-01T00:00:00Z", "end"),
        ("start=2020-03-02T00:00:00Z&end=2026-03-01T00:00:00Z", "start"),
        ("end=9999-12-31T23:59:59Z", "end"),
        ("end=0001-01-01T00:00:00Z", "end"),
        ("start=1999-12-31T23:59:59Z&end=2000-01-02T00:00:00Z", "start"),
        ("bucket=minute", "query.bucket"),
        ("time_zone=Mars/Olympus", "query.time_zone"),
        ("time_zone=right/UTC", "query.time_zone"),
        ("time_zone=/etc/passwd", "query.time_zone"),
        ("group_by=model&group_by=colour", "query.group_by.1"),
        ("group_by=user&group_by=model", "group_by"),
        ("group_by=user&version=1.0.0", "group_by"),
        ("application_id=1", "query.application_id"),
        ("status=gone", "query.status"),
        ("top=0", "query.top"),
        ("top=101", "query.top"),
        ("order=name", "query.order"),
        ("compare=next", "query.compare"),
        ("granularity=day", "query.granularity"),
        ("prompt_id=a%00", "query.prompt_id"),
    ],
)
async def test_what_cannot_be_asked_is_named(visitor: Visitor, query: str, field: str) -> None:
    owner = await visitor.signed_up("ada@example.org")

    refused = await owner.get(f"/analytics/usage?{query}")

    assert refused.status_code == 422
    assert field in {refused.json().get("field"), *fields_of(refused.json())}


def fields_of(problem: dict[str, Any]) -> set[str]:
    return {one["field"] for one in problem.get("errors", [])}


async def test_too_many_items_and_times_of_people_are_refused(visitor: Visitor) -> None:
    desk = await a_desk(visitor)
    await a_history(desk)

    long = "start=2025-03-01T00:00:00Z&end=2027-03-01T00:00:00Z&bucket=hour"
    by_status = await desk.owner.get(f"/analytics/usage?{long}&group_by=status")
    in_all = await desk.owner.get(f"/analytics/usage?{long}")
    people = await desk.owner.get(f"/analytics/performance?{WINDOW}&group_by=user")

    assert (by_status.status_code, by_status.json()["field"]) == (422, "bucket")
    assert in_all.status_code == 200
    assert (people.status_code, people.json()["field"]) == (422, "group_by")
