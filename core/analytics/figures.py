"""Own the figures that are told: sums of runs, tokens, money, ratings and times."""

from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Final, NamedTuple

import numpy as np

from core.analytics.columns import Bins, Columns, join_money
from core.analytics.histogram import Ints, find_quantiles
from core.values.estimate import Estimate, estimate_rating_sum

SHARES: Final = (0.50, 0.90, 0.95, 0.99)
# As many digits as Decimal128 keeps.
_DIVISION: Final = Context(prec=34)


class Times(NamedTuple):
    """Percentiles of times in milliseconds; None without any."""

    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None


NO_TIMES: Final = Times()


@dataclass(slots=True)
class Figures:
    """Sums of what was used; those that were not asked for stay at nothing.

    `runs` are finished ones, and `by_status` tells how they ended. Times are those of all runs in
    which a model was called. `cost_unknown` counts answers whose price is not known.
    `stars` counts the ratings 1 to 5.
    """

    runs: int = 0
    by_status: dict[str, int] = field(default_factory=dict[str, int])
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    cost_unknown: int = 0
    stars: tuple[int, ...] = (0, 0, 0, 0, 0)
    latency: Times = NO_TIMES
    first_token: Times = NO_TIMES

    def count(self, status: str) -> int:
        """Return how many runs ended so."""
        return self.by_status.get(status, 0)

    def share(self, status: str) -> float | None:
        """Return the share of runs that ended so; None without runs."""
        return self.count(status) / self.runs if self.runs else None

    def rating(self) -> Estimate | None:
        """Return the mean of the ratings with its interval; None without any."""
        total = sum(stars * count for stars, count in enumerate(self.stars, start=1))
        return estimate_rating_sum(sum(self.stars), total)

    def cost_per_success_usd(self) -> Decimal | None:
        """Return what one successful run costs, failures included; None without a success."""
        successes = self.count("success")
        return _DIVISION.divide(self.cost_usd, Decimal(successes)) if successes else None


def to_figures(columns: Columns) -> dict[int, Figures]:
    """Return the figures of each row by its key; how runs ended is to be added."""
    counts = {
        name: columns.column(name).tolist()
        for name in ("runs", "input_tokens", "output_tokens", "cost_unknown")
    }
    money = zip(
        columns.column("cost_nano").tolist(), columns.column("cost_atto").tolist(), strict=True
    )
    stars = zip(*(columns.column(f"stars_{n}").tolist() for n in range(1, 6)), strict=True)
    figures = {
        key: Figures(
            **{name: column[row] for name, column in counts.items()},
            cost_usd=join_money(*spent),
            stars=given,
        )
        for row, (key, spent, given) in enumerate(
            zip(columns.key.tolist(), money, stars, strict=True)
        )
    }
    for name in columns.times:
        for key, times in zip(columns.key.tolist(), _percentiles(columns, name), strict=True):
            setattr(figures[key], name, times)
    return figures


def _percentiles(columns: Columns, name: str) -> list[Times]:
    bins: Bins = columns.times[name]
    edges: Ints = np.searchsorted(bins.row, np.arange(len(columns.key) + 1)).astype(np.int64)
    shares = [find_quantiles(bins.bin, bins.count, edges, share) for share in SHARES]
    return [Times(*told) for told in zip(*shares, strict=True)]
