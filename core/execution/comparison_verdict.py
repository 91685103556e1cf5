"""Own what a comparison shows: which column is ahead, and whether that is more than chance."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from statistics import fmean
from typing import Final, Literal, NamedTuple

from core.execution.comparison_report import CellReport, ColumnReport, ComparisonReport
from core.values.paired import LEVEL, holm, signed_rank_p

Measure = Literal["rating", "latency_ms", "cost_usd"]
MEASURES: Final[tuple[Measure, ...]] = ("rating", "latency_ms", "cost_usd")
# With fewer pairs no difference whatever reaches the level.
MIN_PAIRS: Final = 6


class Finding(NamedTuple):
    """The column ahead in one measure, those it is ahead of beyond chance, and the rest.

    `p` is the largest of the claims, raised for all pairs tested at once; None without a claim.
    `pairs` is the least number of inputs that two of the columns have both answered.
    """

    measure: Measure
    leader: int
    beaten: tuple[int, ...]
    undecided: tuple[int, ...]
    pairs: int
    p: float | None


def find_differences(report: ComparisonReport, measure: Measure) -> Finding | None:
    """Test every pair of columns over the inputs that both answered; None below two columns.

    What was repeated is first averaged, since repetitions of one input tell nothing of others.
    More is better of ratings, less of the other measures. The leader has the best mean over the
    inputs that all have answered.
    """
    values = {
        at: found
        for at, column in enumerate(report.columns)
        if (found := _by_input(column, measure))
    }
    shared = set[int]().union(*values.values()).intersection(*values.values())
    if len(values) < 2 or not shared:  # noqa: PLR2004 # a pair
        return None
    means = {at: fmean(found[one] for one in shared) for at, found in values.items()}
    leader = (max if measure == "rating" else min)(means, key=lambda at: means[at])
    pairs = {
        (one, other): _differences(values[one], values[other])
        for one, other in combinations(values, 2)
    }
    p_values = holm({pair: signed_rank_p(found) for pair, found in pairs.items()})
    against = {
        one if other == leader else other: p
        for (one, other), p in p_values.items()
        if leader in (one, other)
    }
    beaten = tuple(
        at
        for at, p in against.items()
        if p < LEVEL and _is_ahead(pairs[(min(leader, at), max(leader, at))], leader < at, measure)
    )
    return Finding(
        measure=measure,
        leader=leader,
        beaten=beaten,
        undecided=tuple(at for at in against if at not in beaten),
        pairs=min(len(found) for found in pairs.values()),
        p=max((against[at] for at in beaten), default=None),
    )


def _is_ahead(differences: Sequence[float], leader_is_first: bool, measure: Measure) -> bool:
    """Whether what the pair shows is in favour of the leader, as its mean over fewer inputs is."""
    more = fmean(differences) > 0
    return more is (leader_is_first is (measure == "rating"))


def _differences(one: Mapping[int, float], other: Mapping[int, float]) -> list[float]:
    return [one[at] - other[at] for at in one if at in other]


def _by_input(column: ColumnReport, measure: Measure) -> dict[int, float]:
    found: dict[int, list[float]] = {}
    for cell in column.cells:
        found.setdefault(cell.position.input, []).extend(_READ[measure](cell))
    return {at: fmean(values) for at, values in found.items() if values}


def _ratings(cell: CellReport) -> list[float]:
    return [float(one.rating) for one in cell.ratings]


def _latency(cell: CellReport) -> list[float]:
    row = cell.execution
    if row is None or row.status != "success" or row.latency_ms is None:
        return []
    return [row.latency_ms]


def _cost(cell: CellReport) -> list[float]:
    row = cell.execution
    known: Decimal | None = row.cost_usd if row is not None and row.status == "success" else None
    return [] if known is None else [float(known)]


_READ: Final[Mapping[Measure, Callable[[CellReport], list[float]]]] = {
    "rating": _ratings,
    "latency_ms": _latency,
    "cost_usd": _cost,
}
