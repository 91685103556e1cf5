"""Own reading sums for a window: days and hours where they are built, the rest live."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from bson import ObjectId

from core.analytics.columns import COUNTS, Columns, rows_of, unpack
from core.analytics.histogram import Ints
from core.analytics.question import Part, Question
from core.analytics.series import list_series, number_of
from core.analytics.stretches import HOUR, ceil_to, day_of, day_start, floor_to, next_day_start
from core.analytics.tally import pack_tallies, tally
from core.analytics.window import Window
from core.documents import Application, RollupProgress, UsageRollup
from core.documents.usage_rollup import Grain
from core.values.scope import Scope

# Bounds how long one batch of the driver keeps the event loop.
_BATCH: Final = 500
_FIELDS: Final[Mapping[Part, tuple[str, ...]]] = {
    "counts": ("runs", "input_tokens", "output_tokens"),
    "costs": ("runs", "cost_nano", "cost_atto", "cost_unknown"),
    "times": ("runs", "latency", "first_token"),
    "ratings": ("runs", *(name for name in COUNTS if name.startswith("stars"))),
}


class Sums(NamedTuple):
    """What was used in a window: sums, and for each row the bucket it belongs to.

    The key of a row is the number of its series.
    """

    series: list[dict[str, Any]]
    place_of_row: Ints
    columns: Columns


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


async def read_sums(
    question: Question, source: Source, *, prompt_ids: Sequence[str] | None = None
) -> Sums:
    """Return every stretch of the window, with the series that match; of these prompts only."""
    window, until = question.window, source.built_until
    kind = "user" if question.is_by_user else "version"
    stored: list[tuple[datetime, dict[str, bytes]]] = []
    for ids, days in ((source.by_days, True), (source.by_hours, False)):
        for tile in _plan(question, until, by_days=days) if ids else ():
            stored += [one async for one in _read_tile(question, ids, tile)]
    conditions = question.filters.conditions()
    series = await list_series(kind, source.everybody, conditions | _one_of(prompt_ids))
    counted = await tally(until, window.end, source.everybody) if until < window.end else []
    for live in counted:
        names = live.cells if kind == "version" else live.users
        series += [
            {
                **known,
                "application_id": live.application_id,
                "number": number_of(live.application_id, kind, known),
            }
            for known, _ in names
            if all(known.get(name) == value for name, value in conditions.items())
            and (prompt_ids is None or known.get("prompt_id") in prompt_ids)
        ]
    live_sums = await asyncio.to_thread(pack_tallies, counted, kind)
    stored += zip((live.start for live in counted), live_sums, strict=True)
    return await asyncio.to_thread(_unpack, question, series, stored)


def _one_of(prompt_ids: Sequence[str] | None) -> dict[str, Any]:
    return {} if prompt_ids is None else {"prompt_id": {"$in": list(prompt_ids)}}


def _unpack(
    question: Question,
    series: list[dict[str, Any]],
    stored: list[tuple[datetime, dict[str, bytes]]],
) -> Sums:
    columns = unpack([packed for _, packed in stored], _columns(question))
    places = np.array([question.window.place_of(start) for start, _ in stored], np.int64)
    lengths = [rows_of(packed) for _, packed in stored]
    return Sums(series, np.repeat(places, lengths), columns)


def _columns(question: Question) -> set[str]:
    wanted = {name for part in question.parts for name in _FIELDS[part]}
    return wanted | ({"cost_nano"} if question.order == "cost_usd" else set())


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
) -> AsyncGenerator[tuple[datetime, dict[str, bytes]]]:
    name = "users" if question.is_by_user else "cells"
    match = {
        "application_id": {"$in": list(ids)},
        "grain": tile.grain,
        "time_zone": question.window.zone if tile.grain == "day" else "UTC",
        "start": {"$gte": tile.start, "$lt": tile.end},
    }
    wanted = {f"{name}.{column}": 1 for column in ("key", *_columns(question))}
    rows = UsageRollup.collection().find(match, {"start": 1, **wanted}, batch_size=_BATCH)
    async for row in rows:
        yield row["start"], row.get(name, {})
