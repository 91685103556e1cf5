import random
from datetime import datetime, timedelta

import pytest

from core import clock
from core.analytics.answer import answer
from core.analytics.question import Question
from core.analytics.rollup import rebuild, roll_up
from core.analytics.window import make_window
from core.documents import Application, ExecutionLog, UsageRollup
from core.execution.retention import apply_retention
from core.values.scope import SYSTEM
from tests.core.analytics.streams import a_run, an_application

pytestmark = pytest.mark.usefixtures("database")
NOW = timedelta(0)


async def a_history() -> Application:
    application = await an_application("UTC")
    for days in (40, 20, 1):
        at = clock.now() - timedelta(days=days)
        await a_run(random.Random(days), application.key, at).insert()
    await roll_up()
    return application


async def keep(application: Application, days: int | None) -> None:
    await Application.collection().update_one(
        {"_id": application.key}, {"$set": {"retention_days": days}}
    )


async def kept() -> list[timedelta | None]:
    rows = await ExecutionLog.find_all().sort("created_at").to_list()
    return [row.expires_at and row.expires_at - row.created_at for row in rows]


async def test_a_changed_retention_holds_for_old_rows_and_repeats_nothing() -> None:
    application = await a_history()

    for days, changed in ((90, 3), (60, 3), (None, 3), (None, 0)):
        await keep(application, days)
        assert await apply_retention(settled=NOW) == changed
        assert await apply_retention(settled=NOW) == 0
        assert await kept() == [None if days is None else timedelta(days=days)] * 3


async def test_a_change_of_this_moment_waits_for_runs_that_began_before_it() -> None:
    application = await a_history()
    await keep(application, 90)
    await Application.collection().update_one(
        {"_id": application.key}, {"$set": {"updated_at": clock.now()}}
    )

    assert await apply_retention() == 0
    assert await apply_retention(settled=NOW) == 3


async def test_sums_outlive_rows_that_a_shorter_retention_takes() -> None:
    application = await a_history()
    await keep(application, 30)

    await apply_retention(settled=NOW)
    # What the TTL index does within a minute.
    await ExecutionLog.find({"expires_at": {"$lte": clock.now()}}).delete()
    await rebuild(clock.now() - timedelta(days=60), clock.now())

    assert await ExecutionLog.count() == 2
    told = await answer(SYSTEM, Question(window=make_window(clock.now() - timedelta(days=60))))
    assert told.totals.runs == 3


async def test_what_has_gone_is_not_counted_again_when_rows_are_kept_longer() -> None:
    application = await a_history()
    await keep(application, 30)
    await apply_retention(settled=NOW)
    await keep(application, None)

    await apply_retention(settled=NOW)

    dates = [one.expires_at for one in await quarters()]
    assert [date is None for date in dates] == [False, True, True]
    assert dates[0] is not None
    assert dates[0] <= clock.now()


async def quarters() -> list[UsageRollup]:
    return await UsageRollup.find({"grain": "quarter"}).sort("start").to_list()


async def test_a_sum_is_sealed_before_its_first_row_goes() -> None:
    application = await a_history()
    await keep(application, 30)
    await apply_retention(settled=NOW)

    rows = {row.created_at: row.expires_at for row in await ExecutionLog.find_all().to_list()}
    for one in await quarters():
        end = one.start + timedelta(minutes=15)
        first = min(_date(date) for at, date in rows.items() if one.start <= at < end)
        assert _date(one.expires_at) <= first


def _date(date: datetime | None) -> datetime:
    assert date is not None
    return date
