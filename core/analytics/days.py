"""Own the daily sums of each application, in its own reporting time zone."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from bson import ObjectId
from pymongo import UpdateOne

from core.analytics.columns import add_up
from core.analytics.store import read_quarters, replace_span
from core.analytics.stretches import day_of, day_start, next_day_start
from core.documents import Application, RollupProgress, UsageRollup

# How much is added up at once: so long while catching up, of so many applications together, as
# each step costs half a dozen commands; of fewer where so many quarters would be held at once.
STEP: Final = timedelta(days=7)
APPLICATIONS: Final = 500
QUARTERS: Final = 10_000
# The time zone, and until when days are built in it.
Built = tuple[str, datetime | None]


async def build_days(closed: datetime) -> int:
    """Build the days of every application that have ended and are not built yet.

    A new time zone of an application builds its days anew; until then hours answer.
    """
    done = 0
    for (zone, until), ids in (await _find_behind(closed)).items():
        for some in _parts(ids):
            done += await _build(some, zone, until, closed)
    return done


async def _find_behind(closed: datetime) -> Mapping[Built, list[ObjectId]]:
    """Return the applications of which days have ended and are not built."""
    built = await _built({"_id": {"$ne": RollupProgress.KEY}})
    lasts: dict[str, datetime] = {}
    found: dict[Built, list[ObjectId]] = {}
    async for row in Application.collection().find({}, {"time_zone": 1}):
        zone = row["time_zone"]
        if zone not in lasts:
            lasts[zone] = day_start(day_of(closed, ZoneInfo(zone)), ZoneInfo(zone))
        known, until = built.get(row["_id"], (zone, None))
        until = until if known == zone else None
        if until is None or until < lasts[zone]:
            found.setdefault((zone, until), []).append(row["_id"])
    return found


def _parts(ids: Sequence[ObjectId]) -> Iterable[Sequence[ObjectId]]:
    return (ids[at : at + APPLICATIONS] for at in range(0, len(ids), APPLICATIONS))


async def _built(wanted: Mapping[str, Any]) -> dict[ObjectId, Built]:
    rows = RollupProgress.collection().find(wanted, {"time_zone": 1, "until": 1})
    return {row["_id"]: (row["time_zone"], row.get("until")) async for row in rows}


async def _build(
    ids: Sequence[ObjectId], zone: str, until: datetime | None, closed: datetime
) -> int:
    last = day_start(day_of(closed, ZoneInfo(zone)), ZoneInfo(zone))
    start = until or await _first(ids, ZoneInfo(zone)) or last
    # From here on nobody reads days of another zone, which go when all are built.
    await _remember(ids, zone, start)
    done = 0
    while start < last:
        end = min(day_start(day_of(start + STEP, ZoneInfo(zone)), ZoneInfo(zone)), last)
        done += await _add_up(ids, zone, start, end)
        await _remember(ids, zone, end)
        start = end
    others = {"grain": "day", "time_zone": {"$ne": zone}}
    await UsageRollup.collection().delete_many({"application_id": {"$in": list(ids)}, **others})
    await _remember(ids, zone, last)
    return done


async def _first(ids: Sequence[ObjectId], zone: ZoneInfo) -> datetime | None:
    row = await UsageRollup.collection().find_one(
        {"application_id": {"$in": list(ids)}, "grain": "quarter", "time_zone": "UTC"},
        {"start": 1},
        sort=[("start", 1)],
    )
    return day_start(day_of(row["start"], zone), zone) if row else None


async def _remember(ids: Sequence[ObjectId], zone: str, until: datetime) -> None:
    change = {"$set": {"until": until, "time_zone": zone}}
    changes = [UpdateOne({"_id": one}, change, upsert=True) for one in ids]
    await RollupProgress.collection().bulk_write(changes, ordered=False)


async def rebuild_days(start: datetime, end: datetime, touched: Collection[ObjectId]) -> int:
    """Add up again the built days of a span in which quarters of these applications changed."""
    alike: dict[Built, list[ObjectId]] = {}
    wanted = {"_id": {"$in": list(touched)}, "until": {"$gt": start}}
    for key, built in (await _built(wanted)).items():
        alike.setdefault(built, []).append(key)
    done = 0
    for (name, until), ids in alike.items():
        zone = ZoneInfo(name)
        first = day_start(day_of(start, zone), zone)
        last = min(next_day_start(end - timedelta(microseconds=1), zone), until or start)
        for some in _parts(ids):
            done += await _add_up(some, name, first, last)
    return done


async def _add_up(ids: Sequence[ObjectId], zone: str, start: datetime, end: datetime) -> int:
    if start >= end:
        return 0
    ours = {"application_id": {"$in": list(ids)}}
    if len(ids) > 1 and await _is_much(ours, start, end):
        half = len(ids) // 2
        parts = (ids[:half], ids[half:])
        return sum([await _add_up(part, zone, start, end) for part in parts])
    quarters = await read_quarters(start, end, ours)
    found = await asyncio.to_thread(_to_days, quarters, zone)
    return len(await replace_span("day", start, end, found, match={**ours, "time_zone": zone}))


async def _is_much(ours: Mapping[str, Any], start: datetime, end: datetime) -> bool:
    span = {"grain": "quarter", "time_zone": "UTC", "start": {"$gte": start, "$lt": end}}
    limit = QUARTERS + 1
    return await UsageRollup.collection().count_documents({**ours, **span}, limit=limit) == limit


def _to_days(quarters: list[UsageRollup], name: str) -> list[UsageRollup]:
    zone = ZoneInfo(name)
    starts = {one: day_start(day_of(one, zone), zone) for one in {one.start for one in quarters}}
    days = [(one.application_id, starts[one.start]) for one in quarters]
    rows: dict[tuple[ObjectId, datetime], int] = {}
    for day, one in zip(days, quarters, strict=True):
        rows[day] = rows.get(day, 0) + one.rows
    number = {day: at for at, day in enumerate(rows)}
    places = np.array([number[day] for day in days], np.int64)
    cells = add_up([one.cells for one in quarters], places, len(rows))
    users = add_up([one.users for one in quarters], places, len(rows))
    return [
        UsageRollup(
            application_id=application_id,
            grain="day",
            time_zone=name,
            start=start,
            cells=cells[at],
            users=users[at],
            rows=rows[application_id, start],
        )
        for (application_id, start), at in number.items()
    ]
