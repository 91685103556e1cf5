"""Own how near whole texts are to one another: the cosine of the means of their pieces."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from core.embeddings.base import Vectors
from core.search.postings import Floats, Mask
from core.search.snapshot import Snapshot

# Rows compared with all others at once: 20 MB for 5,000 versions.
BLOCK: Final = 1024

Places = npt.NDArray[np.int64]


class Means(NamedTuple):
    """Unit-length means of the body pieces of versions: a row for each of `slots`."""

    slots: Places
    vectors: Vectors


class Pair(NamedTuple):
    """Two versions by their slots, and how near they are."""

    one: int
    other: int
    cosine: float


def means_of(now: Snapshot, chosen: Mask) -> Means:
    """Return the means of the chosen versions; those without vectors are left out."""
    rows = np.flatnonzero((now.row_slot >= 0) & ~now.row_is_title & chosen[now.row_slot])
    if not len(rows):
        return Means(np.zeros(0, np.int64), np.zeros((0, 0), np.float32))
    rows = rows[np.argsort(now.row_slot[rows], kind="stable")]
    slots, starts = np.unique(now.row_slot[rows], return_index=True)
    sums = np.add.reduceat(now.vectors[rows], starts, axis=0)
    lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), np.float32(1e-9))
    return Means(slots.astype(np.int64), (sums / lengths).astype(np.float32))


def cosines_to(now: Snapshot, vector: Vectors, chosen: Mask) -> Floats:
    """Return for each slot how near its mean is to the vector; 0 where it has no vectors."""
    means = means_of(now, chosen)
    near = np.zeros(len(chosen), np.float32)
    if len(means.slots):
        near[means.slots] = means.vectors @ vector
    return near


def pairs_from(means: Means, least: float) -> Iterator[Pair]:
    """Yield each pair of versions that are at least so near; it computes for long."""
    for start in range(0, len(means.slots), BLOCK):
        near = means.vectors[start : start + BLOCK] @ means.vectors[start:].T
        for row, column in np.argwhere(near >= least):
            if column > row:
                one, other = means.slots[start + row], means.slots[start + column]
                yield Pair(int(one), int(other), float(near[row, column]))
