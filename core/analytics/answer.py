"""Own answering a question: sums are grouped, the largest groups told apart, the rest together."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np

from core.analytics.columns import Columns
from core.analytics.figures import Figures, to_figures
from core.analytics.histogram import Ints
from core.analytics.question import Filters, Group, Order, Question
from core.analytics.read import Sums, read_sums
from core.analytics.series import Kind, Names
from core.analytics.source import find_source
from core.errors import Invalid
from core.values.scope import Scope

Keys = tuple[tuple[str, str | None], ...]

# Two years of hours; each group of each bucket is one.
MAX_ITEMS: Final = 20_000
_STATUSES: Final = ("success", "failed", "timeout", "blocked", "cancelled")


class Item(NamedTuple):
    """The figures of one group in one bucket.

    `keys` are the names of the group (empty for the rest); `bucket` is when the bucket begins.
    """

    bucket: datetime | None
    keys: dict[str, str | None]
    is_other: bool
    figures: Figures


class Answer(NamedTuple):
    """Items by bucket and then by size, the figures of everything together, and how many groups."""

    items: list[Item]
    totals: Figures
    groups: int


async def answer(scope: Scope, question: Question) -> Answer:
    """Return the figures asked for.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
        Invalid: people are asked for in a way that is not counted, or for too many items.
    """
    return (await answer_all(scope, [question]))[question]


async def answer_all(scope: Scope, questions: Sequence[Question]) -> dict[Question, Answer]:
    """Return the figures asked for by several questions; what more of them need is read once.

    Raises:
        NotFound, NotAllowed, Invalid: as `answer` does.
    """
    alike: dict[tuple[Filters, str, Kind], list[Question]] = {}
    for question in questions:
        question.check()
        place = question.filters, question.window.zone, question.kind
        alike.setdefault(place, []).append(question)
    found = await asyncio.gather(*(_answer_alike(scope, asked) for asked in alike.values()))
    return {question: told for part in found for question, told in part.items()}


async def _answer_alike(scope: Scope, asked: Sequence[Question]) -> dict[Question, Answer]:
    source = await find_source(scope, asked[0].filters, asked[0].window.zone)
    sums = await read_sums(asked, source)
    return await asyncio.to_thread(lambda: dict(zip(asked, map(_fold, asked, sums), strict=True)))


class _Groups(NamedTuple):
    """The groups in order of size, and for each row of the sums its group and status."""

    keys: list[Keys]
    of_row: Ints
    status_of_row: Ints


def _fold(question: Question, sums: Sums) -> Answer:
    columns = sums.columns.only(question.columns)
    groups = _group(question, sums, columns)
    shown = min(len(groups.keys), question.top)
    _require_few(question, min(len(groups.keys), shown + 1))
    # All groups beyond the top share the next number.
    told = np.minimum(groups.of_row, shown)
    width = shown + 1
    slots = np.where(groups.of_row < 0, -1, sums.places(question.window) * width + told)
    merged = columns.grouped(slots)
    found = to_figures(merged)
    _add_statuses(found, columns, slots, groups.status_of_row)
    totals = to_figures(merged.grouped(np.zeros_like(merged.key))).get(0, Figures())
    for status in _STATUSES:
        if count := sum(figures.count(status) for figures in found.values()):
            totals.by_status[status] = count
    labels = question.window.labels
    items = [
        Item(
            bucket=labels[slot // width] if labels else None,
            keys=dict(groups.keys[slot % width]) if slot % width < shown else {},
            is_other=slot % width == shown,
            figures=figures,
        )
        for slot, figures in sorted(found.items())
    ]
    return Answer(items, totals, len(groups.keys))


def _require_few(question: Question, groups: int) -> None:
    if max(1, len(question.window.labels)) * groups > MAX_ITEMS:
        raise Invalid(
            f"The answer would have more than {MAX_ITEMS} items.",
            field="bucket",
            remedy="Ask for longer buckets, for a shorter window, or for a lower `top`.",
        )


def _add_statuses(
    found: dict[int, Figures], columns: Columns, slots: Ints, status_of_row: Ints
) -> None:
    kinds = len(_STATUSES) + 1
    ended = columns.only({"runs"}).grouped(np.where(slots < 0, -1, slots * kinds + status_of_row))
    for key, count in zip(ended.key.tolist(), ended.column("runs").tolist(), strict=True):
        slot, status = divmod(key, kinds)
        if count and status < len(_STATUSES):
            found[slot].by_status[_STATUSES[status]] = count


def _group(question: Question, sums: Sums, columns: Columns) -> _Groups:
    """Find the group of each row, by its series; a series that does not match has none."""
    # Where only ratings were given, there is nothing to tell of anything else.
    is_told = np.any([column != 0 for column in columns.counts.values()], axis=0)
    told = set(np.unique(sums.series_of_row[is_told]).tolist())
    series = [one if place in told else None for place, one in enumerate(sums.series)]
    keys = [None if one is None else _keys(question.group_by, one) for one in series]
    sizes: dict[Keys, Any] = {}
    size_of = _sizes(columns, sums.series_of_row, len(series), question.order)
    for key, size in zip(keys, size_of, strict=True):
        if key is not None:
            sizes[key] = sizes.get(key, 0) + size
    ranked = sorted(sizes, key=lambda key: (-sizes[key], str(key)))
    rank = {key: number for number, key in enumerate(ranked)}
    group_of = np.array([-1 if key is None else rank[key] for key in keys], np.int64)
    status_of = np.array([_status(one) for one in series], np.int64)
    group_of_row = np.where(is_told, group_of[sums.series_of_row], -1)
    return _Groups(ranked, group_of_row, status_of[sums.series_of_row])


def _sizes(columns: Columns, series_of_row: Any, count: int, order: Order) -> list[float]:
    # An order needs no exact sum.
    weights = columns.column("runs" if order == "runs" else "cost_nano")
    return np.bincount(series_of_row, weights=weights, minlength=count).tolist()


def _status(series: Names | None) -> int:
    status = None if series is None else series.get("status")
    return _STATUSES.index(status) if status in _STATUSES else len(_STATUSES)


def _keys(groups: Iterable[Group], series: Names) -> Keys:
    found: dict[str, str | None] = {}
    for group in groups:
        found |= _names(group, series)
    return tuple(found.items())


def _names(group: Group, series: Names) -> dict[str, str | None]:
    application_id = str(series["application_id"])
    match group:
        case "application":
            return {"application_id": application_id}
        case "prompt" | "version":
            # A readable id means one prompt within its application only.
            names = {"application_id": application_id, "prompt_id": series.get("prompt_id")}
            return names if group == "prompt" else {**names, "version": series.get("version")}
        case "model":
            provider = series.get("provider")
            return {"model": f"{provider}/{series.get('model')}" if provider else ""}
        case "provider" | "status":
            return {group: series.get(group) or ("" if group == "provider" else None)}
        case "user":
            user_id = series.get("user_id")
            return {"user_id": None if user_id is None else str(user_id)}
