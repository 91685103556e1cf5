"""A new version is measured against the one before; a known anomaly is followed to its end."""

from datetime import UTC, datetime

import numpy as np
from bson import ObjectId

from core.analytics.anomalies.hours import Hours, Names, Stored, read_hours
from core.analytics.anomalies.judge import Known, judge
from core.analytics.anomalies.robust import HISTORY, Floats
from core.analytics.columns import TIMES, Bins, Columns
from core.analytics.histogram import Ints
from core.analytics.stretches import HOUR

FIRST = datetime(2026, 9, 1, tzinfo=UTC)
TOTAL = HISTORY + 12
OLD = Names(ObjectId(), "greet", "1.0.0", "openai", "gpt-4o-mini")
NEW = Names(ObjectId(), "greet", "1.1.0", "openai", "gpt-4o-mini")


def stored(cells_of: dict[Names, tuple[range, int]]) -> Stored:
    """Return stored hours: each version ran in some hours, with so many tokens a run."""
    numbers = {names: number for number, names in enumerate(cells_of)}
    chance = np.random.default_rng(1)
    cells: list[tuple[datetime, dict[str, bytes]]] = []
    for hour in range(TOTAL):
        ran = {numbers[names]: tokens for names, (when, tokens) in cells_of.items() if hour in when}
        cells.append((FIRST + hour * HOUR, _pack(ran, chance)))
    series = [
        {**names._asdict(), "number": number, "status": "success"}
        for names, number in numbers.items()
    ]
    return Stored(cells, series)


def _pack(tokens: dict[int, int], chance: np.random.Generator) -> dict[str, bytes]:
    runs = 30

    def ints(values: list[int]) -> Ints:
        return np.array(values, dtype=np.int64)

    tokens_of = [int(one * runs * chance.lognormal(0, 0.05)) for one in tokens.values()]
    counts = {"runs": ints([runs] * len(tokens)), "input_tokens": ints(tokens_of)}
    times = {name: Bins.of([[500.0] * runs for _ in tokens]) for name in TIMES}
    columns = Columns(ints(list(tokens)), counts, times)
    return columns.pack_by(ints([0] * len(tokens)), 1)[0]


def read(cells_of: dict[Names, tuple[range, int]]) -> Hours:
    return read_hours(stored(cells_of), FIRST, TOTAL, {"greet"})


def test_a_new_version_has_the_history_of_the_one_before() -> None:
    hours = read({OLD: (range(HISTORY), 400), NEW: (range(HISTORY, TOTAL), 400)})

    row = hours.names.index(NEW)
    assert hours.own_since[row] == HISTORY
    assert (hours.sums["good"][row] == 30).all()
    assert (hours.sums["good"][hours.names.index(OLD), HISTORY:] == 0).all()
    assert judge(hours, []) == ([], [])


def test_a_new_version_that_takes_more_tokens_is_told_from_its_first_hour() -> None:
    hours = read({OLD: (range(HISTORY), 400), NEW: (range(HISTORY + 2, TOTAL), 1200)})

    found, followed = judge(hours, [])

    assert [(one.names, one.measure, one.start) for one in found] == [(NEW, "tokens", HISTORY + 2)]
    assert found[0].version_since == HISTORY + 2
    assert found[0].model_since == 0
    assert 380 < found[0].seen.expected < 420
    assert 1100 < found[0].seen.observed < 1300
    assert not followed[0].has_ended


def test_what_was_unusual_of_the_version_before_is_not_usual_of_the_new_one() -> None:
    cells: dict[Names, tuple[range, int]] = {
        OLD: (range(HISTORY), 400),
        NEW: (range(HISTORY, TOTAL), 400),
    }
    hours = read(cells)
    dear: Floats = hours.sums["tokens"].copy()
    dear[:, HISTORY - 100 : HISTORY] *= 3
    hours = Hours(FIRST, hours.names, {**hours.sums, "tokens": dear}, hours.own_since)
    known = Known(OLD, "tokens", HISTORY - 100, HISTORY, HISTORY, False, "shift", 1200, 400)  # noqa: FBT003

    found, _ = judge(hours, [known])

    assert found == []


def test_a_known_shift_ends_when_three_hours_are_usual_again() -> None:
    hours = read({OLD: (range(TOTAL), 400)})
    tokens: Floats = hours.sums["tokens"].copy()
    tokens[:, HISTORY - 5 : HISTORY + 4] *= 3
    hours = Hours(FIRST, hours.names, {**hours.sums, "tokens": tokens}, hours.own_since)
    known = Known(OLD, "tokens", HISTORY - 5, HISTORY - 1, None, False, "shift", 1200, 400)  # noqa: FBT003

    found, followed = judge(hours, [known])

    assert found == []
    assert [(one.last, one.has_ended) for one in followed] == [(HISTORY + 4, True)]
