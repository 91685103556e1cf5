"""Own counting from the log itself: finished executions and ratings, by quarter of an hour."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from bson import Decimal128, ObjectId

from core.analytics.histogram import count_times, pack
from core.documents import ExecutionLog, Feedback
from core.documents.usage_rollup import UsageCell, UsageRollup, UserCell

UNFINISHED: Final = ("queued", "running")
_QUARTER: Final = {"$dateTrunc": {"date": "$created_at", "unit": "minute", "binSize": 15}}
_COUNTED: Final[Mapping[str, Any]] = {
    "runs": {"$sum": 1},
    "input_tokens": {"$sum": "$input_tokens"},
    "output_tokens": {"$sum": "$output_tokens"},
    "cost_usd": {"$sum": "$cost_usd"},
    # Where no model has answered, nothing is known to have been spent.
    "cost_unknown": {
        "$sum": {
            "$cond": [
                {"$and": [{"$eq": ["$cost_usd", None]}, {"$ne": ["$token_count", None]}]},
                1,
                0,
            ]
        }
    },
}
_CELL: Final[Mapping[str, str]] = {
    "prompt_version_id": "$prompt_version_id",
    "prompt_id": "$prompt_id",
    "version": "$version",
    "provider": "$model_provider",
    "model": "$model_name",
    "status": "$status",
}
_RATED_RUN: Final = (
    "application_id",
    "prompt_id",
    "version",
    "model_provider",
    "model_name",
    "status",
)
_Stretches = dict[tuple[ObjectId, datetime], UsageRollup]


async def tally(
    start: datetime, end: datetime, applications: Sequence[ObjectId] | None = None
) -> list[UsageRollup]:
    """Count what was run and rated from `start` to `end`, two full quarters of an hour.

    Return a sum for each application and quarter in which there was anything, not stored.
    A run counts for the quarter in which it was asked for, a rating for that in which it was
    given first.
    """
    span: dict[str, Any] = {"created_at": {"$gte": start, "$lt": end}}
    if applications is not None:
        span["application_id"] = {"$in": list(applications)}
    found: _Stretches = {}
    await _add_runs(span, found)
    await _add_users(span, found)
    await _add_ratings(start, end, applications, found)
    return list(found.values())


def _stretch(found: _Stretches, key: Mapping[str, Any]) -> UsageRollup:
    application_id, start = key["application_id"], key["start"]
    return found.setdefault(
        (application_id, start),
        UsageRollup(application_id=application_id, grain="quarter", start=start),
    )


async def _add_runs(span: dict[str, Any], found: _Stretches) -> None:
    beside = {
        "latency": {"$push": "$latency_ms"},
        "first": {"$push": "$time_to_first_token_ms"},
        "expires_at": {"$min": "$expires_at"},
    }
    async for row in _group(span, _CELL, {**_COUNTED, **beside}):
        key = row["_id"]
        stretch = _stretch(found, key)
        stretch.rows += row["runs"]
        stretch.expires_at = _earlier(stretch.expires_at, row["expires_at"])
        if key["status"] in UNFINISHED:
            stretch.running += row["runs"]
            continue
        cell = UsageCell(
            **_names(key),
            **_numbers(row),
            latency=_packed(row["latency"]),
            first_token=_packed(row["first"]),
        )
        stretch.cells.append(cell)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [moment for moment in (one, other) if moment is not None]
    return min(known, default=None)


async def _add_users(span: dict[str, Any], found: _Stretches) -> None:
    by_user = {"user_id": "$user_id", "status": "$status"}
    async for row in _group({**span, "status": {"$nin": UNFINISHED}}, by_user, _COUNTED):
        key = row["_id"]
        cell = UserCell(user_id=key.get("user_id"), status=key["status"], **_numbers(row))
        _stretch(found, key).users.append(cell)


async def _group(
    match: Mapping[str, Any], by: Mapping[str, str], sums: Mapping[str, Any]
) -> AsyncGenerator[dict[str, Any]]:
    key = {"application_id": "$application_id", "start": _QUARTER, **by}
    cursor = await ExecutionLog.collection().aggregate(
        [{"$match": match}, {"$group": {"_id": key, **sums}}], allowDiskUse=True
    )
    async for row in cursor:
        yield row


def _names(key: Mapping[str, Any]) -> dict[str, Any]:
    return {name: key[name] for name in _CELL if key.get(name) is not None}


def _numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: row[name] for name in _COUNTED}, "cost_usd": to_decimal(row["cost_usd"])}


def to_decimal(stored: Decimal128 | int) -> Decimal:
    """Return a stored sum of money; the sum of nothing is a plain zero."""
    return stored.to_decimal() if isinstance(stored, Decimal128) else Decimal(stored)


def _packed(times_ms: Sequence[float | None]) -> bytes:
    known = [time for time in times_ms if time is not None]
    return pack(count_times(known)) if known else b""


async def _add_ratings(
    start: datetime, end: datetime, applications: Sequence[ObjectId] | None, found: _Stretches
) -> None:
    """Add each rating to the cell of what was rated: an execution, or a version as such."""
    async for row in await Feedback.collection().aggregate(_ratings(start, end)):
        key = row["_id"]
        owner = key.get("application_id")
        # Without an owner, what was rated is gone.
        if owner is None or (applications is not None and owner not in applications):
            continue
        cell = _cell_for(_stretch(found, key), _names(key))
        cell.ratings[key["rating"] - 1] += row["count"]


def _cell_for(rollup: UsageRollup, names: Mapping[str, Any]) -> UsageCell:
    wanted = UsageCell(**names)
    for cell in rollup.cells:
        if all(getattr(cell, name) == getattr(wanted, name) for name in _CELL):
            return cell
    rollup.cells.append(wanted)
    return wanted


def _ratings(start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return the pipeline that counts ratings by quarter, application, what was rated, and stars.

    Ratings are few beside executions, so looking each one's target up costs little.
    """
    return [
        {"$match": {"created_at": {"$gte": start, "$lt": end}}},
        _lookup("execution_logs", "execution_id", "run", _RATED_RUN),
        _lookup("prompt_versions", "prompt_version_id", "version", ("prompt_id", "version")),
        _lookup("prompts", "version.prompt_id", "prompt", ("prompt_id", "application_id")),
        {
            "$set": {
                "run": {"$first": "$run"},
                "version": {"$first": "$version"},
                "prompt": {"$first": "$prompt"},
            }
        },
        {
            "$group": {
                "_id": {
                    "application_id": {
                        "$ifNull": ["$run.application_id", "$prompt.application_id"]
                    },
                    "start": _QUARTER,
                    "prompt_version_id": "$prompt_version_id",
                    "prompt_id": {"$ifNull": ["$run.prompt_id", "$prompt.prompt_id"]},
                    "version": {"$ifNull": ["$run.version", "$version.version"]},
                    "provider": "$run.model_provider",
                    "model": "$run.model_name",
                    "status": "$run.status",
                    "rating": "$rating",
                },
                "count": {"$sum": 1},
            }
        },
    ]


def _lookup(collection: str, local: str, name: str, fields: Sequence[str]) -> dict[str, Any]:
    return {
        "$lookup": {
            "from": collection,
            "localField": local,
            "foreignField": "_id",
            "pipeline": [{"$project": dict.fromkeys(fields, 1)}],
            "as": name,
        }
    }
