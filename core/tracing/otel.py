"""Own what speaks OpenTelemetry: spans and model metrics, sent to a collector by threads.

Nothing global of OpenTelemetry is set, and no span of ours is its current one: SDKs of vendors
that trace by themselves would else send traces, and the ids of ours to their vendor.
"""

import asyncio
import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from threading import Thread
from typing import Final, Literal
from uuid import uuid4

import requests
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Span as VendorSpan
from opentelemetry.trace import SpanKind, StatusCode, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from typing_extensions import override

from core import telemetry
from core.clock import Stopwatch
from core.settings import OtelSettings
from core.telemetry import Attribute, attributes
from prompthub import __version__

SEND_SECONDS: Final = 5.0
# What is not sent by then is lost: a stop does not wait for a collector that is away.
CLOSE_SECONDS: Final = 3.0
QUIET_MS: Final = 60_000.0
# Source: the advice of the semantic conventions for each of these metrics.
DURATION_BOUNDS: Final = tuple(0.01 * 2**power for power in range(14))
TOKEN_BOUNDS: Final = tuple(4**power for power in range(14))
_LOGGERS: Final = (OTLPSpanExporter.__module__, OTLPMetricExporter.__module__)
_KINDS: Final = {
    "server": SpanKind.SERVER,
    "internal": SpanKind.INTERNAL,
    "client": SpanKind.CLIENT,
}
_W3C: Final = TraceContextTextMapPropagator()
_parent: ContextVar[Context | None] = ContextVar("parent_span", default=None)

Fields = Mapping[str, Attribute | None]


class Span:
    """One piece of work under way; told to the collector when it ends."""

    def __init__(self, span: VendorSpan) -> None:
        self._span = span

    def name(self, name: str) -> None:
        """Give it the name that is only known now."""
        self._span.update_name(name)

    def tell(self, fields: Fields) -> None:
        """Add what is known by now."""
        self._span.set_attributes(attributes(fields))

    def end(self, *, is_error: bool = False, at_ns: int | None = None) -> None:
        """End it, now or at the moment given in nanoseconds since 1970."""
        if is_error:
            self._span.set_status(StatusCode.ERROR)
        self._span.end(end_time=at_ns)

    @contextmanager
    def around(self) -> Generator[None]:
        """Make it the parent of the spans that begin within the block, and name its trace in logs.

        For blocks that are entered and left in one task.
        """
        context = _parent.set(set_span_in_context(self._span, Context()))
        trace = telemetry.trace_id.set(format_trace_id(self._span.get_span_context().trace_id))
        try:
            yield
        finally:
            telemetry.trace_id.reset(trace)
            _parent.reset(context)


class Tracing:
    """One per process that has an address to send to.

    `keeps_content` says whether spans may carry messages and answers.
    """

    def __init__(self, settings: OtelSettings) -> None:
        self.keeps_content = settings.content
        resource = Resource.create(
            {
                "service.name": settings.service_name,
                "service.version": __version__,
                "service.instance.id": str(uuid4()),
            }
        )
        headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
        self._spans = TracerProvider(
            ParentBasedTraceIdRatio(settings.sample_ratio), resource, shutdown_on_exit=False
        )
        spans = OTLPSpanExporter(
            f"{settings.endpoint}/v1/traces",
            headers=headers,
            timeout=SEND_SECONDS,
            session=_session(),
        )
        self._spans.add_span_processor(BatchSpanProcessor(spans))
        metrics = OTLPMetricExporter(
            f"{settings.endpoint}/v1/metrics",
            headers=headers,
            timeout=SEND_SECONDS,
            session=_session(),
        )
        reader = PeriodicExportingMetricReader(metrics, settings.metrics_seconds * 1000)
        self._meters = MeterProvider([reader], resource, shutdown_on_exit=False)
        self._tracer = self._spans.get_tracer("prompthub", __version__)
        self._make_instruments()
        self._quiet = {logging.getLogger(name): _OnceAMinute() for name in _LOGGERS}
        for logger, filtering in self._quiet.items():
            logger.addFilter(filtering)

    def _make_instruments(self) -> None:
        meter = self._meters.get_meter("prompthub", __version__)
        self._duration = meter.create_histogram(
            telemetry.CALL_DURATION,
            unit="s",
            description="Duration of calls of models, retries included.",
            explicit_bucket_boundaries_advisory=DURATION_BOUNDS,
        )
        self._first_chunk = meter.create_histogram(
            telemetry.CALL_FIRST_CHUNK,
            unit="s",
            description="Time to the first piece of a streamed answer.",
            explicit_bucket_boundaries_advisory=DURATION_BOUNDS,
        )
        self._tokens = meter.create_histogram(
            telemetry.CALL_TOKENS,
            unit="{token}",
            description="Tokens of a call of a model, as the provider reports them.",
            explicit_bucket_boundaries_advisory=TOKEN_BOUNDS,
        )

    def begin(
        self,
        name: str,
        kind: Literal["server", "internal", "client"],
        fields: Fields,
        *,
        caller: Mapping[str, str] | None = None,
        at: datetime | None = None,
    ) -> Span:
        """Begin a span, now or at a moment past, below the one that the task is in.

        `caller` are the headers of a request, whose trace goes on where `traceparent` is sound.
        """
        context = _parent.get() if caller is None else _W3C.extract(caller, Context())
        return Span(
            self._tracer.start_span(
                name,
                # Never None, which would mean what is current in OpenTelemetry.
                context or Context(),
                _KINDS[kind],
                attributes(fields),
                start_time=None if at is None else round(at.timestamp() * 1e9),
            )
        )

    def child_of(self, parent: Span, name: str, fields: Fields) -> Span:
        """Begin the span of a call of another server, below `parent`."""
        with parent.around():
            return self.begin(name, "client", fields)

    def measure_call(self, seconds: float, fields: Fields) -> None:
        """Record how long a call of a model took."""
        self._duration.record(seconds, attributes(fields), Context())

    def measure_first_chunk(self, seconds: float, fields: Fields) -> None:
        """Record when the first piece of an answer came."""
        self._first_chunk.record(seconds, attributes(fields), Context())

    def measure_tokens(self, tokens: Mapping[str, int], fields: Fields) -> None:
        """Record the tokens of a call by their type, `input` and `output`."""
        for kind, count in tokens.items():
            self._tokens.record(count, attributes({**fields, "token_type": kind}), Context())

    async def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        # Not in threads of the loop: it would wait for them at its end.
        ways: tuple[Callable[[], None], ...] = (self._spans.shutdown, self._meters.shutdown)
        threads = [Thread(target=way, daemon=True) for way in ways]
        for thread in threads:
            thread.start()
        await asyncio.gather(*(asyncio.to_thread(thread.join, CLOSE_SECONDS) for thread in threads))
        for logger, filtering in self._quiet.items():
            logger.removeFilter(filtering)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy and no credentials of the environment
    return session


class _OnceAMinute(logging.Filter):
    """While a collector is away, every sending fails and says so several times."""

    def __init__(self) -> None:
        super().__init__()
        self._since: Stopwatch | None = None

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if self._since is not None and self._since.elapsed_ms() < QUIET_MS:
            return False
        self._since = Stopwatch()
        return True
