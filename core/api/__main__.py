"""Own starting the REST API alone: `python -m core.api`."""

import gc
import logging
import os
import socket
import sys
from argparse import ArgumentParser
from typing import Final

import uvicorn
from typing_extensions import override

from core import telemetry
from core.api.app import create_app
from core.api.listening import BACKLOG, listening
from core.api.workers import CANNOT_START, Workers, stop_with_parent
from core.errors import NotConfigured
from core.settings import Settings, read_settings

# Not asyncio's own: several processes on it add 44 ms to each request of a connection kept alive.
LOOP: Final = "uvloop"

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
                return Workers(settings.server.workers, listener).run()
            return serve(settings, listener)
    except NotConfigured as error:
        remedy = error.facts.get("remedy", "")
        sys.stderr.write(f"The REST API cannot start. {error.message} {remedy}\n")
        return CANNOT_START


def serve(settings: Settings, listener: socket.socket, *, parent: int | None = None) -> int:
    """Serve in this process; `parent` is the pipe that ends with the parent process."""
    server = Server(make_config(settings))
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


class Server(uvicorn.Server):
    """Uvicorn that says when it is ready."""

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # spares every later collection the modules
        _log.info("The REST API is ready.", extra=telemetry.facts(process=os.getpid()))

    def stop(self) -> None:
        """Stop after the answers under way."""
        self.should_exit = True


if __name__ == "__main__":
    raise SystemExit(main())
