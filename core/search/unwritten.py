"""Own finding prompts that have no version yet: by the words of name, id, folder and tags."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.search.facts import PromptFacts, named_by
from core.search.rank import EXACT_BONUS, Filters, Ranked, is_called, visible_prompts
from core.search.snapshot import Snapshot
from core.search.words import terms_of

# All words asked for are held, as by the best of those that have a text.
NAMED_SCORE: Final = 1.0


def rank_unwritten(now: Snapshot, filters: Filters, text: str) -> list[Ranked]:
    """Return the prompts without a version that hold every word; call it in a thread.

    The last word may be a beginning, as in a search of texts.
    """
    words = terms_of(text)
    beginning = "" if text[-1:].isspace() or not words else words[-1]
    return [
        Ranked(prompt, None, NAMED_SCORE + (EXACT_BONUS if is_called(prompt, text) else 0), None)
        for prompt in _unwritten(now, filters)
        if words and filters.admit(prompt) and _holds(prompt, words, beginning)
    ]


def _unwritten(now: Snapshot, filters: Filters) -> list[PromptFacts]:
    without = visible_prompts(now, filters)
    without[now.slot_prompt[now.slot_is_alive]] = False
    return [now.prompts[row] for row in map(int, np.flatnonzero(without))]


def _holds(prompt: PromptFacts, words: Sequence[str], beginning: str) -> bool:
    named = named_by(prompt)
    terms = {*named.title, *named.beside, *terms_of(prompt.description)}
    return all(
        word in terms or (word == beginning and any(term.startswith(word) for term in terms))
        for word in words
    )
