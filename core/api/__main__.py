"""Own starting the REST API alone: `python -m core.api`."""

import gc
import logging
import os
import socket
import sys
from argparse import ArgumentParser
from typing import Final, cast

import uvicorn
from starlette.applications import Starlette
from typing_extensions import override

from core import telemetry
from core.api.app import create_app
from core.api.draining import DrainingServer
from core.api.listening import BACKLOG, listening
from core.api.workers import CANNOT_START, Workers, stop_with_parent
from core.errors import NotConfigured
from core.execution.running import Running
from core.runtime import Runtime
from core.settings import Settings, read_settings

# Not asyncio's own: several processes on it add 44 ms to each request of a connection kept alive.
LOOP: Final = "uvloop"

UNSHARED: Final = (
    "Several processes serve without a Redis: each counts limits by itself, so that together they "
    "let through so many times as much. PROMPTHUB_REDIS__URL makes them count together."
)

_log = logging.getLogger(__name__)


def main() -> int:
    """Serve until the process is asked to end; return the exit code."""
    parser = ArgumentParser(prog="core.api", description="Serve the REST API alone.")
    parser.add_argument("--worker", nargs=2, type=int, metavar=("LISTENER", "PIPE"))
    handed_down: list[int] | None = parser.parse_args().worker
    try:
        settings = read_settings()
        telemetry.configure(settings.telemetry)
        if handed_down is not None:
            return serve(settings, socket.socket(fileno=handed_down[0]), parent=handed_down[1])
        with listening(settings.server) as listener:
            if settings.server.workers > 1:
                if settings.redis.url is None:
                    _log.warning(UNSHARED)
                return Workers(settings.server.workers, listener).run()
            return serve(settings, listener)
    except NotConfigured as error:
        remedy = error.facts.get("remedy", "")
        sys.stderr.write(f"The REST API cannot start. {error.message} {remedy}\n")
        return CANNOT_START


def serve(settings: Settings, listener: socket.socket, *, parent: int | None = None) -> int:
    """Serve in this process; `parent` is the pipe that ends with the parent process."""
    server = Server(settings)
    if parent is not None:
        stop_with_parent(parent, server.stop)
    try:
        server.run([listener])
    except KeyboardInterrupt:
        return 0
    return 0


def make_config(settings: Settings) -> uvicorn.Config:
    """Return how each process serves."""
    return uvicorn.Config(
        create_app(settings),
        loop=LOOP,
        lifespan="on",
        ws="none",
        backlog=BACKLOG,
        proxy_headers=bool(settings.server.trusted_proxies),
        forwarded_allow_ips=list(settings.server.trusted_proxies),
        server_header=False,
        access_log=False,
        log_config=None,
    )


class Server(DrainingServer):
    """The server of one process, which says when it is ready."""

    def __init__(self, settings: Settings) -> None:
        config = make_config(settings)
        app = cast("Starlette", config.app)

        def find_running() -> Running | None:
            runtime: Runtime | None = getattr(app.state, "runtime", None)
            return None if runtime is None else runtime.engine.running

        super().__init__(
            config,
            shutdown_seconds=settings.server.shutdown_seconds,
            find_running=find_running,
        )

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # spares every later collection the modules
        _log.info("The REST API is ready.", extra=telemetry.facts(process=os.getpid()))


if __name__ == "__main__":
    raise SystemExit(main())
