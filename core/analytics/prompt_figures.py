"""Own the figures of single prompts and versions, as lists show them beside each name."""

import asyncio
from collections.abc import Callable, Collection, Hashable
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar

import numpy as np
from bson import ObjectId

from core import clock
from core.analytics.figures import Figures, to_figures
from core.analytics.histogram import Ints
from core.analytics.question import Part, Question
from core.analytics.read import Sums, read_sums
from core.analytics.series import Names
from core.analytics.source import find_source
from core.analytics.window import DEFAULT_DAYS, make_window
from core.values.scope import Scope

# The application and the readable id, which is how runs name their prompt.
PromptName = tuple[ObjectId, str]
Key = TypeVar("Key", bound=Hashable)

_PARTS: Final[frozenset[Part]] = frozenset({"counts", "costs", "times", "ratings"})


async def figures_of(
    scope: Scope, prompts: Collection[PromptName], *, days: int = DEFAULT_DAYS
) -> dict[PromptName, Figures]:
    """Return what was used of each prompt in the last days, read at once for all of them.

    Prompts that were not run, and those of applications that the caller does not see, are left
    out; how runs ended is not told.

    Raises:
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    wanted = {one for one in prompts if scope.role_in(one[0]) is not None}
    if not wanted:
        return {}
    sums = await _read(scope, wanted, days)
    return await asyncio.to_thread(
        _fold, sums, lambda row: name if (name := _name_of(row)) in wanted else None
    )


async def figures_by_version(
    scope: Scope, prompt: PromptName, *, days: int = DEFAULT_DAYS
) -> dict[str, Figures]:
    """Return the same of one prompt by version; versions that were not run are left out.

    Raises:
        NotAllowed: an application asks with its key.
    """
    scope.refuse_application()
    if scope.role_in(prompt[0]) is None:
        return {}
    sums = await _read(scope, {prompt}, days)
    return await asyncio.to_thread(
        _fold, sums, lambda row: row.get("version") if _name_of(row) == prompt else None
    )


async def _read(scope: Scope, wanted: Collection[PromptName], days: int) -> Sums:
    window = make_window(clock.now() - timedelta(days=days))
    ids = tuple(sorted({prompt_id for _, prompt_id in wanted}))
    question = Question(window=window, parts=_PARTS)
    source = await find_source(scope, question.filters, window.zone)
    applications = {application_id for application_id, _ in wanted}
    source = replace(source, applications=tuple(applications))
    (found,) = await read_sums([question], source, prompt_ids=ids)
    return found


def _name_of(row: Names) -> PromptName:
    return row["application_id"], row.get("prompt_id") or ""


def _fold(sums: Sums, key_of: Callable[[Names], Key | None]) -> dict[Key, Figures]:
    """Add up the series of each key; those without one are left out."""
    key_of_series = [None if one is None else key_of(one) for one in sums.series]
    keys = list(dict.fromkeys(key for key in key_of_series if key is not None))
    place_of: dict[Key | None, int] = {key: place for place, key in enumerate(keys)}
    places: Ints = np.array([place_of.get(key, -1) for key in key_of_series], np.int64)
    found = to_figures(sums.columns.grouped(places[sums.series_of_row]))
    return {keys[place]: figures for place, figures in found.items() if _is_used(figures)}


def _is_used(figures: Figures) -> bool:
    return figures.runs > 0 or any(figures.stars)
