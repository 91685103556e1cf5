"""Own the text that Prometheus reads; `prometheus_client` is imported at the first scrape."""

from collections.abc import Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from core.metrics.counts import BUDGET_LEVELS, Histogram, Metrics
from prompthub import __version__

if TYPE_CHECKING:
    from prometheus_client.core import HistogramMetricFamily, Metric

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Gauges(NamedTuple):
    """What is not counted but looked at when somebody asks.

    `anomalies` are by measure: how many there have been, and how many go on unattended.
    """

    is_database_up: bool
    is_redis_away: bool
    embedder: str
    running: int
    rate_limited: Mapping[str, int]
    rollup_lag_seconds: float | None
    anomalies: Mapping[str, tuple[int, int]]


def render(metrics: Metrics, gauges: Gauges) -> bytes:
    """Return the metrics as text; with them the memory, CPU time and open files of the process."""
    from prometheus_client import (  # noqa: PLC0415 # slow to import, and at most once a scrape
        CollectorRegistry,
        ProcessCollector,
        generate_latest,
    )

    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Collector(metrics, gauges))
    return generate_latest(registry)


class _Collector:
    """Turns the counts into the families of `prometheus_client`."""

    def __init__(self, metrics: Metrics, gauges: Gauges) -> None:
        self._metrics = metrics
        self._gauges = gauges

    def collect(self) -> "Iterable[Metric]":
        yield from self._requests()
        yield from self._models()
        yield from self._refusals()
        yield from self._anomalies()
        yield from self._state()

    def _requests(self) -> "Generator[Metric]":
        from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415

        family = HistogramMetricFamily(
            "prompthub_http_request_duration_seconds",
            "Requests to the REST API by method, route and class of status.",
            labels=["method", "route", "status"],
        )
        for kind, histogram in self._metrics.requests.items():
            _add(family, list(kind), histogram)
        yield family

    def _models(self) -> "Generator[Metric]":
        from prometheus_client.core import (  # noqa: PLC0415
            CounterMetricFamily,
            HistogramMetricFamily,
        )

        executions = CounterMetricFamily(
            "prompthub_executions", "Executions that ended.", labels=["model", "status"]
        )
        tokens = CounterMetricFamily(
            "prompthub_tokens", "Tokens sent to and got from models.", labels=["model", "type"]
        )
        cost = CounterMetricFamily(
            "prompthub_cost_usd", "US dollars of answers whose price is known.", labels=["model"]
        )
        unpriced = CounterMetricFamily(
            "prompthub_cost_unknown", "Answers whose price is not known.", labels=["model"]
        )
        duration = HistogramMetricFamily(
            "prompthub_execution_duration_seconds", "Time to a whole answer.", labels=["model"]
        )
        first = HistogramMetricFamily(
            "prompthub_time_to_first_token_seconds", "Time to a first piece.", labels=["model"]
        )
        for model, counts in self._metrics.models.items():
            for status, count in counts.executions.items():
                executions.add_metric([model, status], count)
            tokens.add_metric([model, "input"], counts.input_tokens)
            tokens.add_metric([model, "output"], counts.output_tokens)
            cost.add_metric([model], counts.cost_usd)
            unpriced.add_metric([model], counts.cost_unknown)
            _add(duration, [model], counts.duration)
            _add(first, [model], counts.first_text)
        yield from (executions, tokens, cost, unpriced, duration, first)

    def _refusals(self) -> "Generator[Metric]":
        from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415

        blocks = CounterMetricFamily(
            "prompthub_guardrail_blocks",
            "Inputs and answers that a check refused.",
            labels=["check"],
        )
        for check, count in self._metrics.blocks.items():
            blocks.add_metric([check], count)
        budgets = CounterMetricFamily(
            "prompthub_budget_warnings",
            "Monthly budgets of applications that are nearly, or all, used up.",
            labels=["level"],
        )
        for level in BUDGET_LEVELS:
            budgets.add_metric([level], self._metrics.budgets[level])
        limited = CounterMetricFamily(
            "prompthub_rate_limited", "What was refused because of a limit.", labels=["kind"]
        )
        for kind, count in self._gauges.rate_limited.items():
            limited.add_metric([kind], count)
        yield from (blocks, limited, budgets)

    def _anomalies(self) -> "Generator[Metric]":
        from prometheus_client.core import (  # noqa: PLC0415
            CounterMetricFamily,
            GaugeMetricFamily,
        )

        found = CounterMetricFamily(
            "prompthub_anomalies", "What was unusual, of all processes.", labels=["measure"]
        )
        is_open = GaugeMetricFamily(
            "prompthub_anomalies_open",
            "What is unusual, and neither acknowledged nor muted; of all processes.",
            labels=["measure"],
        )
        for measure, (total, going_on) in self._gauges.anomalies.items():
            found.add_metric([measure], total)
            is_open.add_metric([measure], going_on)
        yield from (found, is_open)

    def _state(self) -> "Generator[Metric]":
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        embedder = GaugeMetricFamily(
            "prompthub_embedder", "1 for the state that semantic search is in.", labels=["state"]
        )
        embedder.add_metric([self._gauges.embedder], 1)
        build = GaugeMetricFamily("prompthub_build_info", "The release.", labels=["version"])
        build.add_metric([__version__], 1)
        lag = GaugeMetricFamily(
            "prompthub_rollup_lag_seconds", "How far the sums of analytics are behind the log."
        )
        if self._gauges.rollup_lag_seconds is not None:
            lag.add_metric([], self._gauges.rollup_lag_seconds)
        yield from (embedder, build, lag)
        for name, text, value in (
            ("database_up", "Whether the database answers.", self._gauges.is_database_up),
            ("redis_away", "Whether a Redis is set and away.", self._gauges.is_redis_away),
            ("executions_running", "Executions under way.", self._gauges.running),
        ):
            yield GaugeMetricFamily(f"prompthub_{name}", text, value=float(value))


def _add(family: "HistogramMetricFamily", labels: list[str], histogram: Histogram) -> None:
    buckets: list[tuple[str, float]] = []
    total = 0
    for bound, count in zip((*histogram.bounds, None), histogram.counts, strict=True):
        total += count
        buckets.append(("+Inf" if bound is None else str(float(bound)), total))
    family.add_metric(labels, buckets, histogram.sum_seconds)
