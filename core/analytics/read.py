"""Own reading sums for windows: days and hours where they are built, the rest live."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from core.analytics.columns import Columns, rows_of, unpack
from core.analytics.histogram import Ints
from core.analytics.question import Question
from core.analytics.series import Names, list_series, number_of
from core.analytics.source import Match, Source
from core.analytics.stretches import HOUR, ceil_to, day_of, day_start, floor_to, next_day_start
from core.analytics.tally import Tally, pack_tallies, tally
from core.analytics.window import Window
from core.documents import UsageRollup
from core.documents.usage_rollup import Grain

# Bounds how long one batch of the driver keeps the event loop.
_BATCH: Final = 500
Stored = tuple[datetime, dict[str, bytes]]


class Sums(NamedTuple):
    """What was used in a window: sums, and for each row its series and its stretch of time.

    A series that does not match is None; `starts` tells when each stretch begins.
    """

    series: list[Names | None]
    series_of_row: Ints
    starts: list[datetime]
    stretch_of_row: Ints
    columns: Columns

    def places(self, window: Window) -> Ints:
        """Return for each row the bucket it belongs to."""
        # The stretches of many applications begin together.
        place_of = {start: window.place_of(start) for start in set(self.starts)}
        places = np.array([place_of[start] for start in self.starts], np.int64)
        return places[self.stretch_of_row]


class Tile(NamedTuple):
    """A part of a window that is answered from the sums of one grain."""

    grain: Grain
    start: datetime
    end: datetime


async def read_sums(
    questions: Sequence[Question], source: Source, *, prompt_ids: Sequence[str] | None = None
) -> list[Sums]:
    """Return for each question every stretch of its window, with the series that match.

    The questions are alike in filters, time zone and whether they tell people apart. What
    several of them need is read once; of these prompts only, if `prompt_ids` are given.
    """
    one = questions[0]
    narrowed = {} if prompt_ids is None else {"prompt_id": {"$in": list(prompt_ids)}}
    spans: dict[tuple[datetime, datetime], list[Question]] = {}
    for question in questions:
        spans.setdefault((question.window.start, question.window.end), []).append(question)
    conditions = one.filters.conditions() | narrowed
    series, read = await asyncio.gather(
        list_series(one.kind, source.applications, conditions),
        asyncio.gather(*(_read_span(asked, source) for asked in spans.values())),
    )
    found: dict[tuple[datetime, datetime], Sums] = {}
    for (span, asked), (stored, counted) in zip(spans.items(), read, strict=True):
        live = [
            names
            for names in _live_series(one, counted)
            if prompt_ids is None or names.get("prompt_id") in prompt_ids
        ]
        found[span] = await asyncio.to_thread(
            _unpack, [*series, *live], stored, {name for q in asked for name in q.columns}
        )
    return [found[question.window.start, question.window.end] for question in questions]


async def _read_span(asked: Sequence[Question], source: Source) -> tuple[list[Stored], list[Tally]]:
    # What answers by the shortest buckets answers by longer ones, and in all.
    finest = max(asked, key=lambda question: len(question.window.edges))
    columns = {name for question in asked for name in question.columns}
    window, until = finest.window, source.built_until(finest.window)
    by_days, by_hours = source.split(window)
    tiles = [
        (whose, tile)
        for whose, has_days in ((by_days, True), (by_hours, False))
        if whose is not None
        for tile in _plan(finest, until, by_days=has_days)
    ]
    read = await asyncio.gather(
        *(_read_tile(finest, whose, tile, columns) for whose, tile in tiles)
    )
    stored = [one for part in read for one in part]
    is_live = until < window.end
    counted = await tally(until, window.end, source.applications) if is_live else []
    packed = await asyncio.to_thread(pack_tallies, counted, finest.kind)
    live = [(one.start, sums) for one, sums in zip(counted, packed, strict=True)]
    return stored + live, counted


def _live_series(question: Question, counted: Iterable[Tally]) -> Iterable[Names]:
    conditions = question.filters.conditions()
    for live in counted:
        for known, _ in live.users if question.is_by_user else live.cells:
            if all(known.get(name) == value for name, value in conditions.items()):
                number = number_of(live.application_id, question.kind, known)
                yield {**known, "application_id": live.application_id, "number": number}


def _unpack(known: Sequence[Names], stored: Sequence[Stored], wanted: Collection[str]) -> Sums:
    columns = unpack([packed for _, packed in stored], wanted)
    # A name that was stored first stays: somebody who was erased is not named by a later run.
    by_number = {row["number"]: row for row in reversed(known)}
    numbers, series_of_row = np.unique(columns.key, return_inverse=True)
    lengths = [rows_of(packed) for _, packed in stored]
    return Sums(
        [by_number.get(number) for number in numbers.tolist()],
        series_of_row,
        [start for start, _ in stored],
        np.repeat(np.arange(len(stored)), lengths),
        columns,
    )


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
    question: Question, whose: Match, tile: Tile, columns: Collection[str]
) -> list[Stored]:
    name = "users" if question.is_by_user else "cells"
    match: Match = {
        **whose,
        "grain": tile.grain,
        "time_zone": question.window.zone if tile.grain == "day" else "UTC",
        "start": {"$gte": tile.start, "$lt": tile.end},
    }
    wanted = {f"{name}.{column}": 1 for column in ("key", *columns)}
    rows = UsageRollup.collection().find(match, {"start": 1, **wanted}, batch_size=_BATCH)
    return [(row["start"], row.get(name, {})) async for row in rows]
