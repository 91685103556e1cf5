"""Own robust figures of many rows at once; hours without a value are NaN and count for nothing."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

DAY: Final = 24
WEEK: Final = 168
# Five weeks know each hour of the week five times, and forget within a month.
HISTORY: Final = 5 * WEEK
MIN_KNOWN: Final = 4


def count(values: Floats) -> Floats:
    """Return how many values each row has."""
    return np.isfinite(values).sum(axis=-1).astype(np.float64)


def quantile(values: Floats, share: float) -> Floats:
    """Return what `share` of the values of each row do not exceed; NaN without any.

    Between two values lies their mean.
    """
    ranked = np.sort(values, axis=-1)  # NaN come last
    last = np.maximum(count(values) - 1, 0) * share
    lower = np.take_along_axis(ranked, np.floor(last).astype(np.int64)[..., None], axis=-1)
    upper = np.take_along_axis(ranked, np.ceil(last).astype(np.int64)[..., None], axis=-1)
    return ((lower + upper) / 2)[..., 0]


def median(values: Floats) -> Floats:
    """Return the median of each row; NaN without any value."""
    return quantile(values, 0.5)


def mean(values: Floats) -> Floats:
    """Return the mean of each row; 0 without any value."""
    return np.nansum(values, axis=-1) / np.maximum(count(values), 1)


def variance(values: Floats) -> Floats:
    """Return the variance of each row; 0 without any value."""
    return mean(values**2) - mean(values) ** 2


def clustering(values: Floats) -> Floats:
    """Return by how much sums of a day or a quarter of it vary more than those of unrelated hours.

    1 where hours know nothing of each other; hours that resemble the ones before give more.
    """
    whole = variance(values)
    found = np.ones(len(values))
    for width in (DAY // 4, DAY):
        blocks = values.reshape(len(values), -1, width)
        counts = count(blocks)
        sums = np.nansum(blocks - mean(values)[:, None, None], axis=-1)
        # The variance of a sum of unrelated hours grows with their number.
        ratio = (sums**2).sum(axis=-1) / np.maximum(counts.sum(axis=-1), 1)
        found = np.maximum(found, ratio / np.maximum(whole, 1e-12))
    return found


def by_slot(values: Floats) -> tuple[Floats, Floats]:
    """Return median and number of values of each hour of the week, of a history of whole weeks.

    The hours before and after count as well. An hour that is known less than four times takes
    what is usual at its hour of the day, and that of all hours where this is not known either.
    """
    rows = len(values)
    near = np.stack([np.roll(values, shift, axis=1) for shift in (-1, 0, 1)], axis=1)
    weekly = near.reshape(rows, -1, WEEK).transpose(0, 2, 1)
    daily = near.reshape(rows, -1, DAY).transpose(0, 2, 1)
    found, known = median(weekly), count(weekly)
    of_day = np.tile(median(daily), 7), np.tile(count(daily), 7)
    of_all = (np.broadcast_to(one[:, None], found.shape) for one in (median(values), count(values)))
    for other, others_known in (of_day, tuple(of_all)):
        is_thin = known < MIN_KNOWN
        found, known = np.where(is_thin, other, found), np.where(is_thin, others_known, known)
    return found, known
