"""Figures of single prompts: those of the log, whoever asks, and one reading for a whole page."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from core import clock
from core.analytics.prompt_figures import figures_by_version, figures_of
from core.analytics.rollup import roll_up
from core.documents import ExecutionLog, Feedback, UsageSeries
from core.errors import NotAllowed
from core.values.scope import SYSTEM, Scope
from tests.core.analytics.streams import a_run, an_application, moments

pytestmark = pytest.mark.usefixtures("database")
DAYS = 3


async def a_history(*zones: str) -> list[ExecutionLog]:
    """Runs of three prompts in each zone, some of this quarter of an hour."""
    chance = random.Random(11)
    end = clock.now()
    rows: list[ExecutionLog] = []
    for zone in zones:
        application = await an_application(zone)
        times = [*moments(chance, end - timedelta(days=DAYS), end, 40), end]
        rows += [
            a_run(chance, application.key, at, prompt_id=chance.choice(("greet", "sum-up", "plan")))
            for at in times
        ]
    await ExecutionLog.insert_many(rows)
    await roll_up()
    return rows


async def test_each_prompt_has_the_sums_of_its_own_runs() -> None:
    rows = await a_history("UTC", "Asia/Kathmandu")
    asked = {
        (row.application_id, prompt_id) for row in rows for prompt_id in ("greet", "plan", "new")
    }

    found = await figures_of(SYSTEM, asked)

    assert {name for _, name in found} == {"greet", "plan"}
    for (application_id, prompt_id), figures in found.items():
        own = [r for r in rows if (r.application_id, r.prompt_id) == (application_id, prompt_id)]
        assert figures.runs == len(own)
        assert figures.cost_usd == sum(row.cost_usd for row in own if row.cost_usd)
        times = sorted(row.latency_ms for row in own if row.latency_ms is not None)
        assert figures.latency.p50 == pytest.approx(times[(len(times) - 1) // 2], rel=0.02)


async def test_each_version_has_the_sums_of_its_own_runs_however_many_there_are() -> None:
    application = await an_application("UTC")
    chance, at = random.Random(3), clock.now() - timedelta(hours=3)
    versions = [f"1.0.{number}" for number in range(130)] * 2
    rows = [a_run(chance, application.key, at, version=one) for one in versions]
    await ExecutionLog.insert_many([*rows, a_run(chance, application.key, at, prompt_id="plan")])
    await roll_up()

    found = await figures_by_version(SYSTEM, (application.key, "greet"))

    assert {version: figures.runs for version, figures in found.items()} == Counter(versions)


async def test_runs_before_the_window_do_not_count() -> None:
    rows = await a_history("UTC")
    asked = {(row.application_id, "greet") for row in rows}

    found = await figures_of(SYSTEM, asked, days=1)

    since = clock.now() - timedelta(days=1, minutes=15)
    recent = [row for row in rows if row.prompt_id == "greet" and row.created_at >= since]
    (figures,) = found.values()
    assert len(recent) - 3 <= figures.runs <= len(recent)


async def test_ratings_are_told_of_their_prompt() -> None:
    rows = await a_history("UTC")
    rated = next(row for row in rows if row.prompt_id == "plan")
    await Feedback(
        execution_id=rated.key,
        prompt_version_id=rated.prompt_version_id,
        user_id=ObjectId(),
        rating=4,
    ).insert()
    await roll_up()

    found = await figures_of(SYSTEM, [(rated.application_id, "plan")])

    given = found[rated.application_id, "plan"].rating()
    assert given is not None
    assert (given.mean, given.count) == (4.0, 1)


async def test_the_names_of_a_page_are_found_by_an_index() -> None:
    rows = await a_history("UTC")
    wanted = {
        "application_id": {"$in": [rows[0].application_id]},
        "kind": "version",
        "prompt_id": {"$in": ["greet", "plan"]},
    }

    plan: dict[str, Any] = await UsageSeries.collection().find(wanted).explain()

    assert "'indexName': 'kind_prompt'" in str(plan["queryPlanner"]["winningPlan"])


async def test_prompts_of_others_are_left_out() -> None:
    rows = await a_history("UTC", "UTC")
    applications = sorted({row.application_id for row in rows})
    viewer = Scope(kind="user", user_id=ObjectId(), roles={applications[0]: "viewer"})

    found = await figures_of(viewer, [(one, "greet") for one in applications])

    assert [application for application, _ in found] == applications[:1]


async def test_a_key_of_an_application_reads_no_figures() -> None:
    application = ObjectId()
    key = Scope(kind="application", roles={application: "viewer"})

    with pytest.raises(NotAllowed):
        await figures_of(key, [(application, "greet")])
