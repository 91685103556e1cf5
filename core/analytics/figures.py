"""Own the figures that are told: sums of runs, tokens, money, ratings and times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from core.analytics.histogram import add_packed, find_quantile
from core.analytics.merge import EXACT
from core.analytics.tally import to_decimal
from core.values.estimate import Estimate, estimate_rating_sum

SHARES: Final = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}


class Times(NamedTuple):
    """Percentiles of times in milliseconds; None without any."""

    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None


@dataclass(slots=True)
class Figures:
    """Sums of what was used; those that were not asked for stay at nothing.

    `runs` are finished ones, and `by_status` tells how they ended. Times are those of all runs in
    which a model was called. `cost_unknown` counts answers whose price is not known.
    """

    runs: int = 0
    by_status: dict[str, int] = field(default_factory=dict[str, int])
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    cost_unknown: int = 0
    stars: list[int] = field(default_factory=lambda: [0] * 5)
    latencies: list[bytes] = field(default_factory=list[bytes])
    first_tokens: list[bytes] = field(default_factory=list[bytes])

    def add(self, cell: Mapping[str, Any]) -> None:
        """Add a cell as it is stored."""
        runs, status = cell["runs"], cell.get("status")
        self.runs += runs
        if runs and status is not None:
            self.by_status[status] = self.by_status.get(status, 0) + runs
        self.input_tokens += cell.get("input_tokens", 0)
        self.output_tokens += cell.get("output_tokens", 0)
        if "cost_usd" in cell:
            cost = cell["cost_usd"]
            spent = cost if isinstance(cost, Decimal) else to_decimal(cost)
            self.cost_usd = EXACT.add(self.cost_usd, spent)
            self.cost_unknown += cell["cost_unknown"]
        if "ratings" in cell:
            self.stars = [a + b for a, b in zip(self.stars, cell["ratings"], strict=True)]
        self.latencies.append(cell.get("latency", b""))
        self.first_tokens.append(cell.get("first_token", b""))

    def merge(self, other: "Figures") -> None:
        """Add other figures."""
        self.runs += other.runs
        for status, runs in other.by_status.items():
            self.by_status[status] = self.by_status.get(status, 0) + runs
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.cost_usd = EXACT.add(self.cost_usd, other.cost_usd)
        self.cost_unknown += other.cost_unknown
        self.stars = [a + b for a, b in zip(self.stars, other.stars, strict=True)]
        self.latencies += other.latencies
        self.first_tokens += other.first_tokens

    def count(self, status: str) -> int:
        """Return how many runs ended so."""
        return self.by_status.get(status, 0)

    def share(self, status: str) -> float | None:
        """Return the share of runs that ended so; None without runs."""
        return self.count(status) / self.runs if self.runs else None

    def latency(self) -> Times:
        """Return the percentiles of the whole time of a run."""
        return _times(self.latencies)

    def first_token(self) -> Times:
        """Return the percentiles of the time to the first text of a streamed run."""
        return _times(self.first_tokens)

    def rating(self) -> Estimate | None:
        """Return the mean of the ratings with its interval; None without any."""
        total = sum(stars * count for stars, count in enumerate(self.stars, start=1))
        return estimate_rating_sum(sum(self.stars), total)

    def cost_per_success_usd(self) -> Decimal | None:
        """Return what one successful run costs, failures included; None without a success."""
        successes = self.count("success")
        return EXACT.divide(self.cost_usd, Decimal(successes)) if successes else None


def _times(packed: list[bytes]) -> Times:
    counts = add_packed(packed)
    return Times(*(find_quantile(counts, share) for share in SHARES.values()))
