"""From the log to the anomaly: found once, explained, followed, ended."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import ObjectId

from core import clock
from core.analytics.anomalies.listing import AnomalyQuery, list_anomalies, state_of
from core.analytics.anomalies.watch import watch_anomalies
from core.analytics.rollup import roll_up
from core.analytics.stretches import HOUR, floor_to
from core.audit import make_event, record
from core.documents import Anomaly, AnomalyProgress, ExecutionLog, PromptVersion, RollupProgress
from core.values.scope import SYSTEM
from tests.core.analytics.streams import an_application

pytestmark = pytest.mark.usefixtures("database")

DAYS = 9
PROMPT = ObjectId()
# Of the hours up to here all are built, even when a test runs into the next one.
END = floor_to(clock.now() - timedelta(minutes=20), HOUR)
Story = Callable[[dict[str, Any], float], None]


async def write(
    story: Story, *, hours_ago: tuple[float, float] = (DAYS * 24, 0), runs: int = 12
) -> list[ExecutionLog]:
    """Write the runs of some hours as usual, each changed by the story of so many hours ago."""
    chance = random.Random(1)
    application = await an_application("UTC")
    version = ObjectId()
    end = END
    rows: list[ExecutionLog] = []
    for hour in range(round(hours_ago[0] - hours_ago[1])):
        for _ in range(runs):
            at = end - timedelta(hours=hours_ago[0] - hour - chance.random())
            row = _a_row(chance, application.key, version, at)
            story(row, (end - at) / HOUR)
            rows.append(ExecutionLog.model_validate(row))
    await ExecutionLog.insert_many(rows)
    return rows


def _a_row(
    chance: random.Random, application_id: ObjectId, version: ObjectId, at: datetime
) -> dict[str, Any]:
    return {
        "application_id": application_id,
        "prompt_id": "greet",
        "version": "1.0.0",
        "prompt_version_id": version,
        "model_provider": "openai",
        "model_name": "gpt-4o-mini",
        "status": "failed" if chance.random() < 0.02 else "success",
        "created_at": at,
        "latency_ms": 800 * chance.lognormvariate(0, 0.4),
        "input_tokens": int(300 * chance.lognormvariate(0, 0.4)),
        "output_tokens": 100,
        "token_count": 400,
        "cost_usd": Decimal("0.0002"),
        "cost_status": "priced",
        "unit_prices": {"input": "0.15"},
    }


def as_usual(_row: dict[str, Any], _ago: float) -> None:
    pass


def long_inputs(row: dict[str, Any], ago: float) -> None:
    """Three times the tokens in the hour before the last."""
    if 1 < ago <= 2:
        row["input_tokens"] *= 4


def dearer(row: dict[str, Any], ago: float) -> None:
    if ago <= 5:
        row["cost_usd"] = Decimal("0.0006")
        row["unit_prices"] = {"input": "0.45"}


def failing(row: dict[str, Any], ago: float) -> None:
    if ago <= 3:
        row["status"] = "failed"


async def judge() -> list[Anomaly]:
    await roll_up()
    await RollupProgress.collection().update_one(
        {"_id": RollupProgress.KEY}, {"$set": {"until": END}}
    )
    await watch_anomalies()
    return (await list_anomalies(SYSTEM, AnomalyQuery())).items


async def judge_again() -> list[Anomaly]:
    await AnomalyProgress.collection().update_many({}, {"$set": {"until": END - HOUR}})
    return await judge()


async def test_nothing_unusual_is_nothing() -> None:
    await write(as_usual)

    assert await judge() == []


async def test_a_spike_of_tokens_is_told_once_with_the_runs_that_show_it() -> None:
    rows = await write(long_inputs)

    found = await judge()

    assert [(one.measure, one.pattern) for one in found] == [("tokens", "spike")]
    one = found[0]
    assert one.started_at == END - 2 * HOUR
    assert one.ended_at == one.started_at + HOUR
    assert one.expected_low < one.expected < one.expected_high < one.observed
    assert one.observed > 2 * one.expected
    assert 380 < one.expected < 460
    assert one.runs == 12 - sum(row.status == "failed" for row in _of(rows, one))
    assert len(one.examples) == 5
    assert set(one.examples) <= {row.key for row in _of(rows, one)}
    assert [again.key for again in await judge_again()] == [one.key]


def _of(rows: list[ExecutionLog], one: Anomaly) -> list[ExecutionLog]:
    return [row for row in rows if one.started_at <= row.created_at < one.last_seen_at]


async def test_a_dearer_model_is_told_with_its_price() -> None:
    await write(dearer)

    found = await judge()

    assert [one.measure for one in found] == ["cost"]
    assert found[0].ended_at is None
    assert found[0].observed == pytest.approx(0.0006)
    assert found[0].expected == pytest.approx(0.0002, rel=0.05)
    assert [(one.kind, one.before, one.after) for one in found[0].changes] == [
        ("new_price", "input 0.15", "input 0.45")
    ]


async def test_failures_are_told_with_what_was_published_before() -> None:
    rows = await write(failing)
    version = rows[0].prompt_version_id
    await PromptVersion.model_construct(
        id=version, prompt_id=PROMPT, version="1.0.0", sequence=1, checksum="", content="Hi"
    ).insert()
    published = make_event(
        SYSTEM, "version.publish", f"prompt:{PROMPT}", after={"version": "1.0.0"}
    )
    published.created_at = END - 4 * HOUR
    await published.insert()
    # Published now, which is too late to have been the reason.
    await record(SYSTEM, "version.publish", f"prompt:{PROMPT}", after={"version": "1.1.0"})

    found = await judge()

    assert [one.measure for one in found] == ["errors"]
    assert found[0].observed > 0.9
    assert found[0].expected < 0.1
    assert [(one.kind, one.after) for one in found[0].changes] == [("publish", "1.0.0")]


async def test_processes_judge_once() -> None:
    await write(failing)
    await roll_up()

    new = await asyncio.gather(*(watch_anomalies() for _ in range(4)))

    assert sorted(new) == [0, 0, 0, 1]
    assert await Anomaly.count() == 1


async def test_what_is_muted_is_muted_when_it_comes_again() -> None:
    rows = await write(failing)
    until = clock.now() + timedelta(days=1)
    old = clock.now() - timedelta(days=3)
    await Anomaly.model_validate(
        {
            "application_id": rows[0].application_id,
            "prompt_version_id": rows[0].prompt_version_id,
            "prompt_id": "greet",
            "version": "1.0.0",
            "provider": "openai",
            "model": "gpt-4o-mini",
            "measure": "errors",
            "pattern": "spike",
            "started_at": old,
            "last_seen_at": old,
            "ended_at": old + HOUR,
            "observed": 0.5,
            "expected": 0.1,
            "expected_low": 0,
            "expected_high": 0.2,
            "runs": 12,
            "muted_until": until,
            "muted_by": "user:eve",
        }
    ).insert()

    found = await judge()

    assert [state_of(one, clock.now()) for one in found] == ["muted", "muted"]
    assert found[0].muted_by == "user:eve"


async def test_what_lasts_a_week_is_usual() -> None:
    await write(failing)
    one = (await judge())[0]
    assert one.ended_at is None
    await Anomaly.collection().update_one(
        {"_id": one.key}, {"$set": {"started_at": one.started_at - timedelta(days=7)}}
    )

    settled = (await judge_again())[0]

    assert settled.is_settled
    assert settled.ended_at is not None
