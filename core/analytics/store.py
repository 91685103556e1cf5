"""Own writing and reading sums of use: each stretch of time is replaced as a whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import DeleteOne, ReplaceOne
from pymongo.errors import BulkWriteError

from core import clock
from core.documents import UsageRollup
from core.documents.usage_rollup import Grain

Key = tuple[ObjectId, str, datetime]
_DUPLICATE_KEY = 11000
_NEVER_STORED = {"_id", "id", "revision_id"}


async def replace_span(
    grain: Grain,
    start: datetime,
    end: datetime,
    found: Sequence[UsageRollup],
    *,
    match: dict[str, Any] | None = None,
) -> set[Key]:
    """Store what was found for a span in place of what is stored, and return what was written.

    `match` narrows what is replaced to some applications or one zone. Quarters of rows that have
    expired stay as they are, because nothing could count them again.
    """
    stored = await _keys(grain, start, end, match or {})
    sealed = {key for key, expires_at in stored.items() if _has_passed(expires_at)}
    wanted = {_key_of(one): one for one in found if _key_of(one) not in sealed}
    gone = [key for key in stored if key not in wanted and key not in sealed]
    await _insert(grain, [one for key, one in wanted.items() if key not in stored])
    changes: list[ReplaceOne[dict[str, Any]] | DeleteOne] = [
        *(_replacement(grain, one) for key, one in wanted.items() if key in stored),
        *(DeleteOne(_filter(grain, key)) for key in gone),
    ]
    if changes:
        await UsageRollup.collection().bulk_write(changes, ordered=False)
    return {*wanted, *gone}


async def _insert(grain: Grain, found: Sequence[UsageRollup]) -> None:
    """Store what is new; many inserts take a tenth of the time of as many replacements."""
    if not found:
        return
    try:
        await UsageRollup.collection().insert_many([_encode(one) for one in found], ordered=False)
    except BulkWriteError as error:
        if any(one["code"] != _DUPLICATE_KEY for one in error.details["writeErrors"]):
            raise
        # Somebody whose right to build has run out is still at it.
        changes = [_replacement(grain, one) for one in found]
        await UsageRollup.collection().bulk_write(changes, ordered=False)


def _replacement(grain: Grain, rollup: UsageRollup) -> ReplaceOne[dict[str, Any]]:
    return ReplaceOne(_filter(grain, _key_of(rollup)), _encode(rollup), upsert=True)


async def _keys(
    grain: Grain, start: datetime, end: datetime, match: dict[str, Any]
) -> dict[Key, datetime | None]:
    rows = UsageRollup.collection().find(
        {**match, "grain": grain, "start": {"$gte": start, "$lt": end}},
        {"application_id": 1, "time_zone": 1, "start": 1, "expires_at": 1},
    )
    return {
        (row["application_id"], row["time_zone"], row["start"]): row.get("expires_at")
        async for row in rows
    }


def _key_of(rollup: UsageRollup) -> Key:
    return rollup.application_id, rollup.time_zone, rollup.start


def _filter(grain: Grain, key: Key) -> dict[str, Any]:
    application_id, time_zone, start = key
    return {
        "application_id": application_id,
        "grain": grain,
        "time_zone": time_zone,
        "start": start,
    }


def _has_passed(expires_at: datetime | None) -> bool:
    return expires_at is not None and expires_at <= clock.now()


def _encode(rollup: UsageRollup) -> dict[str, Any]:
    # All of it is as BSON takes it.
    return {name: value for name, value in rollup if name not in _NEVER_STORED}


async def find_applications(grain: Grain, start: datetime, end: datetime) -> set[ObjectId]:
    """Return the applications with stored sums that begin in a span."""
    span = {"grain": grain, "start": {"$gte": start, "$lt": end}}
    return set(await UsageRollup.collection().distinct("application_id", span))


async def read_quarters(
    start: datetime, end: datetime, match: dict[str, Any] | None = None
) -> list[UsageRollup]:
    """Return the stored quarters of an hour that begin in a span."""
    span = {"grain": "quarter", "time_zone": "UTC", "start": {"$gte": start, "$lt": end}}
    wanted = {**(match or {}), **span}
    rows = UsageRollup.collection().find(wanted)
    return [UsageRollup.model_validate(row) async for row in rows]
