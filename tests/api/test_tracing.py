"""Requests as a collector sees them: the caller's trace goes on, and no path is told."""

import json
import logging
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2
import pytest

from core.api.app import create_app
from core.settings import OtelSettings, Settings
from core.telemetry import JsonLines
from tests.api.people import Visitor, a_desk
from tests.collector import Collector, collecting

SERVER = 2
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
BODY: dict[str, Any] = {"variables": {"name": "canary-Bo"}}
EXECUTE = "POST /execute/{prompt_id}/{version}"

Serve = Callable[..., AbstractAsyncContextManager[Visitor]]


@pytest.fixture
def collector() -> Generator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def serve(settings: Settings, collector: Collector) -> Serve:
    """Return what serves and traces; all has arrived when the block is left."""

    @asynccontextmanager
    async def serving(**otel: Any) -> AsyncGenerator[Visitor]:
        sent = OtelSettings.model_validate({"endpoint": collector.url, **otel})
        app = create_app(settings.model_copy(update={"otel": sent}))
        async with app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                yield Visitor(client)

    return serving


def called(flags: str = "01") -> dict[str, str]:
    return {"traceparent": f"00-{TRACE}-{CALLER}-{flags}"}


async def test_the_trace_of_a_caller_goes_on_through_request_and_execution(
    serve: Serve, collector: Collector
) -> None:
    async with serve() as visitor:
        desk = await a_desk(visitor)
        answer = await desk.application.post("/execute/greeting/1.0.0", BODY, headers=called())

    request = collector.span(EXECUTE)
    whole, call = collector.span("execute greeting"), collector.span("chat echo")
    assert {span.trace_id for span in (request, whole, call)} == {TRACE}
    assert (request.parent_id, whole.parent_id) == (CALLER, request.span_id)
    assert request.kind == SERVER
    sent_id = answer.headers["x-request-id"]
    assert request.attributes["prompthub.request.id"] == sent_id
    assert whole.attributes["prompthub.request.id"] == sent_id
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["http.route"] == "/execute/{prompt_id}/{version}"
    assert (call.attributes["gen_ai.provider.name"], call.attributes["prompthub.connection"]) == (
        "prompthub",
        "demo",
    )
    resource = collector.resources[0]
    assert (resource["service.name"], len(resource["service.instance.id"])) == ("prompthub", 36)


async def test_a_streamed_execution_stands_below_its_request(
    serve: Serve, collector: Collector
) -> None:
    async with serve() as visitor:
        desk = await a_desk(visitor)
        body = {**BODY, "stream": True}
        await desk.application.post("/execute/greeting/1.0.0", body, headers=called())

    request, whole = collector.span(EXECUTE), collector.span("execute greeting")
    assert (whole.parent_id, whole.trace_id) == (request.span_id, TRACE)
    assert request.seconds >= whole.seconds


@pytest.mark.parametrize(
    "header", ["", "00-0-0-01", f"00-{'0' * 32}-{CALLER}-01", f"ff-{TRACE}-{CALLER}-01", "é"]
)
async def test_a_trace_that_makes_no_sense_is_begun_anew(
    header: str, serve: Serve, collector: Collector
) -> None:
    async with serve() as visitor:
        answer = await visitor.get("/health", headers={"traceparent": header.encode()})

    assert answer.status_code == 200
    request = collector.span("GET /health")
    assert request.parent_id == ""
    assert request.trace_id != TRACE


async def test_a_caller_that_keeps_no_trace_has_none_kept_here(
    serve: Serve, collector: Collector
) -> None:
    async with serve() as visitor:
        await visitor.get("/health", headers=called(flags="00"))
        await visitor.get("/ready", headers=called())

    assert [span.name for span in collector.spans] == ["GET /ready"]


async def test_of_requests_without_a_caller_the_share_that_is_set_is_kept(
    serve: Serve, collector: Collector
) -> None:
    async with serve(sample_ratio=0) as visitor:
        await visitor.get("/health")
        await visitor.get("/ready", headers=called())

    assert [span.name for span in collector.spans] == ["GET /ready"]


async def test_what_clients_type_is_not_told(serve: Serve, collector: Collector) -> None:
    async with serve() as visitor:
        desk = await a_desk(visitor)
        await desk.application.post("/execute/canary-prompt/1.0.0?canary=1", BODY)
        await desk.application.get("/canary-nowhere")
        await visitor.ask("BREW", "/health")

    told = b"".join(collector.bodies)
    assert b"canary" not in told
    names = [span.name for span in collector.spans]
    assert {EXECUTE, "GET", "HTTP /health"} <= set(names)
    refused = [span for span in collector.spans if span.name == "GET"][-1]
    assert refused.attributes["http.response.status_code"] == 404
    assert not refused.is_error


async def test_log_lines_name_the_trace(serve: Serve) -> None:
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    keeping = Keeping()
    keeping.setFormatter(JsonLines())
    async with serve() as visitor:
        logging.getLogger().addHandler(keeping)
        desk = await a_desk(visitor)
        await desk.application.post(
            "/execute/greeting/1.0.0", {**BODY, "model": "demo/echo"}, headers=called()
        )
        logging.getLogger().removeHandler(keeping)

    told = [json.loads(line) for line in lines]
    ours = [line for line in told if line.get("trace_id") == TRACE]
    assert [line["message"] for line in ours] == ["request"]
    assert ours[0]["request_id"]
