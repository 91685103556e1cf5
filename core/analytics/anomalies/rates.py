"""Own judging shares of runs - errors, blocks - against what is usual at their hour.

Two cumulative sums of logarithmic likelihood ratios look for a small and for a large rise. A few
runs can never reach the limit, because their ratio is that of their exact binomial probabilities;
what bursts and clusters is divided by how much more than binomial it varies.
Source: Page, Biometrika 41 (1954); Lorden, Annals of Mathematical Statistics 42 (1971); for the
division: McCullagh and Nelder, Generalized Linear Models, 2nd edition, section 4.5.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.analytics.anomalies.levels import LIMIT, Alarm, find_sums
from core.analytics.anomalies.robust import DAY, HISTORY, WEEK, Flags, Floats, Ints

MIN_RUNS: Final = 50
MIN_EVENTS: Final = 5
MIN_RISE: Final = 0.03
MIN_RATIO: Final = 1.5
# Of something that never happened, one in so many runs is expected.
RAREST: Final = 1 / 500
# An hour of the week is believed as far as it goes beyond so many events that were expected.
_PRIOR_EVENTS: Final = 20.0
_BURSTS: Final = 3.0
# How many of the most unusual hours of the past are left out.
_LEFT_OUT: Final = 5
# The small and the large rise looked for: so many times as much, and so much more.
_RISES: Final = ((2.0, 0.03), (4.0, 0.2))
_HIGHEST: Final = 0.95


@dataclass(frozen=True, slots=True)
class RateBaseline:
    """The share expected in each hour, history included; it varies so much more than chance."""

    expected: Floats
    dispersion: Floats
    is_ready: Flags


def fit_rates(events: Floats, runs: Floats) -> RateBaseline:
    """Return what is usual, learnt from the first `HISTORY` hours; masked hours have no runs."""
    past_events, past_runs = _without_the_worst(events[:, :HISTORY], runs[:, :HISTORY])
    total = past_runs.sum(axis=1)
    usual = (past_events.sum(axis=1) + 0.5) / (total + 1)
    # What is not known for certain is taken as high as it may well be.
    usual = usual + 2 * np.sqrt(usual * (1 - usual) / np.maximum(total, 1))
    slots = _by_slot(past_events, past_runs, usual)
    expected = np.clip(np.maximum(usual[:, None], slots), RAREST, 1)
    slot_of: Ints = np.arange(events.shape[1], dtype=np.int64) % WEEK
    dispersion = _dispersion(past_events, past_runs, slots[:, slot_of[:HISTORY]])
    return RateBaseline(expected[:, slot_of], dispersion, total >= MIN_RUNS)


def _without_the_worst(events: Floats, runs: Floats) -> tuple[Floats, Floats]:
    usual = (events.sum(axis=1) + 0.5) / (runs.sum(axis=1) + 1)
    excess = (events - runs * usual[:, None]) / np.sqrt(np.maximum(runs, 1))
    worst = np.sort(excess, axis=1)[:, -_LEFT_OUT][:, None]
    kept = (excess < worst) | (excess <= 0)
    return np.where(kept, events, 0), np.where(kept, runs, 0)


def _by_slot(events: Floats, runs: Floats, usual: Floats) -> Floats:
    """Return the share of each hour of the week, drawn to that of all hours where runs are few."""

    def near(values: Floats) -> Floats:
        summed = values.reshape(len(values), -1, WEEK).sum(axis=1)
        return summed + np.roll(summed, 1, axis=1) + np.roll(summed, -1, axis=1)

    prior = (_PRIOR_EVENTS / usual)[:, None]
    return (near(events) + _PRIOR_EVENTS) / (near(runs) + prior)


def _dispersion(events: Floats, runs: Floats, shares: Floats) -> Floats:
    """Return the largest ratio of the variance to that of chance: of hours, quarters, days."""
    found = np.ones(len(events))
    fitted = events.sum(axis=1) / np.maximum((runs * shares).sum(axis=1), 1e-9)
    expected = np.minimum(shares * fitted[:, None], 1)
    excess, chance = events - runs * expected, runs * expected * (1 - expected)
    for width in (1, DAY // 4, DAY):
        sums = excess.reshape(len(events), -1, width).sum(axis=-1)
        variances = chance.reshape(len(events), -1, width).sum(axis=-1)
        ratio = (sums**2).sum(axis=1) / np.maximum(variances.sum(axis=1), 1e-9)
        found = np.maximum(found, ratio)
    # What comes in bursts comes in larger ones than have been seen.
    return 1 + _BURSTS * (found - 1)


def find_rises(events: Floats, runs: Floats, masked: Flags, baseline: RateBaseline) -> list[Alarm]:
    """Return since when the share of a row has been higher than usual, where it has.

    `masked` are hours that are known to be unusual: the sums begin anew after them.
    """
    limit = LIMIT + math.log(len(_RISES))
    found: dict[int, Alarm] = {}

    def is_large(alarm: Alarm) -> bool:
        return _is_large(events, runs, baseline, alarm)

    for factor, more in _RISES:
        usual = np.minimum(baseline.expected, _HIGHEST - 0.01)
        risen = np.minimum(np.maximum(usual * factor, usual + more), _HIGHEST)
        steps = events * np.log(risen / usual) + (runs - events) * np.log((1 - risen) / (1 - usual))
        steps /= baseline.dispersion[:, None]
        # A burst is news when it is more than what has been there time and again.
        often = np.sort(np.where(masked, 0, steps)[:, :HISTORY], axis=1)[:, -_LEFT_OUT - 1]
        highest = np.where(baseline.is_ready, np.maximum(limit, 2 * often), np.inf)
        for alarm in find_sums(steps, masked, highest, is_large):
            before = found.get(alarm.row)
            if before is None or alarm.hour < before.hour:
                found[alarm.row] = alarm
    return list(found.values())


def _is_large(events: Floats, runs: Floats, baseline: RateBaseline, alarm: Alarm) -> bool:
    hours = slice(alarm.start, alarm.hour + 1)
    happened, ran = events[alarm.row, hours].sum(), runs[alarm.row, hours].sum()
    usual = (baseline.expected[alarm.row, hours] * runs[alarm.row, hours]).sum() / max(ran, 1)
    share = happened / max(ran, 1)
    return bool(happened >= MIN_EVENTS and share - usual >= MIN_RISE and share >= MIN_RATIO * usual)
