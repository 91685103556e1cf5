"""Own reading the anomalies that a caller may see, newest first."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, get_args

from bson import ObjectId
from pydantic import AwareDatetime, BaseModel, ConfigDict
from pymongo import DESCENDING

from core import clock
from core.documents import Anomaly
from core.errors import NotFound
from core.values.body import Text
from core.values.ids import Id
from core.values.scope import Scope
from prompthub.wire.literals import AnomalyMeasure, AnomalyState

# Counting further costs more than it tells.
MAX_TOTAL: Final = 10_000


class AnomalyQuery(BaseModel):
    """Filters, all of which must hold; anomalies that touch `start` to `end` are meant.

    `model` is connection/model or the model's name alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    application_id: Id | None = None
    prompt_id: Text | None = None
    version: Text | None = None
    model: Text | None = None
    measure: AnomalyMeasure | None = None
    state: AnomalyState | None = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


class AnomalyPage(NamedTuple):
    """Anomalies, those that began last first; `total` counts to `MAX_TOTAL` at most."""

    items: list[Anomaly]
    total: int
    total_is_capped: bool


def state_of(anomaly: Anomaly, moment: datetime) -> AnomalyState:
    """Return whether somebody still has to look at it."""
    if anomaly.acknowledged_at is not None:
        return "acknowledged"
    is_muted = anomaly.muted_until is not None and anomaly.muted_until > moment
    return "muted" if is_muted else "open"


async def get_anomaly(scope: Scope, anomaly_id: ObjectId) -> Anomaly:
    """Return one anomaly.

    Raises:
        NotFound: there is none, or it is of an application the caller cannot see.
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    found = await Anomaly.find_first({"_id": anomaly_id, **scope.visible()})
    if found is None:
        raise NotFound("anomaly", str(anomaly_id))
    return found


async def list_anomalies(
    scope: Scope, query: AnomalyQuery, *, skip: int = 0, limit: int = 20
) -> AnomalyPage:
    """Return one page of the anomalies that match and that the caller may see.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
    """
    wanted = _conditions(scope, query)
    rows = (
        Anomaly.collection()
        .find(wanted)
        .sort([("started_at", DESCENDING), ("_id", DESCENDING)])
        .skip(skip)
        .limit(limit)
    )
    found, total = await asyncio.gather(
        rows.to_list(), Anomaly.collection().count_documents(wanted, limit=MAX_TOTAL + 1)
    )
    items = [Anomaly.model_validate(row) for row in found]
    return AnomalyPage(items, min(total, MAX_TOTAL), total > MAX_TOTAL)


class Tally(NamedTuple):
    """Of one measure: how many anomalies there have been, and how many go on unattended."""

    found: int
    open: int


async def count_anomalies() -> Mapping[str, Tally]:
    """Return the counts of each measure over all applications; quiet ones are in none."""
    unattended = {"ended_at": None, **_all_of(_in_state("open"))}
    counts: list[dict[str, int]] = []
    for wanted in ({}, unattended):
        rows = await Anomaly.collection().aggregate(
            [
                {"$match": {"is_quiet": False, **wanted}},
                {"$group": {"_id": "$measure", "count": {"$sum": 1}}},
            ]
        )
        counts.append({row["_id"]: row["count"] async for row in rows})
    found, unattended_now = counts
    measures: tuple[AnomalyMeasure, ...] = get_args(AnomalyMeasure)
    return {str(one): Tally(found.get(one, 0), unattended_now.get(one, 0)) for one in measures}


def _all_of(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"$and": parts} if parts else {}


def _conditions(scope: Scope, query: AnomalyQuery) -> dict[str, Any]:
    scope.refuse_application()
    wanted: dict[str, Any] = {**scope.visible()}
    if query.application_id is not None:
        key = str(query.application_id)
        scope.require("viewer", query.application_id, kind="application", key=key)
        wanted["application_id"] = query.application_id
    exactly = {"prompt_id": query.prompt_id, "version": query.version, "measure": query.measure}
    wanted |= {name: value for name, value in exactly.items() if value is not None}
    if query.model is not None:
        provider, slash, name = query.model.partition("/")
        wanted |= {"provider": provider, "model": name} if slash else {"model": query.model}
    if query.end is not None:
        wanted["started_at"] = {"$lt": query.end}
    return wanted | _all_of([*_after(query.start), *_in_state(query.state)])


def _after(start: datetime | None) -> list[dict[str, Any]]:
    return [] if start is None else [{"$or": [{"ended_at": None}, {"ended_at": {"$gt": start}}]}]


def _in_state(state: AnomalyState | None) -> list[dict[str, Any]]:
    is_muted = {"muted_until": {"$gt": clock.now()}}
    match state:
        case None:
            return []
        case "acknowledged":
            return [{"acknowledged_at": {"$ne": None}}]
        case "muted":
            return [{"acknowledged_at": None}, is_muted]
        case "open":
            return [{"acknowledged_at": None}, {"$nor": [is_muted]}]
