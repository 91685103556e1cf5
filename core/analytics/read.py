"""Own reading sums for a window: days and hours where they are built, the rest live."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from bson import ObjectId

from core.analytics.question import Part, Question
from core.analytics.stretches import HOUR, ceil_to, day_of, day_start, floor_to, next_day_start
from core.analytics.tally import tally
from core.analytics.window import Window
from core.documents import Application, RollupProgress, UsageRollup
from core.documents.usage_rollup import Grain
from core.values.scope import Scope

# Bounds how long one batch of the driver keeps the event loop.
_BATCH: Final = 200
_NAMES: Final = ("prompt_id", "version", "provider", "model", "status")
_FIELDS: Final[Mapping[Part, tuple[str, ...]]] = {
    "counts": ("runs", "input_tokens", "output_tokens"),
    "costs": ("runs", "cost_usd", "cost_unknown"),
    "times": ("runs", "latency", "first_token"),
    "ratings": ("runs", "ratings"),
}


class Sums(NamedTuple):
    """What one application used in one stretch of time."""

    application_id: ObjectId
    start: datetime
    cells: list[dict[str, Any]]


class Tile(NamedTuple):
    """A part of a window that is answered from the sums of one grain."""

    grain: Grain
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Whose sums are read: those whose days are built in the window's zone, and the others."""

    by_days: tuple[ObjectId, ...]
    by_hours: tuple[ObjectId, ...]
    built_until: datetime

    @property
    def everybody(self) -> tuple[ObjectId, ...]:
        """Return all applications."""
        return self.by_days + self.by_hours


async def find_source(scope: Scope, question: Question) -> Source:
    """Return where the answer is to be read.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    wanted = question.filters.application_id
    if wanted is not None:
        scope.require("viewer", wanted, kind="application", key=str(wanted))
        ids = [wanted]
    elif scope.sees_everything:
        ids = [row["_id"] async for row in Application.collection().find({}, {"_id": 1})]
    else:
        ids = list(scope.roles)
    window = question.window
    built = await RollupProgress.find_one({"_id": RollupProgress.KEY})
    until = max(window.start, min(window.end, (built and built.until) or window.start))
    ready = await _with_days(ids, window, until)
    return Source(
        by_days=tuple(one for one in ids if one in ready),
        by_hours=tuple(one for one in ids if one not in ready),
        built_until=until,
    )


async def _with_days(ids: Sequence[ObjectId], window: Window, until: datetime) -> set[ObjectId]:
    if window.bucket == "hour":
        return set()
    zone = ZoneInfo(window.zone)
    last = day_start(day_of(until, zone), zone)
    ready = RollupProgress.collection().find(
        {"_id": {"$in": list(ids)}, "time_zone": window.zone, "until": {"$gte": last}}, {"_id": 1}
    )
    return {row["_id"] async for row in ready}


async def read_sums(question: Question, source: Source) -> AsyncGenerator[Sums]:
    """Yield every stretch of the window with the cells that match, as plain fields."""
    window, until = question.window, source.built_until
    for ids, days in ((source.by_days, True), (source.by_hours, False)):
        for tile in _plan(question, until, by_days=days) if ids else ():
            async for sums in _read_tile(question, ids, tile):
                yield sums
    if until < window.end:
        for live in await tally(until, window.end, source.everybody):
            cells = live.users if question.is_by_user else live.cells
            fields = [dict(vars(cell)) for cell in cells]
            yield Sums(live.application_id, live.start, _matching(fields, question))


def _plan(question: Question, until: datetime, *, by_days: bool) -> Iterable[Tile]:
    window = question.window
    zone = ZoneInfo(window.zone)
    first = next_day_start(window.start, zone)
    if day_start(day_of(window.start, zone), zone) == window.start:
        first = window.start
    last = day_start(day_of(until, zone), zone)
    if not by_days or first >= last:
        return _plan_hours(question, window.start, until)
    return (
        *_plan_hours(question, window.start, first),
        Tile("day", first, last),
        *_plan_hours(question, last, until),
    )


def _plan_hours(question: Question, start: datetime, end: datetime) -> Iterable[Tile]:
    first, last = ceil_to(start, HOUR), floor_to(end, HOUR)
    tiles = [Tile("quarter", start, end)]
    # Hours know no people.
    if question.window.is_of_whole_hours and first < last and not question.is_by_user:
        tiles = [
            Tile("quarter", start, first),
            Tile("hour", first, last),
            Tile("quarter", last, end),
        ]
    return [tile for tile in tiles if tile.start < tile.end]


async def _read_tile(
    question: Question, ids: Sequence[ObjectId], tile: Tile
) -> AsyncGenerator[Sums]:
    name = "users" if question.is_by_user else "cells"
    zone = question.window.zone if tile.grain == "day" else "UTC"
    match = {
        "application_id": {"$in": list(ids)},
        "grain": tile.grain,
        "time_zone": zone,
        "start": {"$gte": tile.start, "$lt": tile.end},
    }
    wanted = {f"{name}.{field}": 1 for field in _fields(question)}
    rows = UsageRollup.collection().find(
        match, {"application_id": 1, "start": 1, **wanted}, batch_size=_BATCH
    )
    async for row in rows:
        yield Sums(row["application_id"], row["start"], _matching(row.get(name, []), question))


def _fields(question: Question) -> set[str]:
    names = {"user_id", "status"} if question.is_by_user else set(_NAMES)
    return names.union(*(_FIELDS[part] for part in question.parts))


def _matching(cells: list[dict[str, Any]], question: Question) -> list[dict[str, Any]]:
    conditions = question.filters.cell_conditions().items()
    if not conditions:
        return cells
    return [cell for cell in cells if all(cell.get(name) == value for name, value in conditions)]
