"""Own the numbers by which packed sums name what they are about."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import orjson
from bson import ObjectId
from pymongo import UpdateOne

from core import clock
from core.documents import UsageSeries

Names = dict[str, Any]
Kind = Literal["version", "user"]

_FIELDS: Final[dict[Kind, tuple[str, ...]]] = {
    "version": ("prompt_version_id", "prompt_id", "version", "provider", "model", "status"),
    "user": ("user_id", "status"),
}


def number_of(application_id: ObjectId, kind: Kind, names: Names) -> int:
    """Return the number of what bears these names: 63 bits of a hash, so that nobody counts up.

    A thousand times a thousand of them collide with a probability of one in ten millions.
    """
    told = orjson.dumps(
        [application_id, kind, *(names.get(name) for name in _FIELDS[kind])], default=str
    )
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest()) >> 1


async def remember_series(found: Iterable[tuple[ObjectId, Kind, Names]]) -> None:
    """Store what numbers stand for; what is known already stays as it is."""
    changes: dict[int, UpdateOne] = {}
    owners: set[ObjectId] = set()
    for application_id, kind, names in found:
        number = number_of(application_id, kind, names)
        if number in changes:
            continue
        owners.add(application_id)
        filled = {"provider": "", "model": ""} if kind == "version" else {}
        changes[number] = UpdateOne(
            {"application_id": application_id, "kind": kind, "number": number},
            {"$setOnInsert": {"created_at": clock.now(), **filled, **names}},
            upsert=True,
        )
    wanted = {
        "application_id": {"$in": list(owners)},
        "kind": {"$in": list(_FIELDS)},
        "number": {"$in": list(changes)},
    }
    # Nearly all are, and looking costs less than as many writes that change nothing.
    async for row in UsageSeries.collection().find(wanted, {"number": 1}):
        changes.pop(row["number"], None)
    if changes:
        await UsageSeries.collection().bulk_write(list(changes.values()), ordered=False)


async def list_series(
    kind: Kind, applications: Sequence[ObjectId] | None, conditions: Names
) -> list[dict[str, Any]]:
    """Return the numbers of a kind that match, of these applications or all, with their names."""
    wanted = {"kind": kind, **conditions}
    if applications is not None:
        wanted["application_id"] = {"$in": list(applications)}
    # A page of charts reads them for each chart: what nobody asks for need not be decoded.
    unasked = {"_id": 0, "kind": 0, "created_at": 0}
    return [row async for row in UsageSeries.collection().find(wanted, unasked)]
