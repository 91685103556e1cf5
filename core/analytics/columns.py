"""Own sums as columns: many rows are added up at once, and stored in few bytes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import pairwise
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
Packed = dict[str, bytes]
# How much larger than what is added up the places for it may be.
_DENSE: Final = 4
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

    def pack_by(self, edges: Ints) -> list[bytes]:
        """Return ten bytes for each - row, bin, count - for the rows between any two edges."""
        packed = np.empty(len(self.row), dtype=_BIN)
        places = np.searchsorted(edges, self.row, side="right") - 1
        packed["row"] = self.row - edges[places]
        packed["bin"], packed["count"] = self.bin, self.count
        ends = np.searchsorted(self.row, edges).tolist()
        return [packed[start:end].tobytes() for start, end in pairwise(ends)]

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

    def only(self, names: Collection[str]) -> "Columns":
        """Return the same rows with these columns alone."""
        return Columns(
            self.key,
            {name: column for name, column in self.counts.items() if name in names},
            {name: bins for name, bins in self.times.items() if name in names},
        )

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

    def pack_by(self, places: Ints, count: int) -> list[Packed]:
        """Return the rows of each place, those of the same key added up; zeros are left out.

        `places` gives the place of each row, from 0 to `count` - 1.
        """
        keys, rank = np.unique(self.key, return_inverse=True)
        width = max(1, len(keys))
        merged = self.grouped(places * width + rank)
        edges = np.searchsorted(merged.key, np.arange(count + 1) * width).astype(np.int64)
        columns = {"key": keys[merged.key % width], **merged.counts}
        packed = [
            {
                name: column[start:end].astype("<i8").tobytes()
                for name, column in columns.items()
                if name == "key" or column[start:end].any()
            }
            for start, end in pairwise(edges.tolist())
        ]
        for name, bins in merged.times.items():
            for place, told in zip(packed, bins.pack_by(edges), strict=True):
                if told:
                    place[name] = told
        return packed


def unpack(packed: Sequence[Mapping[str, bytes]], wanted: Collection[str]) -> Columns:
    """Return the wanted columns of several packed ones, one below the other."""
    return Columns(
        _stack(packed, "key"),
        {name: _stack(packed, name) for name in COUNTS if name in wanted},
        {name: _stack_bins(packed, name) for name in TIMES if name in wanted},
    )


def add_up(packed: Sequence[Mapping[str, bytes]], places: Ints, count: int) -> list[Packed]:
    """Return one of the packed sums for each place; `places` gives the place of each given."""
    columns = unpack(packed, (*COUNTS, *TIMES))
    return columns.pack_by(np.repeat(places, [rows_of(one) for one in packed]), count)


def rows_of(packed: Mapping[str, bytes]) -> int:
    """Return how many rows were packed."""
    return len(packed.get("key", b"")) // _NONE.itemsize


def _stack(packed: Sequence[Mapping[str, bytes]], name: str) -> Ints:
    # Zeros are not stored; of each row there is a key of the same length.
    stored = b"".join(one.get(name) or bytes(len(one.get("key", b""))) for one in packed)
    return np.frombuffer(stored, dtype="<i8")


def _stack_bins(packed: Sequence[Mapping[str, bytes]], name: str) -> Bins:
    bins = Bins.unpack(b"".join(one.get(name, b"") for one in packed))
    lengths = [len(one.get(name, b"")) // _BIN.itemsize for one in packed]
    starts = np.cumsum([0, *(rows_of(one) for one in packed)])[:-1].astype(np.int64)
    return Bins(bins.row + np.repeat(starts, lengths), bins.bin, bins.count)


def _add(column: Ints, group_of: Any, groups: int) -> Ints:
    total = np.zeros(groups, dtype=np.int64)
    np.add.at(total, group_of, column)
    return total


def _sum_by(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return the keys, which are not negative, in order, and the sum of the counts of each."""
    width = int(keys.max(initial=0)) + 1
    if width <= _DENSE * len(keys):
        # A place for each key needs no sorting. So many counts are exact as floats, too.
        sums = np.bincount(keys, weights=counts, minlength=width)
        places = np.flatnonzero(sums)
        return places, sums[places].astype(np.int64)
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
