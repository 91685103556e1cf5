"""Own the daily sums of each application, in its own reporting time zone."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from bson import ObjectId

from core.analytics.columns import add_up
from core.analytics.store import read_quarters, replace_span
from core.analytics.stretches import day_of, day_start, next_day_start
from core.documents import Application, RollupProgress, UsageRollup

# How much is added up at once while catching up.
STEP: Final = timedelta(days=7)


async def build_days(closed: datetime) -> int:
    """Build the days of every application that have ended and are not built yet.

    A new time zone of an application builds its days anew; until then hours answer.
    """
    done = 0
    progress = {
        row.key: row async for row in RollupProgress.find({"_id": {"$ne": RollupProgress.KEY}})
    }
    rows = Application.collection().find({}, {"time_zone": 1})
    async for row in rows:
        done += await _build(row["_id"], row["time_zone"], progress.get(row["_id"]), closed)
    return done


async def _build(
    application_id: ObjectId, zone: str, progress: RollupProgress | None, closed: datetime
) -> int:
    last = day_start(day_of(closed, ZoneInfo(zone)), ZoneInfo(zone))
    until = progress.until if progress and progress.time_zone == zone else None
    if until is not None and until >= last:
        return 0
    start = until or await _first(application_id, ZoneInfo(zone)) or last
    # From here on nobody reads days of another zone, which go when all are built.
    await _remember(application_id, zone, start)
    done = 0
    while start < last:
        end = min(day_start(day_of(start + STEP, ZoneInfo(zone)), ZoneInfo(zone)), last)
        done += await _add_up(application_id, zone, start, end)
        await _remember(application_id, zone, end)
        start = end
    others = {"application_id": application_id, "grain": "day", "time_zone": {"$ne": zone}}
    await UsageRollup.collection().delete_many(others)
    await _remember(application_id, zone, last)
    return done


async def _first(application_id: ObjectId, zone: ZoneInfo) -> datetime | None:
    row = await UsageRollup.collection().find_one(
        {"application_id": application_id, "grain": "quarter", "time_zone": "UTC"},
        {"start": 1},
        sort=[("start", 1)],
    )
    return day_start(day_of(row["start"], zone), zone) if row else None


async def _remember(application_id: ObjectId, zone: str, until: datetime) -> None:
    await RollupProgress.collection().update_one(
        {"_id": application_id}, {"$set": {"until": until, "time_zone": zone}}, upsert=True
    )


async def rebuild_days(start: datetime, end: datetime) -> int:
    """Add up again the built days that touch a span whose quarters have changed."""
    done = 0
    built = {"_id": {"$ne": RollupProgress.KEY}, "until": {"$gt": start}}
    async for progress in RollupProgress.find(built):
        zone = ZoneInfo(progress.time_zone)
        until = progress.until or start
        first = day_start(day_of(start, zone), zone)
        last = min(next_day_start(end - timedelta(microseconds=1), zone), until)
        done += await _add_up(progress.key, progress.time_zone, first, last)
    return done


async def _add_up(application_id: ObjectId, zone: str, start: datetime, end: datetime) -> int:
    if start >= end:
        return 0
    quarters = await read_quarters(start, end, {"application_id": application_id})
    found = await asyncio.to_thread(_to_days, quarters, zone)
    match: dict[str, Any] = {"application_id": application_id, "time_zone": zone}
    return await replace_span("day", start, end, found, match=match)


def _to_days(quarters: list[UsageRollup], name: str) -> list[UsageRollup]:
    zone = ZoneInfo(name)
    starts = [day_start(day_of(one.start, zone), zone) for one in quarters]
    rows: dict[datetime, int] = {}
    for start, one in zip(starts, quarters, strict=True):
        rows[start] = rows.get(start, 0) + one.rows
    number = {start: at for at, start in enumerate(rows)}
    places = np.array([number[start] for start in starts], np.int64)
    cells = add_up([one.cells for one in quarters], places, len(rows))
    users = add_up([one.users for one in quarters], places, len(rows))
    return [
        UsageRollup(
            application_id=quarters[0].application_id,
            grain="day",
            time_zone=name,
            start=start,
            cells=cells[at],
            users=users[at],
            rows=rows[start],
        )
        for start, at in number.items()
    ]
