"""Own judging the hours of one application: what is unusual now, and what no longer is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from core.analytics.anomalies import levels, rates
from core.analytics.anomalies.hours import Hours, Names
from core.analytics.anomalies.levels import Alarm
from core.analytics.anomalies.robust import Flags, Floats
from prompthub.wire.literals import AnomalyMeasure, AnomalyPattern

# A measure is logged as what it is a sum of, and of how many runs.
LEVELS: Final[Mapping[AnomalyMeasure, tuple[str, str]]] = {
    "tokens": ("tokens", "good"),
    "cost": ("cost", "priced"),
    "latency": ("latency", "timed"),
}
RATES: Final[Mapping[AnomalyMeasure, str]] = {"errors": "failed", "blocks": "blocked"}
# 99 of 100 hours lie within so many spreads.
_INTERVAL: Final = 2.58
# What takes longer to be told is called a shift.
_SPIKE_HOURS: Final = 3
_HALF: Final = 0.5
_SPIKE_PATIENCE: Final = 1
_SHIFT_PATIENCE: Final = 3
# Nobody knows whether what does not run any more is still unusual.
_SILENCE: Final = 24


class Known(NamedTuple):
    """An anomaly that is known: hours `start` to `end` (not included; None: it goes on).

    It was seen up to hour `last` (not included). What is settled is usual since `start`.
    """

    names: Names
    measure: AnomalyMeasure
    start: int
    last: int
    end: int | None
    is_settled: bool
    pattern: AnomalyPattern
    observed: float
    expected: float


class Seen(NamedTuple):
    """What was seen in the hours `start` to `end` (not included), and in how many runs."""

    observed: float
    expected: float
    low: float
    high: float
    runs: int


class Found(NamedTuple):
    """A new anomaly that began in hour `start` and was clear after hour `end` - 1.

    The version ran first in hour `version_since`, the prompt on the model in `model_since`.
    """

    names: Names
    measure: AnomalyMeasure
    pattern: AnomalyPattern
    start: int
    end: int
    seen: Seen
    version_since: int
    model_since: int


class Followed(NamedTuple):
    """How a known anomaly went on: seen up to hour `last` (not included), at an end or not."""

    known: Known
    last: int
    has_ended: bool
    seen: Seen


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of all rows: its hours, what is usual, and how sums become what is told."""

    measure: AnomalyMeasure
    sums: Floats
    runs: Floats
    expected: Floats
    spread: Floats
    alarms: list[tuple[AnomalyPattern, Alarm]]

    def see(self, row: int, start: int, end: int) -> Seen:
        """Return what was seen of a row in some hours."""
        span = slice(start, end)
        runs = self.runs[row, span].sum()
        weights = self.runs[row, span] / max(runs, 1)
        value = float(self.sums[row, span].sum() / max(runs, 1))
        expected = float((self.expected[row, span] * weights).sum())
        spread = _INTERVAL * float((self.spread[row, span] * weights).sum())
        if self.measure in RATES:
            spread /= math.sqrt(max(runs, 1))
            low, high = max(0.0, expected - spread), min(1.0, expected + spread)
            return Seen(value, expected, low, high, int(runs))
        # Latencies are summed as logarithms already, everything is expected as one.
        observed = math.exp(value) if self.measure == "latency" else value
        low, high = math.exp(expected - spread), math.exp(expected + spread)
        return Seen(observed, math.exp(expected), low, high, int(runs))

    def excess(self, row: int, start: int, end: int) -> float:
        """Return how far above (or below) what is usual some hours are, as a logarithm or share."""
        seen = self.see(row, start, end)
        return excess_of(self.measure, seen.observed, seen.expected)

    def narrow(self, row: int, start: int, end: int) -> int:
        """Return where it began in earnest: hours before with less than half of it are chance."""
        while start < end - 1:
            has_run = self.runs[row, start] > 0
            rest = self.excess(row, start + 1, end)
            # In either direction: both sides bear the sign of what follows.
            if has_run and self.excess(row, start, start + 1) * rest >= _HALF * rest * rest:
                break
            start += 1
        return start


def excess_of(measure: AnomalyMeasure, observed: float, expected: float) -> float:
    """Return how far apart two figures are: as a difference of shares, or as a logarithm."""
    if measure in RATES:
        return observed - expected
    return math.log(max(observed, 1e-12) / max(expected, 1e-12))


def judge(hours: Hours, known: Sequence[Known]) -> tuple[list[Found], list[Followed]]:
    """Return what is newly unusual in the hours after the history, and how the known went on."""
    found: list[Found] = []
    followed: list[Followed] = []
    for measure in (*LEVELS, *RATES):
        same = [one for one in known if one.measure == measure]
        measured = _measure(hours, measure, same)
        new = [_to_found(hours, measured, pattern, alarm) for pattern, alarm in measured.alarms]
        found += new
        going_on = [one for one in same if one.end is None]
        going_on += [_to_known(one) for one in new]
        followed += [_follow(hours, measured, one) for one in going_on]
    return found, followed


def _measure(hours: Hours, measure: AnomalyMeasure, known: Sequence[Known]) -> Measured:
    masked, strange = _mask(hours, known)
    if measure in RATES:
        return _measure_rate(hours, measure, masked, strange)
    sums, runs = (hours.sums[name] for name in LEVELS[measure])
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(runs > 0, sums / runs, np.nan)
        values = values if measure == "latency" else np.where(values > 0, np.log(values), np.nan)
    values = np.where(masked, np.nan, values)
    baseline = levels.fit(values, runs)
    shifts = levels.find_shifts(values, strange, baseline)
    if measure == "latency":
        shifts += levels.find_shifts(values, strange, baseline, -1)
    spikes = levels.find_spikes(values, runs, baseline)
    alarms = _first([*_called("spike", spikes), *_called("shift", shifts)])
    return Measured(measure, sums, runs, baseline.expected, baseline.spread, alarms)


def _called(pattern: AnomalyPattern, alarms: Sequence[Alarm]) -> list[tuple[AnomalyPattern, Alarm]]:
    return [(pattern, one) for one in alarms]


def _measure_rate(hours: Hours, measure: AnomalyMeasure, masked: Flags, strange: Flags) -> Measured:
    events = hours.sums[RATES[measure]]
    runs = hours.sums["good"] + hours.sums["failed"] + hours.sums["blocked"]
    kept_events, kept_runs = np.where(masked, 0, events), np.where(masked, 0, runs)
    baseline = rates.fit_rates(kept_events, kept_runs)
    alarms = rates.find_rises(kept_events, kept_runs, strange, baseline)
    varies = baseline.expected * (1 - baseline.expected) * baseline.dispersion[:, None]
    told: list[tuple[AnomalyPattern, Alarm]] = [
        ("spike" if one.hour - one.start < _SPIKE_HOURS else "shift", one) for one in alarms
    ]
    return Measured(measure, events, runs, baseline.expected, np.sqrt(varies), _first(told))


def _first(
    alarms: Sequence[tuple[AnomalyPattern, Alarm]],
) -> list[tuple[AnomalyPattern, Alarm]]:
    """Return for each row the alarm that came first, a spike before a shift."""
    found: dict[int, tuple[AnomalyPattern, Alarm]] = {}
    for one in sorted(alarms, key=lambda one: one[1].hour):
        found.setdefault(one[1].row, one)
    return list(found.values())


def _mask(hours: Hours, known: Sequence[Known]) -> tuple[Flags, Flags]:
    """Return the hours that say nothing about what is usual, and those that no sum runs through.

    Those are hours known to be unusual, hours before what is settled, and for sums the hours that
    were filled by other versions. What was unusual of another version fills nothing.
    """
    total = next(iter(hours.sums.values())).shape[1]
    own = np.zeros((len(hours.names), total), np.bool_)
    for one in known:
        if one.names in hours.names:
            row = hours.names.index(one.names)
            span = (
                slice(0, max(one.start, 0)) if one.is_settled else slice(max(one.start, 0), one.end)
            )
            own[row, span] = True
    masked = own.copy()
    for row, names in enumerate(hours.names):
        until = int(hours.own_since[row])
        for other, one in enumerate(hours.names):
            if until and other != row and one.prompt_id == names.prompt_id:
                masked[row, :until] |= own[other, :until]
    filled: Flags = np.arange(total, dtype=np.int64) < hours.own_since[:, None]
    return masked, masked | filled


def _to_found(hours: Hours, measured: Measured, pattern: AnomalyPattern, alarm: Alarm) -> Found:
    end = alarm.hour + 1
    start = measured.narrow(alarm.row, alarm.start, end)
    seen = measured.see(alarm.row, start, end)
    names = hours.names[alarm.row]
    since = list(zip(hours.names, hours.own_since.tolist(), strict=True))
    return Found(
        names,
        measured.measure,
        pattern,
        start,
        end,
        seen,
        version_since=min(hour for one, hour in since if one[:3] == names[:3]),
        model_since=min(
            hour for one, hour in since if (one[1], *one[3:]) == (names[1], *names[3:])
        ),
    )


def _to_known(found: Found) -> Known:
    seen = found.seen
    return Known(
        names=found.names,
        measure=found.measure,
        start=found.start,
        last=found.end,
        end=None,
        is_settled=False,
        pattern=found.pattern,
        observed=seen.observed,
        expected=seen.expected,
    )


def _follow(hours: Hours, measured: Measured, known: Known) -> Followed:
    """Follow an anomaly until it has been less than half as large for a while, or to the end.

    A spike ends with one such hour, a shift when three hours with runs together are so.
    """
    row = hours.names.index(known.names)
    start, last, calm = max(known.start, 0), max(known.last, 1), 0
    half = excess_of(known.measure, known.observed, known.expected) * _HALF
    patience = _SPIKE_PATIENCE if known.pattern == "spike" else _SHIFT_PATIENCE
    ran = [start + int(hour) for hour in np.flatnonzero(measured.runs[row, start:] > 0)]
    for place, hour in enumerate(ran):
        if hour < known.last:
            continue
        since = ran[max(0, place + 1 - patience)]
        is_over = abs(measured.excess(row, since, hour + 1)) < abs(half)
        is_calm = abs(measured.excess(row, hour, hour + 1)) < abs(half)
        calm = calm + 1 if is_calm else 0
        last = last if is_calm else hour + 1
        if is_over and calm >= patience:
            return Followed(known, last, has_ended=True, seen=measured.see(row, start, last))
    silent = measured.runs.shape[1] - (ran[-1] if ran else start) > _SILENCE
    return Followed(known, last, has_ended=silent, seen=measured.see(row, start, last))
