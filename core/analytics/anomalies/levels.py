"""Own judging figures per run - tokens, cost, latency - against what is usual at their hour.

Values are logarithms, so that a difference is a ratio. What is usual is the median of the hour of
the week, its spread the median absolute deviation from it. A single hour is a spike when it lies
beyond a quantile that is extrapolated from the tenth of the hours which are highest; a lasting
shift is found by a cumulative sum.
Source: Siffer et al., "Anomaly Detection in Streams with Extreme Value Theory", KDD 2017 (peaks
over a threshold, here with an exponential tail); Page, "Continuous inspection schemes",
Biometrika 41 (1954); Lorden, Annals of Mathematical Statistics 42 (1971): a cumulative sum of
logarithmic likelihood ratios that may reach `h` does so in exp(h) steps on average, at least.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from core.analytics.anomalies.robust import (
    HISTORY,
    WEEK,
    Flags,
    Floats,
    Ints,
    by_slot,
    clustering,
    count,
    mean,
    median,
    quantile,
    variance,
)

# One false alarm in ten million hours (60,000 weeks) of a series whose model holds. The stated rate
# is one in a thousand weeks: the rest is room for series whose model does not quite hold.
ALARM_SHARE: Final = 1e-7
MIN_SPIKE_RUNS: Final = 10
MIN_SPAN: Final = WEEK
MIN_HOURS: Final = 48
MIN_SCORE: Final = 6.0
MIN_SPIKE: Final = math.log(1.5)
MIN_SHIFT: Final = math.log(1.2)
# Spreads below one hundredth are of no interest to anybody.
MIN_SPREAD: Final = 0.01
# How far back a shift may have begun, in hours.
LOOK_BACK: Final = 96
_CLIP: Final = 4.0
_DRIFT: Final = 0.5
LIMIT: Final = -math.log(ALARM_SHARE)
_HIGH: Final = 0.9


class Alarm(NamedTuple):
    """Row `row` was unusual from hour `start` on, which was clear in hour `hour`."""

    row: int
    start: int
    hour: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual in each hour, history included, as logarithms; `spread` is that of an hour."""

    expected: Floats
    spread: Floats
    score: Floats
    is_ready: Flags
    hours: Floats


def fit(values: Floats, runs: Floats) -> Baseline:
    """Return what is usual, learnt from the first `HISTORY` hours; all may be scored by it.

    Means of few runs spread more: by the root of how many there usually are to how many there
    were.
    """
    history = values[:, :HISTORY]
    slots, known = by_slot(history)
    slot_of: Ints = np.arange(values.shape[1], dtype=np.int64) % WEEK
    expected = slots[:, slot_of]
    usual_runs = median(np.where(np.isfinite(history), runs[:, :HISTORY], np.nan))[:, None]
    few = np.sqrt(np.maximum(1, usual_runs / np.maximum(runs, 1)))
    spread = 1.4826 * median(np.abs(history - expected[:, :HISTORY]) / few[:, :HISTORY])
    # What an hour is measured against is itself a median of some hours, of which it was one.
    doubt = np.sqrt((1 + 1.57 / np.maximum(known, 1)) / (1 - 1 / np.maximum(known, 2)))
    spread = np.maximum(spread, MIN_SPREAD)[:, None] * few * doubt[:, slot_of]
    first = np.argmax(np.isfinite(history), axis=1)
    hours = count(history)
    return Baseline(
        expected=expected,
        spread=spread,
        score=(values - expected) / spread,
        is_ready=(hours >= MIN_HOURS) & (HISTORY - first >= MIN_SPAN),
        hours=hours,
    )


def find_spikes(values: Floats, runs: Floats, baseline: Baseline) -> list[Alarm]:
    """Return for each row the first hour after the history that lies far above what is usual."""
    rise = values - baseline.expected
    far = baseline.score > _spike_limit(baseline)[:, None]
    far &= baseline.is_ready[:, None] & (runs >= MIN_SPIKE_RUNS) & (rise > MIN_SPIKE)
    far[:, :HISTORY] = False
    return [
        Alarm(row, hour, hour)
        for row in np.flatnonzero(far.any(axis=1)).tolist()
        for hour in [int(np.argmax(far[row]))]
    ]


def _spike_limit(baseline: Baseline) -> Floats:
    past = baseline.score[:, :HISTORY]
    high = quantile(past, _HIGH)
    beyond = np.where(past > high[:, None], past - high[:, None], np.nan)
    # The mean of an exponential tail, by its median: spikes of the past have no say in it.
    tail = median(beyond) / math.log(2)
    limit = (high + tail * math.log((1 - _HIGH) / ALARM_SHARE)) * _caution(baseline)
    # What has been there three times is not new.
    third = np.sort(np.nan_to_num(past, nan=-np.inf), axis=1)[:, -3]
    return np.maximum(np.nan_to_num(limit, nan=np.inf), np.maximum(MIN_SCORE, 1.25 * third))


def find_shifts(values: Floats, masked: Flags, baseline: Baseline, sign: int = 1) -> list[Alarm]:
    """Return since when a row has been higher (`sign` 1) or lower (-1) than usual, if it has.

    `masked` are hours that are known to be unusual: the sum begins anew after them.
    """
    clipped = np.clip(sign * baseline.score, -_CLIP, _CLIP)
    past = clipped[:, :HISTORY]
    # Hours that resemble the ones before make long sums of what means nothing.
    spread = np.sqrt(np.maximum(variance(past), 1e-6) * clustering(past))
    steps = (clipped - mean(past)[:, None]) / spread[:, None] - _DRIFT
    rise = sign * (values - baseline.expected)
    limit = np.where(baseline.is_ready, LIMIT * _caution(baseline), np.inf)

    def is_large(alarm: Alarm) -> bool:
        return bool(np.nanmedian(rise[alarm.row, alarm.start : alarm.hour + 1]) > MIN_SHIFT)

    return find_sums(steps, masked, limit, is_large)


def find_sums(
    steps: Floats, masked: Flags, limit: Floats, is_large: Callable[[Alarm], bool]
) -> list[Alarm]:
    """Return for each row the first hour after the history that is large beyond the limit.

    The sum never falls below 0; where it last left it is where the change began.
    """
    total = np.zeros(len(steps))
    start = np.zeros(len(steps), np.int64)
    found: dict[int, Alarm] = {}
    for hour in range(HISTORY - LOOK_BACK, steps.shape[1]):
        start = np.where(total <= 0, hour, start)
        total = np.maximum(0, total + np.nan_to_num(steps[:, hour]))
        total = np.where(masked[:, hour], 0, total)
        if hour >= HISTORY:
            for row in np.flatnonzero(total > limit).tolist():
                alarm = Alarm(row, int(start[row]), hour)
                if row not in found and is_large(alarm):
                    found[row] = alarm
    return list(found.values())


def _caution(baseline: Baseline) -> Floats:
    """Return by how much more a limit is to be passed where little is known."""
    return 1 + 30 / np.maximum(baseline.hours, 1)
