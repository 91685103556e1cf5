"""Own who may read the metrics: on the public port, or on a port of their own."""

import asyncio
import errno
import hmac
import logging
import socket
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import pymongo
import uvicorn
from fastapi import APIRouter
from pymongo.errors import PyMongoError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from typing_extensions import override

from core.analytics.anomalies.listing import Tally, count_anomalies
from core.analytics.progress import find_seconds_behind
from core.api.callers import runtime_of
from core.api.strict_route import StrictRoute
from core.errors import NotAuthenticated, NotConfigured, NotFound
from core.metrics.exposition import MEDIA_TYPE, Gauges, render
from core.runtime import Runtime
from core.settings import MetricsSettings
from core.telemetry import facts

# A scrape is not held up by a database that is away.
PING_SECONDS: Final = 1.0
STOP_SECONDS: Final = 1

_log = logging.getLogger(__name__)

router = APIRouter(route_class=StrictRoute, tags=["health"])


@router.get("/metrics", response_class=PlainTextResponse)
async def show_metrics(request: Request) -> Response:
    """Show what this process counted, as Prometheus reads it.

    On a server that others can reach it takes `Authorization: Bearer <PROMPTHUB_METRICS__TOKEN>`.
    """
    runtime = runtime_of(request)
    if runtime.settings.metrics.port is not None:
        raise NotFound("address", "/metrics")
    _require_token(runtime, request.headers.get("authorization", ""))
    return await _answer(runtime)


def _require_token(runtime: Runtime, given: str) -> None:
    token = runtime.settings.metrics.token
    if token is None:
        # The same test as for the set-up token: does only this machine reach the server?
        if runtime.setup_token is None:
            return
        raise NotAuthenticated("Set PROMPTHUB_METRICS__TOKEN and send it as a bearer token.")
    wanted = f"Bearer {token.get_secret_value()}"
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode()):
        raise NotAuthenticated("Send the token of the metrics as `Authorization: Bearer ...`.")


async def _answer(runtime: Runtime) -> Response:
    is_database_up, lag, anomalies = await _look_at_database()
    gauges = Gauges(
        is_database_up=is_database_up,
        is_redis_away=runtime.limits.is_shared_away,
        embedder=runtime.embeddings.status,
        running=len(runtime.engine.running),
        rate_limited=dict(runtime.limits.refused),
        rollup_lag_seconds=lag,
        anomalies=anomalies,
    )
    text = await asyncio.to_thread(render, runtime.engine.metrics.copy(), gauges)
    return Response(text, headers={"Content-Type": MEDIA_TYPE})


async def _look_at_database() -> tuple[bool, float | None, Mapping[str, Tally]]:
    """Tell whether the database answers, how far sums are behind, and what is unusual."""
    try:
        with pymongo.timeout(PING_SECONDS):
            return True, await find_seconds_behind(), dict(await count_anomalies())
    except PyMongoError:
        return False, None, {}


@asynccontextmanager
async def metrics_port(runtime: Runtime) -> AsyncGenerator[None]:
    """Serve the metrics on their own port, where one is set, until the block is left.

    Of several processes each takes the next free port from there on: its counts are its own.

    Raises:
        NotConfigured: the port cannot be had.
    """
    settings = runtime.settings.metrics
    if settings.port is None:
        yield
        return

    async def show(_request: Request) -> Response:
        return await _answer(runtime)

    app = Starlette(routes=[Route("/metrics", show)])
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
    last = settings.port + runtime.settings.server.workers - 1
    with _first_free(settings, settings.port, last) as listener:
        task = asyncio.create_task(server.serve([listener]))
        port: int = listener.getsockname()[1]
        _log.info("Metrics have a port of their own.", extra=facts(port=port))
        try:
            yield
        finally:
            server.should_exit = True
            await task


class _Server(uvicorn.Server):
    @override
    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield  # they are for the server of the public port


def _first_free(settings: MetricsSettings, port: int, last: int) -> socket.socket:
    """Take a port from the row that the processes of one server share."""
    while True:
        try:
            return _listening(settings, port)
        except NotConfigured:
            if port >= last:
                raise
            port += 1


def _listening(settings: MetricsSettings, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.address, port))
        listener.listen()
    except OSError as error:
        listener.close()
        why = "is in use" if error.errno == errno.EADDRINUSE else "cannot be had"
        raise NotConfigured(
            f"Port {port} on {settings.address} for the metrics {why}.",
            setting="PROMPTHUB_METRICS__PORT",
            remedy="Choose another PROMPTHUB_METRICS__PORT or PROMPTHUB_METRICS__ADDRESS.",
        ) from error
    return listener
