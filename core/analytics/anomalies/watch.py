"""Own the chore that judges each hour once it is over, application by application."""

import asyncio
import math
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core import clock
from core.analytics.anomalies.hours import COLUMNS, Stored, active_prompts, read_hours
from core.analytics.anomalies.judge import Followed, Found, Known, judge
from core.analytics.anomalies.keep import add, names_of, update
from core.analytics.anomalies.robust import HISTORY
from core.analytics.series import list_series
from core.analytics.stretches import HOUR, floor_to
from core.documents import Anomaly, AnomalyProgress, RollupProgress, UsageRollup

# Hours that are judged again, because rows of them may have come late.
AGAIN: Final = timedelta(hours=6)
# After a pause longer than this, what was unusual in it is of no interest to anybody.
CATCH_UP: Final = timedelta(hours=48)
SETTLES_AFTER: Final = timedelta(days=7)
LEASE: Final = timedelta(minutes=10)
# How many versions on models are judged at once: bounds memory.
BATCH: Final = 200

Judged = tuple[list[Found], list[Followed]]


async def watch_anomalies() -> int:
    """Judge the hours that are built since the last time; return how many anomalies are new.

    Several processes may call it: one of them judges, the others return 0.
    """
    built = await RollupProgress.find_first({"_id": RollupProgress.KEY})
    if built is None or built.until is None:
        return 0
    closed = floor_to(built.until, HOUR)
    progress = await _claim(closed)
    if progress is None:
        return 0
    fields: dict[str, Any] = {"lease_owner": None, "lease_until": None}
    try:
        new = await _judge_until(closed, progress.until)
        fields["until"] = closed
    finally:
        await AnomalyProgress.collection().update_one(
            {"_id": progress.key, "lease_owner": progress.lease_owner}, {"$set": fields}
        )
    return new


async def _claim(closed: datetime) -> AnomalyProgress | None:
    """Take the right to judge; None when another process has it, or all is judged."""
    moment, owner = clock.now(), secrets.token_hex(8)
    free = {
        "$and": [
            {"$or": [{"lease_until": None}, {"lease_until": {"$lt": moment}}]},
            {"$or": [{"until": None}, {"until": {"$lt": closed}}]},
        ]
    }
    try:
        row = await AnomalyProgress.collection().find_one_and_update(
            {"_id": AnomalyProgress.KEY, **free},
            {
                "$set": {"lease_owner": owner, "lease_until": moment + LEASE},
                "$setOnInsert": {"created_at": moment},
            },
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
    except DuplicateKeyError:  # it is there, and held or done
        return None
    return AnomalyProgress.model_validate(row)


async def _judge_until(closed: datetime, until: datetime | None) -> int:
    since = closed - AGAIN if until is None else min(closed - AGAIN, until)
    since = max(since, closed - CATCH_UP)
    first = since - HISTORY * HOUR
    ran = await UsageRollup.collection().distinct(
        "application_id", {"grain": "hour", "start": {"$gte": since, "$lt": closed}}
    )
    going_on = await Anomaly.collection().distinct("application_id", {"ended_at": None})
    return sum(
        [await _judge_application(one, first, since, closed) for one in sorted({*ran, *going_on})]
    )


async def _judge_application(
    application_id: ObjectId, first: datetime, since: datetime, closed: datetime
) -> int:
    known = await _known(application_id, first)
    stored = await _read(application_id, first, closed)
    active = await asyncio.to_thread(active_prompts, stored, since)
    active |= {one.prompt_id for one in known if one.ended_at is None}
    new = 0
    for prompts in _batches(stored, active):
        same = [one for one in known if one.prompt_id in prompts]
        found, followed = await asyncio.to_thread(
            _judge_prompts, stored, prompts, (first, closed), same
        )
        new += await add(application_id, first, found)
        await update(application_id, first, followed)
    await _settle(application_id, closed)
    return new


async def _known(application_id: ObjectId, first: datetime) -> list[Anomaly]:
    rows = Anomaly.collection().find(
        {
            "application_id": application_id,
            "$or": [{"ended_at": None}, {"ended_at": {"$gt": first}}],
        }
    )
    return [Anomaly.model_validate(row) async for row in rows]


async def _read(application_id: ObjectId, first: datetime, closed: datetime) -> Stored:
    wanted = {
        "application_id": application_id,
        "grain": "hour",
        "time_zone": "UTC",
        "start": {"$gte": first, "$lt": closed},
    }
    fields = {"start": 1, **{f"cells.{name}": 1 for name in ("key", *COLUMNS)}}
    rows = UsageRollup.collection().find(wanted, fields, batch_size=100)
    cells = [(row["start"], row.get("cells", {})) async for row in rows]
    return Stored(cells, await list_series("version", [application_id], {}))


def _batches(stored: Stored, active: set[str]) -> Iterable[set[str]]:
    """Yield prompts together that have `BATCH` names of sums or a few more."""
    sizes = dict.fromkeys(active, 0)
    for one in stored.series:
        if one.get("prompt_id") in sizes:
            sizes[one["prompt_id"]] += 1
    batch: set[str] = set()
    size = 0
    for prompt_id in sorted(active):
        batch.add(prompt_id)
        size += sizes[prompt_id]
        if size >= BATCH:
            yield batch
            batch = set()
            size = 0
    if batch:
        yield batch


def _judge_prompts(
    stored: Stored, prompts: set[str], span: tuple[datetime, datetime], known: Sequence[Anomaly]
) -> Judged:
    first, closed = span
    hours = read_hours(stored, first, math.floor((closed - first) / HOUR), prompts)
    if not hours.names:
        return [], []
    there = set(hours.names)
    return judge(hours, [_to_known(one, first) for one in known if names_of(one) in there])


def _to_known(anomaly: Anomaly, first: datetime) -> Known:
    ended_at = anomaly.ended_at
    return Known(
        names=names_of(anomaly),
        measure=anomaly.measure,
        start=math.floor((anomaly.started_at - first) / HOUR),
        last=math.floor((anomaly.last_seen_at - first) / HOUR),
        end=None if ended_at is None else max(0, math.ceil((ended_at - first) / HOUR)),
        is_settled=anomaly.is_settled,
        pattern=anomaly.pattern,
        observed=anomaly.observed,
        expected=anomaly.expected,
    )


async def _settle(application_id: ObjectId, closed: datetime) -> None:
    """Call usual what has been there for a week."""
    going_on: dict[str, Any] = {"application_id": application_id, "ended_at": None}
    await Anomaly.collection().update_many(
        {**going_on, "started_at": {"$lte": closed - SETTLES_AFTER}},
        {
            "$set": {"ended_at": closed, "is_settled": True, "updated_at": clock.now()},
            "$inc": {"revision": 1},
        },
    )
