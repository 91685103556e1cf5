"""Own ranking by words: BM25 over the versions a caller sees, as a share of what is possible."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from core.search.postings import Floats, Ints, Mask
from core.search.snapshot import Snapshot

# Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009); the values are
# those of Lucene, and measured here.
K1: Final = 1.2
B: Final = 0.75
# A word that is still being typed stands for at most so many words that begin so.
MAX_COMPLETIONS: Final = 200
SHORTEST_BEGINNING: Final = 2


class Term(NamedTuple):
    """One word asked for, by the numbers of the terms that it may be."""

    numbers: tuple[int, ...]


def terms_asked(now: Snapshot, words: Sequence[str], beginning: str = "") -> list[Term]:
    """Return the words asked for; `beginning` is the last one while it may go on.

    A word that no text holds stays, as it says that something is missing; a beginning that no
    text holds as a word stands for all words that begin so.
    """
    asked: list[Term] = []
    for word in dict.fromkeys(words):
        number = now.vocabulary.find(word)
        if number is not None:
            asked.append(Term((number,)))
        elif word == beginning and len(word) >= SHORTEST_BEGINNING:
            asked.append(Term(tuple(now.vocabulary.beginning_with(word)[:MAX_COMPLETIONS])))
        else:
            asked.append(Term(()))
    return asked


class WordScores(NamedTuple):
    """For each slot: BM25 as a share of what is possible, and how much of the query it holds.

    A `share` of 1 is what a text would reach that holds every word very often; a word counts to
    the `coverage` by how rare it is. `known` is how much of the query any of the texts hold. All
    are from 0 to 1.
    """

    share: Floats
    coverage: Floats
    known: float


def score_words(now: Snapshot, asked: Sequence[Term], visible: Mask) -> WordScores:
    """Return how well the words of each slot match.

    Only visible slots count, also in how rare a word is: what a caller may not see changes
    nothing.
    """
    scores = np.zeros(len(now.slot_prompt), np.float32)
    covered = np.zeros_like(scores)
    count = int(np.count_nonzero(visible))
    if not count or not asked:
        return WordScores(scores, covered, 0.0)
    mean_length = max(float(now.slot_length[visible].mean()), 1.0)
    rarity = known = 0.0
    for term in asked:
        slots, counts = _places(now, term, visible)
        holding = len(np.unique(slots)) if len(term.numbers) > 1 else len(slots)
        idf = float(np.log(1 + (count - holding + 0.5) / (holding + 0.5)))
        rarity += idf
        known += idf if holding else 0.0
        norm = K1 * (1 - B + B * now.slot_length[slots] / mean_length)
        np.maximum.at(found := np.zeros_like(scores), slots, counts * (K1 + 1) / (counts + norm))
        scores += np.float32(idf) * found
        covered += np.float32(idf) * (found > 0)
    share, coverage = scores / np.float32(rarity * (K1 + 1)), covered / np.float32(rarity)
    return WordScores(share, coverage, known / rarity)


def _places(now: Snapshot, term: Term, visible: Mask) -> tuple[Ints, Floats]:
    found = [segment.find(number) for segment in now.segments for number in term.numbers]
    if not found:
        return np.zeros(0, np.int32), np.zeros(0, np.float32)
    slots = now.text_slot[np.concatenate([texts for texts, _ in found])]
    counts = np.concatenate([counts for _, counts in found])
    seen = (slots >= 0) & visible[slots]
    return slots[seen], counts[seen]
