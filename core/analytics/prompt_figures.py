"""Own the figures of single prompts, as lists of prompts show them beside each name."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Final

import numpy as np
from bson import ObjectId

from core import clock
from core.analytics.figures import Figures, to_figures
from core.analytics.histogram import Ints
from core.analytics.question import Part, Question
from core.analytics.read import Sums, find_source, read_sums
from core.analytics.window import DEFAULT_DAYS, make_window
from core.values.scope import Scope

# The application and the readable id, which is how runs name their prompt.
PromptName = tuple[ObjectId, str]

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
    window = make_window(clock.now() - timedelta(days=days))
    ids = tuple(sorted({prompt_id for _, prompt_id in wanted}))
    question = Question(window=window, parts=_PARTS)
    source = await find_source(scope, question)
    applications = {application_id for application_id, _ in wanted}
    source = replace(
        source,
        by_days=tuple(one for one in source.by_days if one in applications),
        by_hours=tuple(one for one in source.by_hours if one in applications),
    )
    sums = await read_sums(question, source, prompt_ids=ids)
    return await asyncio.to_thread(_fold, wanted, sums)


def _fold(wanted: Collection[PromptName], sums: Sums) -> dict[PromptName, Figures]:
    names = sorted(wanted)
    place_of = {name: place for place, name in enumerate(names)}
    of_series: dict[int, int] = {
        row["number"]: place_of.get((row["application_id"], row.get("prompt_id") or ""), -1)
        for row in sums.series
    }
    numbers, series_of_row = np.unique(sums.columns.key, return_inverse=True)
    places: Ints = np.array([of_series.get(one, -1) for one in numbers.tolist()], np.int64)
    found = to_figures(sums.columns.grouped(places[series_of_row]))
    return {names[place]: figures for place, figures in found.items() if _is_used(figures)}


def _is_used(figures: Figures) -> bool:
    return figures.runs > 0 or any(figures.stars)
