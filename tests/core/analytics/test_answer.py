"""Answers: whose figures, which groups, and what is told of the rest."""

import random
from collections import defaultdict
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from bson import ObjectId

from core import clock
from core.analytics.answer import Item, answer, answer_all
from core.analytics.question import Filters, Part, Question
from core.analytics.rollup import roll_up
from core.analytics.window import make_window
from core.documents import Application, ExecutionLog, RollupProgress, UsageRollup
from core.errors import Invalid, NotAllowed, NotFound
from core.values.scope import SYSTEM, Scope
from prompthub.wire.analytics import Group
from tests.core.analytics.streams import a_run, an_application, moments

pytestmark = pytest.mark.usefixtures("database")
GROUPS: tuple[Group, ...] = ("application", "prompt", "version", "provider", "model", "status")
TOLD: tuple[tuple[Group, ...], ...] = ((), ("version", "model"))
DAYS = 5


async def a_history(*zones: str) -> list[ExecutionLog]:
    """Runs of an application in each zone, counted but for those of this quarter."""
    chance = random.Random(7)
    rows: list[ExecutionLog] = []
    end = clock.now()
    for zone in zones:
        application = await an_application(zone)
        for at in moments(chance, end - timedelta(days=DAYS), end, 60):
            prompt_id = chance.choice(("greet", "sum-up"))
            rows.append(a_run(chance, application.key, at, prompt_id=prompt_id))
    rows += [a_run(chance, row.application_id, end) for row in rows[:3]]
    await ExecutionLog.insert_many(rows)
    await roll_up()
    return rows


def a_window(**options: Any) -> Any:
    return make_window(clock.now() - timedelta(days=DAYS + 2), None, **options)


def names_of(row: ExecutionLog, groups: tuple[Group, ...]) -> tuple[str | None, ...]:
    told = {
        "application_id": str(row.application_id),
        "prompt_id": row.prompt_id,
        "version": row.version,
        "provider": row.model_provider,
        "model": f"{row.model_provider}/{row.model_name}",
        "status": row.status,
    }
    named: dict[Group, tuple[str, ...]] = {
        "application": ("application_id",),
        "prompt": ("application_id", "prompt_id"),
        "version": ("application_id", "prompt_id", "version"),
    }
    names = dict.fromkeys(name for group in groups for name in named.get(group, (group,)))
    return tuple(told[name] for name in names)


@pytest.mark.parametrize("size", [0, 1, 2, 6])
async def test_every_way_to_group_gives_the_sums_of_the_log(size: int) -> None:
    rows = await a_history("UTC", "Asia/Kathmandu")

    for groups in combinations(GROUPS, size):
        told = await answer(SYSTEM, Question(window=a_window(), group_by=groups, top=100))

        expected: defaultdict[tuple[str | None, ...], int] = defaultdict(int)
        for row in rows:
            expected[names_of(row, groups)] += 1
        found = {tuple(item.keys.values()): item.figures.runs for item in told.items}
        assert found == expected, groups
        assert told.totals.runs == len(rows)
        assert told.totals.input_tokens == sum(row.input_tokens or 0 for row in rows)


async def test_the_rest_is_told_together_and_order_is_by_what_was_asked() -> None:
    rows = await a_history("UTC")

    by_runs = await answer(SYSTEM, Question(window=a_window(), group_by=("status",), top=2))
    by_cost = await answer(
        SYSTEM,
        Question(
            window=a_window(),
            group_by=("model",),
            top=1,
            order="cost_usd",
            parts=frozenset({"costs"}),
        ),
    )

    first, second, rest = by_runs.items
    assert first.figures.runs >= second.figures.runs
    assert (rest.is_other, rest.keys) == (True, {})
    assert sum(item.figures.runs for item in by_runs.items) == len(rows)
    assert by_runs.groups == len({row.status for row in rows})
    dear, others = by_cost.items
    assert dear.figures.cost_usd > others.figures.cost_usd


async def test_people_are_told_apart_in_days_and_in_quarters() -> None:
    rows = await a_history("Europe/Paris")

    for zone in ("Europe/Paris", "Asia/Kathmandu"):
        window = a_window(bucket="day", zone=zone)
        told = await answer(SYSTEM, Question(window=window, group_by=("user", "status")))

        expected: defaultdict[tuple[int, str | None, str], int] = defaultdict(int)
        for row in rows:
            user = str(row.user_id) if row.user_id else None
            expected[window.place_of(row.created_at), user, row.status] += 1
        assert {place_of(window, item): item.figures.runs for item in told.items} == expected


def place_of(window: Any, item: Item) -> tuple[int, str | None, str | None]:
    assert item.bucket is not None
    return window.labels.index(item.bucket), item.keys["user_id"], item.keys["status"]


async def test_filters_narrow_what_is_counted_and_what_is_live_alike() -> None:
    rows = await a_history("UTC")
    chosen = rows[0]
    filters = Filters(
        prompt_id=chosen.prompt_id,
        version=chosen.version,
        model=f"{chosen.model_provider}/{chosen.model_name}",
        status=chosen.status,
    )

    told = await answer(SYSTEM, Question(window=a_window(), filters=filters))

    same = [row for row in rows if names_of(row, GROUPS) == names_of(chosen, GROUPS)]
    assert told.totals.runs == len(same)


async def test_nobody_is_told_of_what_is_not_the_own() -> None:
    rows = await a_history("UTC", "Europe/Paris")
    ours, theirs = dict.fromkeys(row.application_id for row in rows)
    viewer = Scope(kind="user", user_id=ObjectId(), roles={ours: "viewer"})
    nobody = Scope(kind="user", user_id=ObjectId())
    key = Scope(kind="application", roles={ours: "viewer"})

    told = await answer(viewer, Question(window=a_window(), group_by=("application",)))

    assert [item.keys for item in told.items] == [{"application_id": str(ours)}]
    assert (await answer(nobody, Question(window=a_window()))).totals.runs == 0
    with pytest.raises(NotFound):
        await answer(viewer, Question(window=a_window(), filters=Filters(application_id=theirs)))
    with pytest.raises(NotAllowed):
        await answer(key, Question(window=a_window()))


async def test_a_new_zone_is_answered_from_hours_and_then_from_days() -> None:
    rows = await a_history("Europe/Paris")
    key = rows[0].application_id
    window = a_window(bucket="day", zone="Asia/Kathmandu")
    question = Question(window=window, group_by=("status", "model"))
    before = await answer(SYSTEM, question)

    await Application.collection().update_one(
        {"_id": key}, {"$set": {"time_zone": "Asia/Kathmandu"}}
    )
    between = await answer(SYSTEM, question)
    await roll_up()
    after = await answer(SYSTEM, question)

    assert before == between == after
    days = await UsageRollup.find({"grain": "day"}).to_list()
    assert {day.time_zone for day in days} == {"Asia/Kathmandu"}
    progress = await RollupProgress.find_one({"_id": key})
    assert progress is not None
    assert progress.time_zone == "Asia/Kathmandu"
    paris = await answer(SYSTEM, Question(window=a_window(bucket="day", zone="Europe/Paris")))
    assert paris.totals.runs == len(rows)


async def test_questions_that_are_asked_together_are_answered_as_each_alone() -> None:
    await a_history("Europe/Paris", "Asia/Kathmandu")
    parts: tuple[frozenset[Part], ...] = (frozenset({"costs"}), frozenset({"times", "ratings"}))
    asked = [
        Question(window=window, group_by=groups, parts=some, top=3)
        for bucket in (None, "hour", "day", "week")
        for window in (a_window(bucket=bucket, zone="Europe/Paris"),)
        for groups in TOLD
        for some in parts
    ]
    asked += [one.before() for one in asked[:2]]
    asked += [Question(window=a_window(bucket="day"), group_by=("user",))]
    asked += [Question(window=a_window(), filters=Filters(status="failed"))]

    together = await answer_all(SYSTEM, asked)

    assert together == {one: await answer(SYSTEM, one) for one in asked}
    assert together[asked[0]].totals.runs > together[asked[-1]].totals.runs > 0


async def test_what_nothing_was_run_of_is_no_group() -> None:
    told = await answer(SYSTEM, Question(window=a_window(bucket="day"), group_by=("model",)))

    assert (told.items, told.groups, told.totals.runs) == ([], 0, 0)
    assert told.totals.rating() is None
    assert told.totals.cost_per_success_usd() is None


async def test_more_items_than_anybody_reads_are_refused() -> None:
    await a_history("UTC")
    window = make_window(clock.now() - timedelta(days=700), None, bucket="hour")

    with pytest.raises(Invalid) as raised:
        await answer(SYSTEM, Question(window=window, group_by=("version", "model")))

    assert raised.value.field == "bucket"
