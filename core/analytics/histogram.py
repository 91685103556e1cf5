"""Own logarithmic bins of times, which can be added up and still know their percentiles.

Bin `i` holds the times in (GROWTH**(i-1), GROWTH**i]; a time is told as the one value of its bin
that is wrong by the same share at both ends, (GROWTH - 1) / (GROWTH + 1), at most.
Source: Masson, Rim, Lee, "DDSketch", VLDB 2019, section 2.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

GROWTH: Final = 1.04
RELATIVE_ERROR: Final = (GROWTH - 1) / (GROWTH + 1)
# Times outside are counted in the outermost bins: below a tenth of a millisecond, above 2.7 hours.
SHORTEST_MS: Final = 0.1
LONGEST_MS: Final = 1e7

Ints = NDArray[np.int64]


def bins_of(times_ms: Sequence[float]) -> Ints:
    """Return the bin of each time."""
    clipped = np.clip(np.asarray(times_ms, dtype=np.float64), SHORTEST_MS, LONGEST_MS)
    # A time that is a power of GROWTH but for rounding belongs into the bin that it closes.
    return np.ceil(np.log(clipped) / math.log(GROWTH) - 1e-9).astype(np.int64) - _LOWEST


_LOWEST: Final = math.ceil(math.log(SHORTEST_MS) / math.log(GROWTH) - 1e-9)
BINS: Final = math.ceil(math.log(LONGEST_MS) / math.log(GROWTH) - 1e-9) - _LOWEST + 1


def times_of(bins: Ints) -> NDArray[np.float64]:
    """Return the times in ms that bins stand for, each wrong by `RELATIVE_ERROR` at most."""
    return 2 / (GROWTH + 1) * GROWTH ** (bins + _LOWEST).astype(np.float64)


def find_quantiles(bins: Ints, counts: Ints, edges: Ints, share: float) -> list[float | None]:
    """Return, for each histogram, the time in ms that `share` (0 to 1] of its times do not exceed.

    Histograms lie between `edges`, their bins in order, each with its count; an empty one has
    None. It is the nearest-rank quantile, wrong by `RELATIVE_ERROR` at most.
    """
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    before, totals = sums[edges[:-1]], np.diff(sums[edges])
    ranks = np.maximum(1, np.ceil(share * totals - 1e-9)).astype(np.int64)
    places = np.searchsorted(sums[1:], before + ranks)
    has_some = totals > 0
    found: list[float | None] = [None] * len(totals)
    times = times_of(bins[places[has_some]]).tolist()
    for place, time_ms in zip(np.flatnonzero(has_some).tolist(), times, strict=True):
        found[place] = time_ms
    return found
