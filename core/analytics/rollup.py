"""Own building the sums of use from the log, so that counting twice changes nothing.

Quarters of an hour are counted from the log, hours and days are added up from quarters. What is
still open - since the last quarter that was built - is counted live by whoever asks.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core import clock
from core.analytics import days
from core.analytics.columns import add_up
from core.analytics.series import Kind, Names, remember_series
from core.analytics.store import find_applications, read_quarters, replace_span
from core.analytics.stretches import HOUR, QUARTER, ceil_to, floor_to
from core.analytics.tally import Tally, pack_tallies, tally
from core.documents import Application, ExecutionLog, Feedback, RollupProgress, UsageRollup
from core.documents.rollup_progress import Span

# A row is stored some time after the moment it bears; a quarter is closed only then.
GRACE: Final = timedelta(minutes=2)
# How much is counted at once while catching up: few rows bound memory and time, and each step
# costs a dozen commands, so that a quiet year must not take thousands of them.
SHORTEST_STEP: Final = timedelta(hours=6)
LONGEST_STEP: Final = timedelta(days=32)
ROWS_OF_A_STEP: Final = 10_000
LEASE: Final = timedelta(minutes=2)
POLL_SECONDS: Final = 0.1
CHECK_EVERY: Final = timedelta(minutes=10)
# Rows that came later than the grace allows are found by comparing counts this far back: of two
# hours each time, of two days once an hour, for it is the log's index that is counted each time.
CHECK_RECENT: Final = timedelta(hours=2)
CHECK_BACK: Final = timedelta(hours=48)


async def roll_up() -> int:
    """Build what has closed since the last time; return how many sums were written.

    Several processes may call it: one of them builds, the others return 0.
    """
    progress = await _claim()
    if progress is None:
        return 0
    try:
        closed = floor_to(clock.now() - GRACE, QUARTER)
        done = await _catch_up(progress, closed)
        done += await _recheck(progress, closed)
        return done + await days.build_days(closed)
    finally:
        await _set(progress, lease_owner=None, lease_until=None)


async def rebuild(start: datetime, end: datetime) -> None:
    """Count a span of time again from the log, here or in the process that is building.

    The span is widened to full hours; what is not closed yet stays live. Sums whose rows have
    expired stay as they are.
    """
    span = {"start": floor_to(start, HOUR), "end": ceil_to(end, HOUR)}
    await RollupProgress.collection().update_one(
        {"_id": RollupProgress.KEY}, {"$push": {"pending": span}}
    )
    while await RollupProgress.find_one({"_id": RollupProgress.KEY, "pending": span}):
        if not await roll_up():
            await asyncio.sleep(POLL_SECONDS)


async def _catch_up(progress: RollupProgress, closed: datetime) -> int:
    since = progress.until or await _oldest() or closed
    done = 0
    async for start, end in _steps(since, closed):
        done += await _build(start, end, closed=end)
        await _set(progress, until=end, lease_until=clock.now() + LEASE)
    if progress.until is None:
        await _set(progress, until=closed)
    return done


async def _steps(start: datetime, end: datetime) -> AsyncGenerator[tuple[datetime, datetime]]:
    """Yield spans of at most `ROWS_OF_A_STEP` rows, or of the shortest length."""
    length = LONGEST_STEP
    while start < end:
        until = min(floor_to(start + length, SHORTEST_STEP), end)
        while until - start > SHORTEST_STEP and await _is_much(start, until):
            length = max(length / 4, SHORTEST_STEP)
            until = min(floor_to(start + length, SHORTEST_STEP), end)
        yield start, until
        start, length = until, min(length * 2, LONGEST_STEP)


async def _is_much(start: datetime, end: datetime) -> bool:
    span = {"created_at": {"$gte": start, "$lt": end}}
    limit = ROWS_OF_A_STEP + 1
    return await ExecutionLog.collection().count_documents(span, limit=limit) == limit


async def _build(start: datetime, end: datetime, *, closed: datetime) -> int:
    """Build the quarters of a span, the hours they are part of, and days built before."""
    counted = await tally(start, end)
    # The names come first, so that no number is ever stored that says nothing.
    await remember_series(_series(counted))
    quarters = await asyncio.to_thread(_to_quarters, counted)
    written = await replace_span("quarter", start, end, quarters)
    first, last = floor_to(start, HOUR), min(floor_to(closed, HOUR), ceil_to(end, HOUR))
    # Days before hours: should this be broken off, the hours tell again whose quarters are gone.
    touched = {key[0] for key in written} | await find_applications("hour", first, last)
    done = len(written) + await days.rebuild_days(start, end, touched)
    hours = await asyncio.to_thread(_to_hours, await read_quarters(first, last))
    return done + len(await replace_span("hour", first, last, hours))


def _series(counted: list[Tally]) -> Iterable[tuple[ObjectId, Kind, Names]]:
    for one in counted:
        for names, _ in one.cells:
            yield one.application_id, "version", names
        for names, _ in one.users:
            yield one.application_id, "user", names


def _to_quarters(counted: list[Tally]) -> list[UsageRollup]:
    packed = zip(
        counted, pack_tallies(counted, "version"), pack_tallies(counted, "user"), strict=True
    )
    return [
        UsageRollup(
            application_id=one.application_id,
            grain="quarter",
            start=one.start,
            cells=cells,
            users=users,
            rows=one.rows,
            running=one.running,
            expires_at=one.expires_at,
        )
        for one, cells, users in packed
    ]


def _to_hours(quarters: list[UsageRollup]) -> list[UsageRollup]:
    rows: dict[tuple[ObjectId, datetime], int] = {}
    for one in quarters:
        place = one.application_id, floor_to(one.start, HOUR)
        rows[place] = rows.get(place, 0) + one.rows
    number = {place: at for at, place in enumerate(rows)}
    places = [number[one.application_id, floor_to(one.start, HOUR)] for one in quarters]
    packed = add_up([one.cells for one in quarters], np.array(places, np.int64), len(rows))
    return [
        UsageRollup(application_id=key, grain="hour", start=start, cells=cells, rows=count)
        for ((key, start), count), cells in zip(rows.items(), packed, strict=True)
    ]


async def _recheck(progress: RollupProgress, closed: datetime) -> int:
    """Count again what was asked for, had rows unfinished, or has changed since.

    What is to be done is stored first: of a quarter that was counted again, the hour may not have
    been, and nothing else would tell.
    """
    unfinished = UsageRollup.collection().find({"running": {"$gt": 0}}, {"start": 1})
    late = {row["start"] async for row in unfinished}
    moment = clock.now()
    if progress.checked_at is None or moment - progress.checked_at >= CHECK_EVERY:
        since = (progress.checked_at or moment - CHECK_BACK) - GRACE
        late |= await _rated_since(since, closed)
        late |= await _miscounted(closed - _check_back(progress.checked_at, moment), closed)
        await _add_pending(progress, late, checked_at=moment)
    elif late:
        await _add_pending(progress, late)
    done = 0
    for span in await _pending():
        async for start, end in _steps(span.start, min(span.end, closed)):
            done += await _build(start, end, closed=closed)
            await _set(progress, lease_until=clock.now() + LEASE)
        await RollupProgress.collection().update_one(
            {"_id": progress.key}, {"$pull": {"pending": span.model_dump()}}
        )
    return done


async def _add_pending(progress: RollupProgress, late: set[datetime], **fields: Any) -> None:
    spans = [{"start": start, "end": start + QUARTER} for start in sorted(late)]
    change = {"$push": {"pending": {"$each": spans}}, **({"$set": fields} if fields else {})}
    await RollupProgress.collection().update_one({"_id": progress.key}, change)


async def _pending() -> list[Span]:
    progress = await RollupProgress.find_one({"_id": RollupProgress.KEY})
    return progress.pending if progress else []


async def _rated_since(moment: datetime, closed: datetime) -> set[datetime]:
    """Return the built quarters of ratings that were given or changed since then."""
    rows = Feedback.collection().find(
        {"updated_at": {"$gte": moment}, "created_at": {"$lt": closed}}, {"created_at": 1}
    )
    return {floor_to(row["created_at"], QUARTER) async for row in rows}


def _check_back(last: datetime | None, moment: datetime) -> timedelta:
    """Return how far back to compare counts: farthest at the first check of an hour."""
    is_first = last is None or floor_to(last, HOUR) < floor_to(moment, HOUR)
    return CHECK_BACK if is_first else CHECK_RECENT


async def _miscounted(start: datetime, closed: datetime) -> set[datetime]:
    """Return the late quarters of which the log has more or fewer rows than were counted."""
    span = {"$gte": floor_to(start, QUARTER), "$lt": closed}
    # Named, so that an index answers without reading rows: each is counted many times.
    everybody = await Application.collection().distinct("_id")
    logged = await _count(
        ExecutionLog,
        {"application_id": {"$in": everybody}, "created_at": span},
        {"$dateTrunc": {"date": "$created_at", "unit": "minute", "binSize": 15}},
        {"$sum": 1},
    )
    counted = await _count(
        UsageRollup, {"grain": "quarter", "start": span}, "$start", {"$sum": "$rows"}
    )
    expired = await _count(
        UsageRollup,
        {"grain": "quarter", "start": span, "expires_at": {"$lte": clock.now()}},
        "$start",
        {"$sum": 1},
    )
    return {
        key[1]
        for key in (logged.keys() | counted.keys()) - expired.keys()
        if logged.get(key, 0) != counted.get(key, 0)
    }


async def _count(
    documents: type[ExecutionLog | UsageRollup], match: dict[str, Any], start: Any, count: Any
) -> dict[tuple[object, datetime], int]:
    key = {"application_id": "$application_id", "start": start}
    cursor = await documents.collection().aggregate(
        [{"$match": match}, {"$group": {"_id": key, "count": count}}]
    )
    return {
        (row["_id"]["application_id"], row["_id"]["start"]): row["count"] async for row in cursor
    }


async def _oldest() -> datetime | None:
    """Return the beginning of the first quarter with anything to count."""
    found = [
        await documents.collection().find_one({}, {"created_at": 1}, sort=[("created_at", 1)])
        for documents in (ExecutionLog, Feedback)
    ]
    moments = [row["created_at"] for row in found if row is not None]
    return floor_to(min(moments), QUARTER) if moments else None


async def _claim() -> RollupProgress | None:
    """Take the right to build; None while another process has it."""
    moment, owner = clock.now(), secrets.token_hex(8)
    free = {"$or": [{"lease_until": None}, {"lease_until": {"$lt": moment}}]}
    try:
        row = await RollupProgress.collection().find_one_and_update(
            {"_id": RollupProgress.KEY, **free},
            {
                "$set": {"lease_owner": owner, "lease_until": moment + LEASE},
                "$setOnInsert": {"created_at": moment},
            },
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
    except DuplicateKeyError:  # it is there, and held
        return None
    return RollupProgress.model_validate(row)


async def _set(progress: RollupProgress, **fields: Any) -> None:
    """Store how far it is, as long as the right to build is still ours."""
    await RollupProgress.collection().update_one(
        {"_id": progress.key, "lease_owner": progress.lease_owner}, {"$set": fields}
    )
    for name, value in fields.items():
        if name != "lease_owner":
            setattr(progress, name, value)
