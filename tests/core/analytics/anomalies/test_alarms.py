"""False alarms are as rare as is said, and what is planted is found as soon as is said.

The stated rate is one false alarm in 1,000 weeks of a version on a model, for each measure.
"""

import numpy as np
import pytest

from core.analytics.anomalies.levels import find_shifts, find_spikes, fit
from core.analytics.anomalies.rates import find_rises, fit_rates
from core.analytics.anomalies.robust import HISTORY, WEEK, Floats
from tests.core.analytics.anomalies.made_up import (
    KINDS,
    RATES,
    Make,
    MakeRate,
    events_of,
    levels_of,
    rate_runs_of,
    runs_of,
)

STEP = 48


def count_level_alarms(make: Make, seed: int, rows: int, weeks: int) -> int:
    """Judge made-up hours of nothing unusual as the chore does after two days each."""
    chance = np.random.default_rng(seed)
    total = HISTORY + weeks * WEEK
    runs = runs_of(make, chance, rows, total)
    values = levels_of(make, chance, runs)
    found = 0
    for end in range(HISTORY + STEP, total + 1, STEP):
        span = slice(end - HISTORY - STEP, end)
        baseline = fit(values[:, span], runs[:, span])
        none = np.zeros_like(values[:, span], dtype=np.bool_)
        found += len(find_spikes(values[:, span], runs[:, span], baseline))
        found += len(find_shifts(values[:, span], none, baseline))
    return found


def count_rate_alarms(make: MakeRate, seed: int, rows: int, weeks: int) -> int:
    chance = np.random.default_rng(seed)
    total = HISTORY + weeks * WEEK
    runs = rate_runs_of(make, chance, rows, total)
    events = events_of(make, chance, runs)
    found = 0
    for end in range(HISTORY + STEP, total + 1, STEP):
        span = slice(end - HISTORY - STEP, end)
        none = np.zeros_like(runs[:, span], dtype=np.bool_)
        baseline = fit_rates(events[:, span], runs[:, span])
        found += len(find_rises(events[:, span], runs[:, span], none, baseline))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_levels_without_anything_unusual_raise_no_alarm(kind: str) -> None:
    assert count_level_alarms(KINDS[kind], seed=1, rows=100, weeks=1) == 0


@pytest.mark.parametrize("kind", RATES)
def test_rates_without_anything_unusual_raise_no_alarm(kind: str) -> None:
    assert count_rate_alarms(RATES[kind], seed=1, rows=200, weeks=1) == 0


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_false_alarms_of_levels_are_as_rare_as_stated(kind: str) -> None:
    # 4,000 weeks: four are stated; of a Poisson number with that mean 99.9 % are at most eleven.
    assert count_level_alarms(KINDS[kind], seed=2, rows=1000, weeks=4) <= 11


@pytest.mark.long
@pytest.mark.parametrize("kind", RATES)
def test_false_alarms_of_rates_are_as_rare_as_stated(kind: str) -> None:
    assert count_rate_alarms(RATES[kind], seed=2, rows=1000, weeks=4) <= 11


def delays(make: Make, factor: float, rows: int = 60) -> list[int]:
    """Plant a lasting rise ten hours after the history; return how many hours it took to see."""
    chance = np.random.default_rng(3)
    total = HISTORY + STEP
    runs = runs_of(make, chance, rows, total)
    values = levels_of(make, chance, runs)
    values[:, HISTORY + 10 :] += np.log(factor)
    baseline = fit(values, runs)
    none = np.zeros_like(values, dtype=np.bool_)
    alarms = [*find_spikes(values, runs, baseline), *find_shifts(values, none, baseline)]
    first = dict.fromkeys(range(rows), total)
    for alarm in alarms:
        assert alarm.hour >= HISTORY + 10
        first[alarm.row] = min(first[alarm.row], alarm.hour)
    return sorted(hour - HISTORY - 9 for hour in first.values())


def bound(found: list[int]) -> int:
    """Return the hours within which nine of ten were seen."""
    return found[len(found) * 9 // 10]


@pytest.mark.parametrize(
    ("kind", "factor", "hours"),
    [
        ("steady", 4.0, 1),
        ("steady", 3.0, 4),
        ("steady", 1.5, 12),
        ("many runs", 1.5, 6),
        ("seasonal", 1.5, 16),
        ("few runs", 2.0, 30),
        ("wandering", 2.0, 16),
    ],
)
def test_a_lasting_rise_is_seen_soon(kind: str, factor: float, hours: int) -> None:
    assert bound(delays(KINDS[kind], factor)) <= hours


def test_the_beginning_of_a_shift_is_known_to_the_hour() -> None:
    chance = np.random.default_rng(4)
    total = HISTORY + STEP
    runs = runs_of(KINDS["steady"], chance, 60, total)
    values = levels_of(KINDS["steady"], chance, runs)
    values[:, HISTORY + 10 :] += np.log(1.5)

    found = find_shifts(values, np.zeros_like(values, dtype=np.bool_), fit(values, runs))

    starts = [alarm.start - HISTORY for alarm in found]
    assert len(starts) >= 58
    assert sorted(starts)[30] == 10
    assert sum(abs(start - 10) <= 2 for start in starts) >= 40


@pytest.mark.parametrize(
    ("kind", "share", "hours"),
    [("steady", 0.2, 3), ("steady", 0.06, 24), ("few runs", 0.5, 32), ("rare", 0.1, 4)],
)
def test_more_failures_are_seen_soon(kind: str, share: float, hours: int) -> None:
    make = RATES[kind]
    chance = np.random.default_rng(5)
    total = HISTORY + STEP
    runs = rate_runs_of(make, chance, 60, total)
    events = events_of(make, chance, runs)
    late = runs[:, HISTORY + 10 :].astype(np.int64)
    events[:, HISTORY + 10 :] = chance.binomial(late, share)

    alarms = find_rises(events, runs, np.zeros_like(runs, dtype=np.bool_), fit_rates(events, runs))

    seen = sorted(alarm.hour - HISTORY - 9 for alarm in alarms)
    assert len(seen) >= 54
    assert seen[53] <= hours


@pytest.mark.parametrize("runs", [1, 2, 3, 4])
def test_a_few_failures_say_nothing(runs: int) -> None:
    total = HISTORY + STEP
    ran: Floats = np.zeros((1, total))
    ran[0, :HISTORY:4] = 1
    ran[0, HISTORY] = runs
    events = np.where(np.arange(total) >= HISTORY, ran, 0)

    found = find_rises(events, ran, np.zeros_like(ran, dtype=np.bool_), fit_rates(events, ran))

    assert found == []


def test_what_is_known_to_be_unusual_is_not_told_again() -> None:
    chance = np.random.default_rng(6)
    total = HISTORY + STEP
    runs = runs_of(KINDS["steady"], chance, 20, total)
    values = levels_of(KINDS["steady"], chance, runs)
    known = np.zeros_like(values, dtype=np.bool_)
    known[:, HISTORY - 20 : HISTORY + 20] = True
    values[known] += np.log(3)
    kept = np.where(known, np.nan, values)
    baseline = fit(kept, runs)

    assert find_spikes(kept, runs, baseline) == []
    assert find_shifts(kept, known, baseline) == []
    assert find_shifts(values, np.zeros_like(known), fit(values, runs)) != []
