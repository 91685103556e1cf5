"""Own an OTLP/HTTP collector on loopback that keeps what arrives.

In a test: `with collecting() as collector: ... collector.url`, and close what sends before the
spans are looked at.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from typing_extensions import override


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSpan:
    """A span that arrived."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    is_error: bool
    seconds: float
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPoint:
    """A point of a histogram that arrived."""

    name: str
    unit: str
    count: int
    sum: float
    bounds: tuple[float, ...]
    attributes: dict[str, Any]


@dataclass(slots=True)
class Collector:
    """What arrived, and where."""

    url: str = ""
    spans: list[SeenSpan] = field(default_factory=list[SeenSpan])
    points: list[SeenPoint] = field(default_factory=list[SeenPoint])
    resources: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    bodies: list[bytes] = field(default_factory=list[bytes])

    def span(self, begins_with: str) -> SeenSpan:
        """The only span whose name begins so."""
        (found,) = [span for span in self.spans if span.name.startswith(begins_with)]
        return found

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Keep one sending."""
        self.headers.append(headers)
        self.bodies.append(body)
        if path == "/v1/traces":
            self._take_spans(ExportTraceServiceRequest.FromString(body))
        else:
            self._take_points(ExportMetricsServiceRequest.FromString(body))

    def _take_spans(self, request: Any) -> None:
        for resource in request.resource_spans:
            self.resources.append(_plain(resource.resource.attributes))
            for span in (one for scope in resource.scope_spans for one in scope.spans):
                seen = SeenSpan(
                    name=span.name,
                    kind=span.kind,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    is_error=span.status.code == 2,
                    seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                    attributes=_plain(span.attributes),
                )
                self.spans.append(seen)

    def _take_points(self, request: Any) -> None:
        for resource in request.resource_metrics:
            for metric in (one for scope in resource.scope_metrics for one in scope.metrics):
                self.points += [
                    SeenPoint(
                        name=metric.name,
                        unit=metric.unit,
                        count=point.count,
                        sum=point.sum,
                        bounds=tuple(point.explicit_bounds),
                        attributes=_plain(point.attributes),
                    )
                    for point in metric.histogram.data_points
                ]


def _plain(attributes: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind)


@contextmanager
def collecting(status: int = 200) -> Generator[Collector]:
    """Collect on a free port of loopback until the block is left; answer each with `status`."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.take(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
