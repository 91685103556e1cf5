"""Own how a server stops: what runs may end, nothing new begins, the rest is told why."""

import logging
import socket
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Final

import uvicorn
from typing_extensions import override

from core.telemetry import facts

if TYPE_CHECKING:
    # Loaded with the product; a server that is starting must hear signals before that.
    from core.execution.running import Running

# What is no execution (a page, a request for a list, an idle connection) gets so long.
STOP_SECONDS: Final = 2

_log = logging.getLogger(__name__)


class DrainingServer(uvicorn.Server):
    """Uvicorn that waits for running executions; `find_running` gives None before the start."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        shutdown_seconds: float,
        find_running: "Callable[[], Running | None]",
    ) -> None:
        config.timeout_graceful_shutdown = STOP_SECONDS
        super().__init__(config)
        self._shutdown_seconds = shutdown_seconds
        self._find_running = find_running

    def stop(self) -> None:
        """Stop at the first call, at once at the second."""
        running = self._find_running()
        if running is not None:
            running.close()
            if self.should_exit:
                running.hurry()
        self.force_exit = self.should_exit
        self.should_exit = True

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.stop()

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        running = self._find_running()
        # Open connections stay until then: answers are sent, and what is new is refused with 503.
        if running is not None and (left := await running.drain(self._shutdown_seconds)):
            _log.warning("Executions were stopped with the server.", extra=facts(stopped=left))
        await super().shutdown(sockets)
