"""Own answering a question: sums are grouped, the largest groups told apart, the rest together."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from bson import ObjectId

from core.analytics.figures import Figures
from core.analytics.question import Group, Order, Question
from core.analytics.read import Sums, find_source, read_sums
from core.values.scope import Scope

Keys = tuple[tuple[str, str | None], ...]


class Item(NamedTuple):
    """The figures of one group in one bucket.

    `keys` are the names of the group (empty for the rest); `bucket` is when the bucket begins.
    """

    bucket: datetime | None
    keys: dict[str, str | None]
    is_other: bool
    figures: Figures


class Answer(NamedTuple):
    """Items by bucket and then by size, and the figures of everything together."""

    items: list[Item]
    totals: Figures
    groups: int


async def answer(scope: Scope, question: Question) -> Answer:
    """Return the figures asked for.

    Raises:
        NotFound: the application asked for is not visible.
        NotAllowed: an application asks with its key.
        Invalid: people are asked for in a way that is not counted.
    """
    question.check()
    source = await find_source(scope, question)
    sums = [one async for one in read_sums(question, source)]
    return await asyncio.to_thread(_fold, question, sums)


def _fold(question: Question, sums: Iterable[Sums]) -> Answer:
    found: dict[Keys, dict[int, Figures]] = {}
    totals = Figures()
    for one in sums:
        place = question.window.place_of(one.start)
        for cell in one.cells:
            keys = _keys(question.group_by, one.application_id, cell)
            found.setdefault(keys, {}).setdefault(place, Figures()).add(cell)
    for places in found.values():
        for figures in places.values():
            totals.merge(figures)
    ranked = sorted(found, key=lambda keys: _size(found[keys], question.order), reverse=True)
    items = [item for keys in ranked[: question.top] for item in _items(question, keys, found)]
    rest: dict[int, Figures] = {}
    for keys in ranked[question.top :]:
        for place, figures in found[keys].items():
            rest.setdefault(place, Figures()).merge(figures)
    items += _items(question, (), {(): rest}, is_other=True)
    items.sort(key=lambda item: (item.bucket is not None, item.bucket))
    return Answer(items, totals, len(found))


def _items(
    question: Question, keys: Keys, found: dict[Keys, dict[int, Figures]], *, is_other: bool = False
) -> list[Item]:
    labels = question.window.labels
    return [
        Item(labels[place] if labels else None, dict(keys), is_other, figures)
        for place, figures in sorted(found[keys].items())
    ]


def _size(places: dict[int, Figures], order: Order) -> Any:
    return sum(getattr(figures, order) for figures in places.values())


def _keys(groups: Iterable[Group], application_id: ObjectId, cell: dict[str, Any]) -> Keys:
    found: dict[str, str | None] = {}
    for group in groups:
        found |= _names(group, application_id, cell)
    return tuple(found.items())


def _names(group: Group, application_id: ObjectId, cell: dict[str, Any]) -> dict[str, str | None]:
    match group:
        case "application":
            return {"application_id": str(application_id)}
        case "prompt" | "version":
            # A readable id means one prompt within its application only.
            names = {"application_id": str(application_id), "prompt_id": cell.get("prompt_id")}
            return names if group == "prompt" else {**names, "version": cell.get("version")}
        case "model":
            provider = cell.get("provider")
            return {"model": f"{provider}/{cell.get('model')}" if provider else ""}
        case "provider" | "status":
            return {group: cell.get(group)}
        case "user":
            user_id = cell.get("user_id")
            return {"user_id": None if user_id is None else str(user_id)}
