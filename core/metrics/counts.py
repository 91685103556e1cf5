"""Own the counters of this process: plain numbers, with a bounded number of names."""

from bisect import bisect_left
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

# Upper bounds in seconds. Source: Prometheus' defaults, and for models the advice of OpenTelemetry
# for `gen_ai.client.operation.duration`.
REQUEST_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
MODEL_BOUNDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 80, 160)
# The first so many models and checks go by their names, all that come later are one.
MAX_NAMES: Final = 50
OTHER: Final = "other"
# How much of a month's budget a warning tells of.
BUDGET_LEVELS: Final = ("nearly", "used_up")
METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"})


class Histogram:
    """How often a duration fell below each bound, and the sum of all; `seconds` are seconds."""

    __slots__ = ("bounds", "counts", "sum_seconds")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum_seconds = 0.0

    def observe(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.sum_seconds += seconds


class Request(NamedTuple):
    """A kind of request: `route` is a template, never what a client typed."""

    method: str
    route: str
    status: str


@dataclass(slots=True)
class ModelCounts:
    """What the executions of one model came to."""

    executions: Counter[str] = field(default_factory=Counter[str])
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    cost_unknown: int = 0
    duration: Histogram = field(default_factory=lambda: Histogram(MODEL_BOUNDS))
    first_text: Histogram = field(default_factory=lambda: Histogram(MODEL_BOUNDS))


class Metrics:
    """One per process; everything is counted on the event loop, so nothing is locked."""

    def __init__(self) -> None:
        self.requests: dict[Request, Histogram] = {}
        self.models: dict[str, ModelCounts] = {}
        self.blocks: Counter[str] = Counter()
        self.budgets: Counter[str] = Counter()

    def copy(self) -> "Metrics":
        """Return the counts of this moment, to be read beside the event loop."""
        return deepcopy(self)

    def count_request(self, method: str, route: str, status: int | None, seconds: float) -> None:
        """Count one answered request; no `status` means that the client had gone."""
        kind = Request(
            method if method in METHODS else OTHER,
            route or "none",
            "none" if status is None else f"{status // 100}xx",
        )
        histogram = self.requests.get(kind)
        if histogram is None:
            histogram = self.requests[kind] = Histogram(REQUEST_BOUNDS)
        histogram.observe(seconds)

    def of_model(self, model: str) -> ModelCounts:
        """Return the counts of `connection/model`, of `other` when too many have a name."""
        name = _bounded(model, self.models)
        found = self.models.get(name)
        if found is None:
            found = self.models[name] = ModelCounts()
        return found

    def count_execution(self, model: str, status: str) -> None:
        """Count one execution that has ended."""
        self.of_model(model).executions[status] += 1

    def count_call(
        self,
        model: str,
        *,
        input_tokens: int,
        output_tokens: int,
        cost_usd: Decimal | None,
        latency_ms: float,
    ) -> None:
        """Count one answer of a model, whether the checks let it pass or not."""
        counts = self.of_model(model)
        counts.input_tokens += input_tokens
        counts.output_tokens += output_tokens
        if cost_usd is None:
            counts.cost_unknown += 1
        else:
            counts.cost_usd += float(cost_usd)
        counts.duration.observe(latency_ms / 1000)

    def count_first_text(self, model: str, after_ms: float) -> None:
        """Count the time to the first piece of a streamed answer."""
        self.of_model(model).first_text.observe(after_ms / 1000)

    def count_block(self, check: str) -> None:
        """Count one refusal by a guardrail."""
        self.blocks[_bounded(check, self.blocks)] += 1

    def count_budget(self, level: str) -> None:
        """Count one monthly budget that is nearly, or all, used up."""
        self.budgets[level] += 1


def _bounded(name: str, known: dict[str, ModelCounts] | Counter[str]) -> str:
    return name if name in known or len(known) < MAX_NAMES else OTHER
