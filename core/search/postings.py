"""Own the postings of words: immutable segments of which text holds which term how often."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

# More segments make a query slower; merging the smaller half costs little.
MAX_SEGMENTS: Final = 8
TITLE_WEIGHT: Final = 3


class Segment(NamedTuple):
    """Postings sorted by term: `texts[starts[i]:starts[i+1]]` hold the i-th of `terms`."""

    terms: Ints
    starts: npt.NDArray[np.int64]
    texts: Ints
    counts: Floats

    def find(self, term: int) -> tuple[Ints, Floats]:
        """Return the texts that hold a term, and how often."""
        at = int(np.searchsorted(self.terms, term))
        if at == len(self.terms) or self.terms[at] != term:
            return self.texts[:0], self.counts[:0]
        first, last = self.starts[at], self.starts[at + 1]
        return self.texts[first:last], self.counts[first:last]


def weigh_terms(title: Sequence[str], body: Iterable[str]) -> Counter[str]:
    """Return how much each term counts in a text, those of the title three times."""
    counts = Counter(body)
    for term in title:
        counts[term] += TITLE_WEIGHT
    return counts


class Vocabulary:
    """Numbers of terms; they are only ever added, so that readers need no lock."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def number(self, term: str) -> int:
        """Return the number of a term, giving it one when it is new."""
        return self._numbers.setdefault(term, len(self._numbers))

    def find(self, term: str) -> int | None:
        """Return the number of a term, None when no text ever held it."""
        return self._numbers.get(term)

    def beginning_with(self, beginning: str) -> list[int]:
        """Return the numbers of all terms that begin so."""
        known = tuple(self._numbers.items())
        return [number for term, number in known if term.startswith(beginning)]


def make_segment(vocabulary: Vocabulary, texts: Iterable[tuple[int, Counter[str]]]) -> Segment:
    """Return the postings of texts, each given by its number and the weight of its terms."""
    terms: list[int] = []
    numbers: list[int] = []
    counts: list[int] = []
    for number, weights in texts:
        terms += [vocabulary.number(term) for term in weights]
        numbers += [number] * len(weights)
        counts += weights.values()
    return _sorted(
        np.array(terms, np.int32), np.array(numbers, np.int32), np.array(counts, np.float32)
    )


def _sorted(terms: Ints, texts: Ints, counts: Floats) -> Segment:
    order = np.argsort(terms, kind="stable")
    distinct, first = np.unique(terms[order], return_index=True)
    return Segment(distinct, np.append(first, len(terms)), texts[order], counts[order])


def with_segment(segments: tuple[Segment, ...], new: Segment) -> tuple[Segment, ...]:
    """Return the segments with one more; the smaller half becomes one when there are many."""
    if not len(new.texts):
        return segments
    by_size = sorted((*segments, new), key=lambda one: len(one.texts), reverse=True)
    if len(by_size) <= MAX_SEGMENTS:
        return tuple(by_size)
    kept, small = by_size[: MAX_SEGMENTS // 2], by_size[MAX_SEGMENTS // 2 :]
    return (*kept, _merged(small))


def _merged(segments: Sequence[Segment]) -> Segment:
    return _sorted(
        np.concatenate([np.repeat(one.terms, np.diff(one.starts)) for one in segments]),
        np.concatenate([one.texts for one in segments]),
        np.concatenate([one.counts for one in segments]),
    )
