"""Own the hourly sums of versions on models: one row each, begun by what came before."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
from bson import ObjectId

from core.analytics.anomalies.robust import HISTORY, Flags, Floats, Ints
from core.analytics.columns import rows_of, unpack
from core.analytics.histogram import times_of
from core.analytics.stretches import HOUR

COLUMNS: Final = (
    "runs",
    "input_tokens",
    "output_tokens",
    "cost_nano",
    "cost_atto",
    "cost_unknown",
    "latency",
)
# Cancelled runs say nothing about the version.
_KINDS: Final = {"success": "good", "failed": "failed", "timeout": "failed", "blocked": "blocked"}
_ENOUGH: Final = 48
_NANO: Final = 1e-9


class Names(NamedTuple):
    """What a row is about: a version on a model."""

    prompt_version_id: ObjectId
    prompt_id: str
    version: str
    provider: str
    model: str


class Stored(NamedTuple):
    """The stored hours of one application, and what their numbers stand for."""

    cells: Sequence[tuple[datetime, Mapping[str, bytes]]]
    series: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Hours:
    """Sums of each hour from `first` on, one row for each of `names`.

    `tokens`, `cost` (US dollars), `priced` runs, `timed` runs and their summed logarithms of
    `latency` (ms) are those of successful (`good`) runs. `own_since` is the first hour in which
    the version ran on the model; the hours before it are filled by what the prompt did then.
    """

    first: datetime
    names: list[Names]
    sums: dict[str, Floats]
    own_since: Ints

    def index_of(self, moment: datetime) -> int:
        """Return the number of the hour in which a moment lies."""
        return math.floor((moment - self.first) / HOUR)


def read_hours(stored: Stored, first: datetime, hours: int, prompts: set[str]) -> Hours:
    """Return the sums of the versions of some prompts."""
    names, place_of = _number(stored.series, prompts)
    columns = unpack([cells for _, cells in stored.cells], COLUMNS)
    places = [math.floor((start - first) / HOUR) for start, _ in stored.cells]
    hour_of = np.repeat(places, [rows_of(cells) for _, cells in stored.cells]).astype(np.int64)
    numbers, inverse = np.unique(columns.key, return_inverse=True)
    known = [place_of.get(number, (-1, "")) for number in numbers.tolist()]
    row_of = np.array([row for row, _ in known], np.int64)[inverse]
    kind_of = np.array([kind for _, kind in known], np.str_)[inverse]
    slot_of = row_of * hours + hour_of
    size = len(names) * hours

    def add(values: Any, kind: str) -> Floats:
        kept = (row_of >= 0) & (kind_of == kind)
        found = np.bincount(slot_of[kept], weights=values[kept], minlength=size)
        return found.astype(np.float64).reshape(len(names), hours)

    bins = columns.times["latency"]
    timed = np.bincount(bins.row, weights=bins.count, minlength=len(hour_of))
    logs = np.bincount(
        bins.row, weights=bins.count * np.log(times_of(bins.bin)), minlength=len(hour_of)
    )
    tokens = columns.column("input_tokens") + columns.column("output_tokens")
    cost = (columns.column("cost_nano") + columns.column("cost_atto") * _NANO) * _NANO
    runs = columns.column("runs")
    sums = {kind: add(runs, kind) for kind in ("good", "failed", "blocked")}
    sums |= {
        "tokens": add(tokens, "good"),
        "cost": add(cost, "good"),
        "priced": sums["good"] - add(columns.column("cost_unknown"), "good"),
        "timed": add(timed, "good"),
        "latency": add(logs, "good"),
    }
    return _fill(Hours(first, names, sums, np.zeros(len(names), np.int64)))


def _number(
    series: Iterable[Mapping[str, Any]], prompts: set[str]
) -> tuple[list[Names], dict[int, tuple[int, str]]]:
    """Return the rows, and for each number its row and how its runs ended."""
    rows: dict[Names, int] = {}
    place_of: dict[int, tuple[int, str]] = {}
    for one in series:
        names = names_of(one)
        kind = _KINDS.get(one.get("status") or "")
        if names is not None and kind is not None and names.prompt_id in prompts:
            place_of[one["number"]] = rows.setdefault(names, len(rows)), kind
    return list(rows), place_of


def names_of(series: Mapping[str, Any]) -> Names | None:
    """Return what a series is about; None for runs of what was never saved as a version."""
    values: list[Any] = [series.get(name) for name in Names._fields]
    return None if None in values else Names(*values)


def active_prompts(stored: Stored, since: datetime) -> set[str]:
    """Return the prompts that ran from then on."""
    recent = [cells for start, cells in stored.cells if start >= since]
    numbers = set(np.unique(unpack(recent, ()).key).tolist())
    found = [names_of(one) for one in stored.series if one["number"] in numbers]
    return {names.prompt_id for names in found if names is not None}


def _fill(hours: Hours) -> Hours:
    """Fill the history of each row before its first run by that of its prompt.

    That is what its other versions did on the same model or, where this is too little, on any:
    so a new version is compared with what it replaces from its first hour on.
    """
    ran = hours.sums["good"] + hours.sums["failed"] + hours.sums["blocked"] > 0
    first: Ints = np.argmax(ran, axis=1).astype(np.int64)
    since: Ints = np.where(ran.any(axis=1), first, ran.shape[1]).astype(np.int64)
    filled = {name: values.copy() for name, values in hours.sums.items()}
    for row in np.flatnonzero(since > 0).tolist():
        until = min(int(since[row]), HISTORY)
        others = _others(hours.names, row, ran[:, :until])
        for name, values in hours.sums.items():
            filled[name][row, :until] = values[others, :until].sum(axis=0)
    return Hours(hours.first, hours.names, filled, since)


def _others(names: Sequence[Names], row: int, ran: Flags) -> list[int]:
    own = names[row]
    of_prompt = [other for other, one in enumerate(names) if one.prompt_id == own.prompt_id]
    of_model = [other for other in of_prompt if names[other][3:] == own[3:]]
    return of_model if ran[of_model].any(axis=0).sum() >= _ENOUGH else of_prompt
