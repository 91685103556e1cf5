"""Own logarithmic histograms of times, which can be added up and still know their percentiles.

Bin `i` holds the times in (GROWTH**(i-1), GROWTH**i]; a time is told as the one value of its bin
that is wrong by the same share at both ends, (GROWTH - 1) / (GROWTH + 1), at most.
Source: Masson, Rim, Lee, "DDSketch", VLDB 2019, section 2.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

GROWTH: Final = 1.04
RELATIVE_ERROR: Final = (GROWTH - 1) / (GROWTH + 1)
# Times outside are counted in the outermost bins: below a tenth of a millisecond, above 2.7 hours.
SHORTEST_MS: Final = 0.1
LONGEST_MS: Final = 1e7

Counts = NDArray[np.int64]

_PAIR: Final = np.dtype([("bin", "<u2"), ("count", "<u4")])


def _bin_of(value_ms: float) -> int:
    return math.ceil(math.log(value_ms) / math.log(GROWTH) - 1e-9)


_LOWEST: Final = _bin_of(SHORTEST_MS)
BINS: Final = _bin_of(LONGEST_MS) - _LOWEST + 1


def count_times(times_ms: Sequence[float]) -> Counts:
    """Return how many of the times lie in each of the `BINS` bins."""
    clipped = np.clip(np.asarray(times_ms, dtype=np.float64), SHORTEST_MS, LONGEST_MS)
    bins = np.ceil(np.log(clipped) / math.log(GROWTH) - 1e-9).astype(np.int64) - _LOWEST
    return np.bincount(bins, minlength=BINS)


def pack(counts: Counts) -> bytes:
    """Return the bins that are not empty: two bytes of bin and four of count, little-endian."""
    bins = np.flatnonzero(counts)
    pairs = np.empty(len(bins), dtype=_PAIR)
    pairs["bin"] = bins
    pairs["count"] = counts[bins]
    return pairs.tobytes()


def add_packed(packed: Iterable[bytes]) -> Counts:
    """Return the sum of packed histograms."""
    pairs = np.frombuffer(b"".join(packed), dtype=_PAIR)
    return np.bincount(pairs["bin"], weights=pairs["count"], minlength=BINS).astype(np.int64)


def find_quantile(counts: Counts, share: float) -> float | None:
    """Return the time in ms that `share` (0 to 1] of all do not exceed; None when there is none.

    It is the nearest-rank quantile, wrong by `RELATIVE_ERROR` at most.
    """
    total = int(counts.sum())
    if total == 0:
        return None
    rank = max(1, math.ceil(share * total - 1e-9))
    found = int(np.searchsorted(np.cumsum(counts), rank))
    upper = GROWTH ** (found + _LOWEST)
    return 2 * upper / (GROWTH + 1)
