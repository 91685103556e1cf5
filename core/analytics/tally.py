"""Own counting from the log itself: finished executions and ratings, by quarter of an hour."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import numpy as np
from bson import Decimal128, ObjectId

from core.analytics.columns import TIMES, Bins, Columns, Packed, split_money
from core.analytics.series import Kind, Names, number_of
from core.documents import ExecutionLog, Feedback

UNFINISHED: Final = ("queued", "running")
STARS: Final = (1, 2, 3, 4, 5)
_QUARTER: Final = {"$dateTrunc": {"date": "$created_at", "unit": "minute", "binSize": 15}}
_SUMMED: Final[Mapping[str, Any]] = {
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
_BESIDE: Final[Mapping[str, Any]] = {
    "latency": {"$push": "$latency_ms"},
    "first_token": {"$push": "$time_to_first_token_ms"},
    "expires_at": {"$min": "$expires_at"},
}
_RUN: Final[Mapping[str, str]] = {
    "prompt_version_id": "$prompt_version_id",
    "prompt_id": "$prompt_id",
    "version": "$version",
    "provider": "$model_provider",
    "model": "$model_name",
    "status": "$status",
}
_PERSON: Final[Mapping[str, str]] = {"user_id": "$user_id", "status": "$status"}
_RATED_RUN: Final = (
    "application_id",
    "prompt_id",
    "version",
    "model_provider",
    "model_name",
    "status",
)
Row = dict[str, Any]


@dataclass(slots=True)
class Tally:
    """What one application used in one quarter of an hour, row by row."""

    application_id: ObjectId
    start: datetime
    cells: list[tuple[Names, Row]] = field(default_factory=list[tuple[Names, Row]])
    users: list[tuple[Names, Row]] = field(default_factory=list[tuple[Names, Row]])
    rows: int = 0
    running: int = 0
    expires_at: datetime | None = None


def pack_tallies(counted: Sequence[Tally], kind: Kind) -> list[Packed]:
    """Return the sums of one kind of each, ratings of the same thing in the same row."""
    rows_of = [one.cells if kind == "version" else one.users for one in counted]
    keys = [
        number_of(one.application_id, kind, names)
        for one, rows in zip(counted, rows_of, strict=True)
        for names, _ in rows
    ]
    places = np.repeat(np.arange(len(counted)), [len(rows) for rows in rows_of])
    columns = _to_columns(keys, [row for rows in rows_of for _, row in rows])
    return columns.pack_by(places, len(counted))


def _to_columns(keys: Sequence[int], rows: Sequence[Row]) -> Columns:
    counted = ("runs", "input_tokens", "output_tokens", "cost_unknown")
    counts = {name: _ints([row.get(name, 0) for row in rows]) for name in counted}
    counts |= split_money([to_decimal(row.get("cost_usd", 0)) for row in rows])
    counts |= {
        f"stars_{stars}": _ints([row.get("stars", {}).get(stars, 0) for row in rows])
        for stars in STARS
    }
    times = {
        name: Bins.of([[one for one in row.get(name, ()) if one is not None] for row in rows])
        for name in TIMES
    }
    return Columns(_ints(keys), counts, times)


def _ints(values: Sequence[int]) -> Any:
    return np.array(values, dtype=np.int64)


async def tally(
    start: datetime, end: datetime, applications: Sequence[ObjectId] | None = None
) -> list[Tally]:
    """Count what was run and rated from `start` to `end`, two full quarters of an hour.

    Return a sum for each application and quarter in which there was anything.
    A run counts for the quarter in which it was asked for, a rating for that in which it was
    given first.
    """
    span: dict[str, Any] = {"created_at": {"$gte": start, "$lt": end}}
    if applications is not None:
        span["application_id"] = {"$in": list(applications)}
    found: dict[tuple[ObjectId, datetime], Tally] = {}
    await _add_runs(span, found)
    await _add_people(span, found)
    await _add_ratings(start, end, applications, found)
    return list(found.values())


_Found = dict[tuple[ObjectId, datetime], Tally]


def _place(found: _Found, key: Mapping[str, Any]) -> Tally:
    place = key["application_id"], key["start"]
    return found.setdefault(place, Tally(*place))


async def _add_runs(span: dict[str, Any], found: _Found) -> None:
    async for row in _group(span, _RUN, {**_SUMMED, **_BESIDE}):
        key = row.pop("_id")
        place = _place(found, key)
        place.rows += row["runs"]
        place.expires_at = _earlier(place.expires_at, row["expires_at"])
        if key["status"] in UNFINISHED:
            place.running += row["runs"]
        else:
            place.cells.append((_names(key, _RUN), row))


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


async def _add_people(span: dict[str, Any], found: _Found) -> None:
    finished = {**span, "status": {"$nin": UNFINISHED}}
    async for row in _group(finished, _PERSON, _SUMMED):
        key = row.pop("_id")
        _place(found, key).users.append((_names(key, _PERSON), row))


async def _group(
    match: Mapping[str, Any], by: Mapping[str, str], sums: Mapping[str, Any]
) -> AsyncGenerator[Row]:
    key = {"application_id": "$application_id", "start": _QUARTER, **by}
    cursor = await ExecutionLog.collection().aggregate(
        [{"$match": match}, {"$group": {"_id": key, **sums}}], allowDiskUse=True
    )
    async for row in cursor:
        yield row


def _names(key: Mapping[str, Any], wanted: Mapping[str, str]) -> Names:
    return {name: key[name] for name in wanted if key.get(name) is not None}


def to_decimal(stored: Decimal128 | int) -> Decimal:
    """Return a stored sum of money; the sum of nothing is a plain zero."""
    return stored.to_decimal() if isinstance(stored, Decimal128) else Decimal(stored)


async def _add_ratings(
    start: datetime, end: datetime, applications: Sequence[ObjectId] | None, found: _Found
) -> None:
    """Add each rating to what was rated: an execution, or a version as such."""
    async for row in await Feedback.collection().aggregate(_ratings(start, end)):
        key = row["_id"]
        owner = key.get("application_id")
        # Without an owner, what was rated is gone.
        if owner is None or (applications is not None and owner not in applications):
            continue
        rated = (_names(key, _RUN), {"stars": {key["rating"]: row["count"]}})
        _place(found, key).cells.append(rated)


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
