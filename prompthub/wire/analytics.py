"""Own the shapes of analytics."""

from typing import Literal

from prompthub.wire.base import Answer, Id, Moment, Usd
from prompthub.wire.feedback import RatingSummary
from prompthub.wire.literals import ExecutionStatus

Bucket = Literal["hour", "day", "week", "month"]
Group = Literal["application", "prompt", "version", "provider", "model", "status", "user"]
Order = Literal["runs", "cost_usd"]


class Window(Answer):
    """What was looked at: from `start` (included) to `end` (not included), quarters of an hour."""

    start: Moment
    end: Moment
    bucket: Bucket | None
    time_zone: str


class Keys(Answer):
    """Which group an item is of; only what was grouped by is set.

    `bucket` is when the bucket begins, null without buckets. `is_other` marks the groups beyond
    the first `top`, together. `model` is connection/model, empty where no model was chosen.
    """

    bucket: Moment | None = None
    is_other: bool = False
    application_id: Id | None = None
    prompt_id: str | None = None
    version: str | None = None
    provider: str | None = None
    model: str | None = None
    status: ExecutionStatus | None = None
    user_id: Id | None = None


class UsageFigures(Answer):
    """How many runs ended, how they ended, and their tokens."""

    runs: int
    success: int
    failed: int
    timeout: int
    blocked: int
    cancelled: int
    input_tokens: int
    output_tokens: int


class UsageItem(Keys, UsageFigures):
    """The usage of one group in one bucket."""


class CostFigures(Answer):
    """What runs cost: the sum of known prices, and how many answers had none.

    `cost_per_success_usd` is the cost of all runs for each successful one, null without any.
    """

    runs: int
    success: int
    cost_usd: Usd
    cost_unknown: int
    cost_per_success_usd: Usd | None


class CostItem(Keys, CostFigures):
    """The cost of one group in one bucket."""


class PerformanceFigures(Answer):
    """How long runs took in milliseconds, how many succeeded, and how they were rated.

    Percentiles are within 2 %; they are of runs in which a model answered, null without any.
    """

    runs: int
    latency_p50_ms: float | None
    latency_p90_ms: float | None
    latency_p95_ms: float | None
    latency_p99_ms: float | None
    time_to_first_token_p50_ms: float | None
    time_to_first_token_p90_ms: float | None
    time_to_first_token_p95_ms: float | None
    time_to_first_token_p99_ms: float | None
    success_rate: float | None
    rating: RatingSummary | None


class PerformanceItem(Keys, PerformanceFigures):
    """The performance of one group in one bucket."""


class _Told(Answer):
    """What every answer has; `groups` counts all groups, shown by themselves or not."""

    window: Window
    groups: int


class UsageBefore(Answer):
    """The usage of the window of the same length right before."""

    window: Window
    totals: UsageFigures


class Usage(_Told):
    """Usage by bucket and group; `previous` where it was asked for."""

    items: list[UsageItem]
    totals: UsageFigures
    previous: UsageBefore | None


class CostsBefore(Answer):
    """The cost of the window of the same length right before."""

    window: Window
    totals: CostFigures


class Costs(_Told):
    """Costs by bucket and group; `previous` where it was asked for."""

    items: list[CostItem]
    totals: CostFigures
    previous: CostsBefore | None


class PerformanceBefore(Answer):
    """The performance of the window of the same length right before."""

    window: Window
    totals: PerformanceFigures


class Performance(_Told):
    """Performance by bucket and group; `previous` where it was asked for."""

    items: list[PerformanceItem]
    totals: PerformanceFigures
    previous: PerformanceBefore | None
