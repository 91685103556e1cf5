"""Own sums as columns: many rows are added up at once, and stored in few bytes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final, Self

import numpy as np

from core.analytics.histogram import BINS, Ints, bins_of

COUNTS: Final = (
    "runs",
    "input_tokens",
    "output_tokens",
    "cost_nano",
    "cost_atto",
    "cost_unknown",
    "stars_1",
    "stars_2",
    "stars_3",
    "stars_4",
    "stars_5",
)
TIMES: Final = ("latency", "first_token")
_BIN: Final = np.dtype([("row", "<u4"), ("bin", "<u2"), ("count", "<u4")])
_NONE: Final = np.empty(0, dtype=np.int64)

# Money is kept in two whole numbers: billionths of a dollar, and billionths of those. That is
# exact for every price per million tokens of up to twelve digits after the point.
_NANO: Final = 10**9
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Bins:
    """Histograms of several rows: how many times of a row lie in a bin."""

    row: Ints
    bin: Ints
    count: Ints

    @classmethod
    def none(cls) -> Self:
        """Return histograms of nothing."""
        return cls(_NONE, _NONE, _NONE)

    @classmethod
    def of(cls, times: Sequence[Sequence[float]]) -> Self:
        """Return the histograms of the times of each row."""
        rows = np.repeat(np.arange(len(times)), [len(one) for one in times])
        found = cls(rows, bins_of([time for one in times for time in one]), np.ones_like(rows))
        return found.grouped(np.arange(len(times)))

    def grouped(self, group_of: Ints) -> Self:
        """Return the histograms added up by group; `group_of` gives the group of each row.

        Rows of a negative group are left out. The result is in the order of group and bin.
        """
        if len(self.row) == 0:
            return self
        groups = group_of[self.row]
        kept = groups >= 0
        keys, counts = _sum_by(groups[kept] * BINS + self.bin[kept], self.count[kept])
        return type(self)(keys // BINS, keys % BINS, counts)

    def pack(self) -> bytes:
        """Return ten bytes for each: row, bin, count."""
        packed = np.empty(len(self.row), dtype=_BIN)
        packed["row"], packed["bin"], packed["count"] = self.row, self.bin, self.count
        return packed.tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Return what was packed."""
        bins = np.frombuffer(packed, dtype=_BIN)
        return cls(*(bins[name].astype(np.int64) for name in ("row", "bin", "count")))


@dataclass(frozen=True, slots=True)
class Columns:
    """Sums of many rows; `key` says what each row is about. Columns left out are zeros."""

    key: Ints
    counts: Mapping[str, Ints]
    times: Mapping[str, Bins]

    def column(self, name: str) -> Ints:
        """Return one of `COUNTS`."""
        return self.counts.get(name, np.zeros_like(self.key))

    def grouped(self, keys: Ints) -> "Columns":
        """Return the rows added up by new keys, one for each row; negative ones are left out."""
        kept = keys >= 0
        found, group_of_kept = np.unique(keys[kept], return_inverse=True)
        group_of = np.full(len(keys), -1, dtype=np.int64)
        group_of[kept] = group_of_kept
        counts = {
            name: _add(column[kept], group_of_kept, len(found))
            for name, column in self.counts.items()
        }
        times = {name: bins.grouped(group_of) for name, bins in self.times.items()}
        return Columns(found, counts, times)

    def merged(self) -> "Columns":
        """Return the rows of the same key added up."""
        found, group_of = np.unique(self.key, return_inverse=True)
        merged = self.grouped(group_of.astype(np.int64))
        return Columns(found, merged.counts, merged.times)

    def pack(self) -> dict[str, bytes]:
        """Return the columns as bytes, those of zeros left out."""
        columns = {"key": self.key, **{n: c for n, c in self.counts.items() if c.any()}}
        packed = {name: column.astype("<i8").tobytes() for name, column in columns.items()}
        packed |= {name: bins.pack() for name, bins in self.times.items() if len(bins.row)}
        return packed


def unpack(packed: Sequence[Mapping[str, bytes]], wanted: Collection[str]) -> Columns:
    """Return the wanted columns of several packed ones, one below the other."""
    keys = [np.frombuffer(one.get("key", b""), dtype="<i8") for one in packed]
    return Columns(
        np.concatenate([*keys, _NONE]),
        {name: _stack(packed, keys, name) for name in COUNTS if name in wanted},
        {name: _stack_bins(packed, keys, name) for name in TIMES if name in wanted},
    )


def rows_of(packed: Mapping[str, bytes]) -> int:
    """Return how many rows were packed."""
    return len(packed.get("key", b"")) // _NONE.itemsize


def _stack(packed: Sequence[Mapping[str, bytes]], keys: Sequence[Ints], name: str) -> Ints:
    columns = [
        np.frombuffer(one[name], dtype="<i8") if name in one else np.zeros_like(key)
        for one, key in zip(packed, keys, strict=True)
    ]
    return np.concatenate([*columns, _NONE])


def _stack_bins(packed: Sequence[Mapping[str, bytes]], keys: Sequence[Ints], name: str) -> Bins:
    bins = Bins.unpack(b"".join(one.get(name, b"") for one in packed))
    lengths = [len(one.get(name, b"")) // _BIN.itemsize for one in packed]
    starts = np.cumsum([0, *(len(key) for key in keys)])[:-1].astype(np.int64)
    return Bins(bins.row + np.repeat(starts, lengths), bins.bin, bins.count)


def _add(column: Ints, group_of: Any, groups: int) -> Ints:
    total = np.zeros(groups, dtype=np.int64)
    np.add.at(total, group_of, column)
    return total


def _sum_by(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    found, group_of = np.unique(keys, return_inverse=True)
    return found, _add(counts, group_of, len(found))


def split_money(amounts: Sequence[Decimal]) -> dict[str, Ints]:
    """Return dollars as whole billionths, and the rest in billionths of those."""
    whole = [int(_EXACT.to_integral_value(_EXACT.scaleb(amount, 18))) for amount in amounts]
    return {
        "cost_nano": np.array([one // _NANO for one in whole], dtype=np.int64),
        "cost_atto": np.array([one % _NANO for one in whole], dtype=np.int64),
    }


def join_money(nano: int, atto: int) -> Decimal:
    """Return the dollars of two summed columns."""
    return _EXACT.scaleb(Decimal(nano * _NANO + atto), -18).normalize(_EXACT)
