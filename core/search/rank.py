"""Own ranking: which versions may be found, and in which order meaning and words put them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from bson import ObjectId

from core.embeddings.base import Vectors
from core.search.bm25 import WordScores, score_words, terms_asked
from core.search.facts import PromptFacts, VersionFacts
from core.search.postings import Floats, Ints, Mask
from core.search.snapshot import DEAD, Snapshot
from core.search.words import terms_of
from core.values.scope import Scope
from prompthub.wire.literals import PromptState

Places = npt.NDArray[np.int64]

# Meaning counts as the best piece plus half the title. Words are added as their share of what is
# possible, and count the more the more of the query a text holds: a whole one that is met is no
# chance, one word of ten is. Source: measured on 1,040 prompts, benchmarks/search.md; this sum
# beat the fusion of ranks.
TITLE_SHARE: Final = np.float32(0.5)
CHANCE_WEIGHT: Final = np.float32(0.3)
COVERED_WEIGHT: Final = np.float32(1.2)
# Nothing that was meant was farther away, where texts hold the words asked for.
NEAR_ENOUGH: Final = 0.2
# Letters that mean nothing are near something by chance, and nearer among more texts: the greatest
# of n such values grows as the root of 2 ln n. Source: 30 nonsense queries on 5 to 1,040 prompts,
# benchmarks/search.md.
CHANCE: Final = 0.14
LEAST_CHANCE: Final = 0.3
# Whoever types a name or an id means it.
EXACT_BONUS: Final = 1.0
WHOLE: Final = 0.999


@dataclass(frozen=True, slots=True)
class Filters:
    """What is searched: the caller's applications, narrowed."""

    scope: Scope
    application_id: ObjectId | None = None
    tags: frozenset[str] = frozenset()
    folder: str | None = None
    state: PromptState | None = None
    label: str | None = None
    all_versions: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether more than application and state is asked for, which is looked at one by one."""
        return bool(self.tags) or self.folder is not None or self.label is not None

    def admit(self, prompt: PromptFacts) -> bool:
        """Tell whether a prompt of a visible application passes."""
        return (
            _is_in_state(prompt, self.state)
            and self.tags <= prompt.tags
            and (self.folder is None or f"{prompt.folder}/".startswith(f"{self.folder}/"))
            and (self.label is None or self.label in prompt.labels)
        )


class Ranked(NamedTuple):
    """A version found: its score, and the piece that means most the same (None: by words).

    `version` is None for a prompt that has none yet.
    """

    prompt: PromptFacts
    version: VersionFacts | None
    score: float
    piece: tuple[int, int] | None


class Meaning(NamedTuple):
    """For each slot how near its best piece and title are, and where that piece stands."""

    scores: Floats
    starts: Ints
    ends: Ints

    def piece_of(self, slot: int) -> tuple[int, int] | None:
        """Return the span of the nearest piece of a version, None without vectors."""
        start, end = int(self.starts[slot]), int(self.ends[slot])
        return None if end == DEAD else (start, end)


def _is_in_state(prompt: PromptFacts, state: PromptState | None) -> bool:
    if state == "inactive" or not prompt.is_active:
        return state == "inactive" and not prompt.is_active
    return state is None or (prompt.current_version is not None) == (state == "published")


def visible_prompts(now: Snapshot, filters: Filters) -> Mask:
    """Return which prompts the caller may find, before any other filter."""
    if filters.application_id is None and filters.scope.sees_everything:
        return np.ones(len(now.prompts), np.bool_)
    seen = filters.scope.roles if filters.application_id is None else [filters.application_id]
    numbers = [now.applications[key] for key in seen if key in now.applications]
    return np.isin(now.prompt_application, numbers)


def visible_slots(now: Snapshot, filters: Filters) -> Mask:
    """Return which versions the caller may find, before any other filter."""
    slots = now.slot_is_alive if filters.all_versions else now.slot_is_default
    return slots & visible_prompts(now, filters)[now.slot_prompt]


def admitted_slots(now: Snapshot, filters: Filters, visible: Mask) -> Mask:
    """Return which of the visible versions belong to prompts that pass the filters."""
    passing = now.prompt_is_active == (filters.state != "inactive")
    if filters.state in ("published", "draft"):
        passing &= now.prompt_is_published == (filters.state == "published")
    if filters.is_narrow:
        rows = map(int, np.flatnonzero(passing))
        left = [row for row in rows if filters.admit(now.prompts[row])]
        passing = np.zeros_like(passing)
        passing[left] = True
    return visible & passing[now.slot_prompt]


def rank(
    now: Snapshot,
    filters: Filters,
    text: str,
    limit: int,
    meaning_of: Callable[[Mask], Meaning] | None = None,
    *,
    understood: float = 0.0,
) -> list[Ranked]:
    """Return the best versions in order; it computes, so call it in a thread.

    `meaning_of` tells how near the admitted versions are; without it words alone count.
    `understood` is the share of the words whose meaning the embedder knows.
    """
    if not len(now.slot_prompt):
        return []
    visible = visible_slots(now, filters)
    admitted = admitted_slots(now, filters, visible)
    words = terms_of(text)
    beginning = "" if text[-1:].isspace() or not words else words[-1]
    by_words = score_words(now, terms_asked(now, words, beginning), visible)
    scores = by_words.share
    found = admitted & (scores > 0)
    meaning = None if meaning_of is None else meaning_of(admitted)
    if meaning is not None:
        known = max(understood, by_words.known)
        least = _near_enough(int(np.count_nonzero(admitted)), known)
        found |= admitted & (meaning.scores >= least)
        scores = meaning.scores + _weighed(by_words)
    _favour_exact(now, text, scores, found & (by_words.coverage > WHOLE))
    best = _best(scores, np.flatnonzero(found), limit)
    return [_ranked(now, int(slot), scores, meaning) for slot in best]


def _near_enough(count: int, known: float) -> float:
    """Return how near one of `count` texts must be to have been meant.

    The more of the query neither a text holds nor the model understands, the more of what is near
    is chance.
    """
    chance = max(LEAST_CHANCE, CHANCE * math.sqrt(2 * math.log(max(count, 1))))
    return known * NEAR_ENOUGH + (1 - known) * chance


def _weighed(words: WordScores) -> Floats:
    weights = CHANCE_WEIGHT + COVERED_WEIGHT * words.coverage**2
    return (words.share * weights).astype(np.float32)


def score_meaning(now: Snapshot, vector: Vectors, admitted: Mask) -> Meaning:
    """Return how near each admitted version is to a vector of unit length."""
    rows = np.flatnonzero((now.row_slot >= 0) & admitted[now.row_slot])
    if not len(rows):
        near = np.zeros(0, np.float32)
    elif len(rows) * 4 > len(now.row_slot):
        near = (now.vectors @ vector)[rows]
    else:
        near = now.vectors[rows] @ vector
    return combine(
        len(admitted),
        slots=now.row_slot[rows],
        near=near,
        is_title=now.row_is_title[rows],
        starts=now.row_start[rows],
        ends=now.row_end[rows],
    )


def combine(
    count: int, *, slots: Ints, near: Floats, is_title: Mask, starts: Ints, ends: Ints
) -> Meaning:
    """Return for each of `count` slots its nearest body piece plus its share of the title."""
    scores = np.zeros(count, np.float32)
    first, last = np.full(count, DEAD, np.int32), np.full(count, DEAD, np.int32)
    body = np.flatnonzero(~is_title)
    body = body[np.argsort(near[body])]  # the nearest of a slot is written last and stays
    scores[slots[body]] = near[body]
    first[slots[body]], last[slots[body]] = starts[body], ends[body]
    scores[slots[is_title]] += TITLE_SHARE * near[is_title]
    return Meaning(scores, first, last)


def _favour_exact(now: Snapshot, text: str, scores: Floats, whole: Mask) -> None:
    """Raise the versions of prompts named so; `whole` are those that hold every word."""
    exact = [
        row
        for row in map(int, np.unique(now.slot_prompt[whole]))
        if is_called(now.prompts[row], text)
    ]
    if exact:
        scores[whole & np.isin(now.slot_prompt, exact)] += EXACT_BONUS


def is_called(prompt: PromptFacts, text: str) -> bool:
    """Tell whether a text is the name or the id of a prompt."""
    return " ".join(text.split()).casefold() in (prompt.prompt_id, prompt.name.casefold())


def _best(scores: Floats, slots: Places, limit: int) -> list[int]:
    """Return the slots with the greatest scores in order; equal ones in the order of creation."""
    if len(slots) > limit:
        slots = slots[np.argpartition(-scores[slots], limit - 1)[:limit]]
    return slots[np.lexsort((slots, -scores[slots]))].tolist()


def _ranked(now: Snapshot, slot: int, scores: Floats, meaning: Meaning | None) -> Ranked:
    piece = None if meaning is None else meaning.piece_of(slot)
    prompt = now.prompts[int(now.slot_prompt[slot])]
    return Ranked(prompt, now.versions[slot], float(scores[slot]), piece)
