"""Own writing and reading sums of use: each stretch of time is replaced as a whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from beanie.odm.utils.encoder import Encoder
from pymongo import DeleteOne, ReplaceOne

from core import clock
from core.documents import UsageRollup
from core.documents.usage_rollup import Grain

Key = tuple[object, str, datetime]
_NEVER_STORED = {"_id", "id", "revision_id"}


async def replace_span(
    grain: Grain,
    start: datetime,
    end: datetime,
    found: Sequence[UsageRollup],
    *,
    match: dict[str, Any] | None = None,
) -> int:
    """Store what was found for a span in place of what is stored, and return how many changed.

    `match` narrows what is replaced to some applications or one zone. Quarters of rows that have
    expired stay as they are, because nothing could count them again.
    """
    stored = await _keys(grain, start, end, match or {})
    sealed = {key for key, expires_at in stored.items() if _has_passed(expires_at)}
    wanted = {_key_of(one): one for one in found if _key_of(one) not in sealed}
    gone = [key for key in stored if key not in wanted and key not in sealed]
    changes: list[ReplaceOne[dict[str, Any]] | DeleteOne] = [
        *(
            ReplaceOne(_filter(grain, key), _encode(one), upsert=True)
            for key, one in wanted.items()
        ),
        *(DeleteOne(_filter(grain, key)) for key in gone),
    ]
    if changes:
        await UsageRollup.collection().bulk_write(changes, ordered=False)
    return len(changes)


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
    return Encoder(exclude=_NEVER_STORED, to_db=True).encode(rollup)


async def read_quarters(
    start: datetime, end: datetime, match: dict[str, Any] | None = None
) -> list[UsageRollup]:
    """Return the stored quarters of an hour that begin in a span."""
    wanted = {**(match or {}), "grain": "quarter", "start": {"$gte": start, "$lt": end}}
    rows = UsageRollup.collection().find(wanted)
    return [UsageRollup.model_validate(row) async for row in rows]
