"""Sums equal a plain count of the log, whatever came late, was run again or was broken off."""

import asyncio
import random
from datetime import datetime, timedelta

import pytest
from bson import ObjectId

from core import clock
from core.analytics.answer import answer
from core.analytics.histogram import RELATIVE_ERROR
from core.analytics.question import Filters, Part, Question
from core.analytics.rollup import rebuild, roll_up
from core.analytics.stretches import QUARTER, floor_to
from core.analytics.window import Bucket, make_window
from core.documents import ExecutionLog, Feedback, RollupProgress, UsageRollup
from core.values.scope import SYSTEM
from tests.core.analytics.streams import a_run, an_application, count_plainly, moments, rate

ZONES = ("UTC", "Asia/Kathmandu", "America/St_Johns", "Europe/Paris", "Australia/Lord_Howe")
EVERYTHING: frozenset[Part] = frozenset({"counts", "costs", "times", "ratings"})
BUCKETS: tuple[Bucket | None, ...] = (None, "hour", "day", "week", "month")


async def assert_equal_to_the_log(
    zone: str, bucket: Bucket | None, start: datetime, applications: list[ObjectId]
) -> None:
    window = make_window(start, None, bucket=bucket, zone=zone)
    one = applications[0] if len(applications) == 1 else None
    question = Question(
        window=window,
        group_by=("version", "model", "status"),
        parts=EVERYTHING,
        top=100,
        filters=Filters(application_id=one),
    )

    found = await answer(SYSTEM, question)

    expected = await count_plainly(question, applications)
    places = {
        (window.labels.index(item.bucket) if item.bucket else 0, _names(item.keys)): item.figures
        for item in found.items
    }
    assert len(places) == len(found.items)
    assert places.keys() == expected.keys()
    for place, counted in expected.items():
        figures = places[place]
        assert figures.runs == counted.runs
        assert figures.by_status == counted.by_status
        assert figures.input_tokens == counted.input_tokens
        assert figures.output_tokens == counted.output_tokens
        assert figures.cost_usd == counted.cost_usd
        assert figures.cost_unknown == counted.cost_unknown
        assert list(figures.stars) == counted.stars
        for share, told in zip((0.5, 0.9, 0.95, 0.99), figures.latency, strict=True):
            exact = counted.quantile(share)
            assert told == (exact and pytest.approx(exact, rel=RELATIVE_ERROR + 1e-9))


def _names(keys: dict[str, str | None]) -> tuple[str | None, ...]:
    return (keys["version"], keys["model"], keys["status"])


async def break_off(chance: random.Random) -> None:
    """Let building begin, and end it somewhere as a dying process would."""
    task = asyncio.create_task(roll_up())
    for _ in range(chance.randrange(60)):
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    # The server may still be at what it was told last, such as giving out the right to build.
    await asyncio.sleep(0.1)
    await RollupProgress.collection().update_many({}, {"$set": {"lease_until": None}})


async def tell_story(seed: int) -> None:
    """Write, build, be broken off, be late, change: after each the sums equal the log."""
    chance = random.Random(seed)
    zone = ZONES[seed % len(ZONES)]
    application = await an_application(zone)
    end = clock.now()
    start = end - timedelta(days=chance.choice((1, 3, 40)))
    rows = [a_run(chance, application.key, at) for at in moments(chance, start, end, 150)]
    open_rows = [row for row in rows if chance.random() < 0.1]
    for row in open_rows:
        row.status = "running"
    await ExecutionLog.insert_many(rows)
    for row in chance.sample(rows, 20):
        await rate(chance, row, row.created_at)

    await break_off(chance)
    await roll_up()
    late = moments(chance, end - timedelta(hours=30), end, 10)
    await ExecutionLog.insert_many([a_run(chance, application.key, at) for at in late])
    for row in open_rows:
        change = {"status": chance.choice(("success", "failed")), "latency_ms": 12.5}
        await ExecutionLog.collection().update_one({"_id": row.key}, {"$set": change})
    await Feedback.collection().update_many(
        {"rating": 1}, {"$set": {"rating": 5, "updated_at": clock.now()}}
    )
    await RollupProgress.collection().update_one(
        {"_id": RollupProgress.KEY}, {"$set": {"checked_at": None}}
    )
    await break_off(chance)
    await roll_up()
    await roll_up()

    for bucket in BUCKETS:
        await assert_equal_to_the_log(
            chance.choice(ZONES), bucket, start - timedelta(hours=5), [application.key]
        )
        await assert_equal_to_the_log(
            zone, bucket, start + timedelta(hours=chance.randrange(20)), [application.key]
        )


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("seed", range(6))
async def test_sums_equal_the_log(seed: int) -> None:
    await tell_story(seed)


@pytest.mark.long
@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("seed", range(6, 106))
async def test_sums_equal_the_log_in_many_stories(seed: int) -> None:
    await tell_story(seed)


@pytest.mark.usefixtures("database")
async def test_building_again_changes_nothing() -> None:
    chance = random.Random(1)
    application = await an_application("UTC")
    start = clock.now() - timedelta(days=3)
    await ExecutionLog.insert_many(
        [a_run(chance, application.key, at) for at in moments(chance, start, clock.now(), 100)]
    )
    await roll_up()
    before = await _stored()

    await roll_up()
    await rebuild(start, clock.now())

    assert await _stored() == before
    assert before


async def _stored() -> list[dict[str, object]]:
    sums = await UsageRollup.find_all().sort("grain", "start").to_list()
    return [one.model_dump(exclude={"id", "created_at"}) for one in sums]


@pytest.mark.usefixtures("database")
async def test_sums_outlive_the_rows_they_were_counted_from() -> None:
    chance = random.Random(2)
    application = await an_application("UTC")
    created_at = floor_to(clock.now() - timedelta(hours=30), QUARTER)
    gone = clock.now() + timedelta(seconds=1)
    rows = [a_run(chance, application.key, created_at, expires_at=gone) for _ in range(5)]
    await ExecutionLog.insert_many(rows)
    await roll_up()

    await asyncio.sleep(1)
    await ExecutionLog.delete_all()
    await rebuild(created_at, clock.now())
    await RollupProgress.collection().update_one(
        {"_id": RollupProgress.KEY}, {"$set": {"checked_at": None}}
    )
    await roll_up()

    for bucket in BUCKETS:
        window = make_window(created_at - timedelta(days=2), None, bucket=bucket)
        told = await answer(SYSTEM, Question(window=window))
        assert told.totals.runs == 5


@pytest.mark.usefixtures("database")
async def test_one_process_builds_at_a_time() -> None:
    application = await an_application("UTC")
    at = clock.now() - timedelta(hours=2)
    await a_run(random.Random(3), application.key, at).insert()

    done = await asyncio.gather(*(roll_up() for _ in range(5)))

    assert sum(count > 0 for count in done) == 1
    assert (await answer(SYSTEM, Question(window=make_window()))).totals.runs == 1


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("late", "checked"),
    [(timedelta(minutes=90), timedelta(minutes=10)), (timedelta(hours=47), timedelta(hours=1))],
)
async def test_a_late_row_is_found_within_the_hour(late: timedelta, checked: timedelta) -> None:
    chance = random.Random(2)
    application = await an_application("UTC")
    await ExecutionLog.insert_many([a_run(chance, application.key, clock.now() - 2 * late)])
    await roll_up()
    moment = clock.now()
    await RollupProgress.collection().update_one({}, {"$set": {"checked_at": moment - checked}})

    await ExecutionLog.insert_many([a_run(chance, application.key, moment - late)])
    await roll_up()

    quarter = await UsageRollup.find_one(
        {"grain": "quarter", "start": floor_to(moment - late, QUARTER)}
    )
    assert quarter is not None
    assert quarter.rows == 1


@pytest.mark.usefixtures("database")
async def test_days_are_built_together_and_only_those_that_changed_again() -> None:
    chance = random.Random(4)
    zones = ("Asia/Kathmandu", "Asia/Kathmandu", "Europe/Paris")
    old, young, other = [(await an_application(zone)).key for zone in zones]
    idle = (await an_application("Europe/Paris")).key
    end = clock.now()
    for one, length in ((old, 20), (young, 2), (other, 3)):
        since = end - timedelta(days=length)
        times = moments(chance, since, end - timedelta(hours=40), 30)
        await ExecutionLog.insert_many([a_run(chance, one, at) for at in times])
    await roll_up()
    written = await _written()

    late = [a_run(chance, young, end - timedelta(hours=30))]
    await ExecutionLog.insert_many(late)
    await rebuild(late[0].created_at, late[0].created_at)

    changed = {one for one, at in (await _written()).items() if written.get(one) != at}
    assert {application_id for application_id, _ in changed} == {young}
    for zone, one in zip((*zones, "Europe/Paris"), (old, young, other, idle), strict=True):
        await assert_equal_to_the_log(zone, "day", end - timedelta(days=25), [one])


async def _written() -> dict[tuple[ObjectId, datetime], datetime]:
    """When each day was written last."""
    days = await UsageRollup.find({"grain": "day"}).to_list()
    return {(one.application_id, one.start): one.created_at for one in days}
