"""Own the composition root: one process, one port, one event loop for pages, REST and sessions."""

import asyncio
import gc
import signal
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import uvicorn
import uvloop
from starlette.types import ASGIApp
from typing_extensions import override

from core import telemetry
from core.api.draining import DrainingServer
from core.api.listening import listening
from core.errors import PromptHubError
from core.settings import ServerSettings, Settings, read_settings
from streamlit_app.addresses import shown_address

if TYPE_CHECKING:
    from core.execution.running import Running  # loaded in a thread when it runs

# What a page sends at most in one message; the largest is the text of an editor, 64 KiB.
MAX_MESSAGE_BYTES = 4 * 1024 * 1024


def main() -> int:
    """Serve until Ctrl+C or SIGTERM; return the exit code."""
    parser = ArgumentParser(prog="streamlit_app.server", description="Run PromptHub.")
    parser.add_argument("--dev", action="store_true", help="reload a page when its file is saved")
    reloads: bool = parser.parse_args().dev
    try:
        settings = read_settings()
        telemetry.configure(settings.telemetry)
        with (
            listening(settings.server) as listener,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(serve(settings, listener, reloads=reloads))
    except PromptHubError as error:
        return fail(error.message, str(error.facts.get("remedy", "")))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 128 + signal.SIGINT
    return 0


async def serve(settings: Settings, listener: socket.socket, *, reloads: bool) -> None:
    """Open the runtime, serve until a signal comes, and close the runtime again.

    Raises:
        PromptHubError: the runtime cannot be opened; the message and remedy say why.
        asyncio.CancelledError: a signal came before the server was ready.
    """
    asked_to_stop = asyncio.Event()
    on_signal(partial(stop_starting, asyncio.current_task(), asked_to_stop))
    # In threads, so that a signal is heard; Streamlit loads while the database starts.
    await asyncio.to_thread(import_module, "core.runtime")
    loading = asyncio.create_task(asyncio.to_thread(import_module, "streamlit_app.application"))
    from core.runtime import started  # noqa: PLC0415 # loaded above

    async with started(settings) as runtime:
        await loading
        from core.api.metrics import metrics_port  # noqa: PLC0415 # loaded above
        from streamlit_app.application import create_application  # noqa: PLC0415 # loaded above

        application = create_application(runtime, asyncio.get_running_loop(), reloads=reloads)
        gc.collect()
        gc.freeze()  # spares every later collection the modules: 326 ms a run become 10 ms
        server = Server(application, settings.server, runtime.engine.running)
        on_signal(server.stop)
        if asked_to_stop.is_set():  # `wait_for` of Python 3.11, which the driver uses, lost it
            raise asyncio.CancelledError
        async with metrics_port(runtime):
            await server.serve([listener])


def on_signal(act: Callable[[], object]) -> None:
    """Call `act` on the event loop at Ctrl+C and SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, act)


def stop_starting(task: asyncio.Task[None] | None, asked_to_stop: asyncio.Event) -> None:
    """Undo what was started so far."""
    asked_to_stop.set()
    if task is not None:
        task.cancel()


class Server(DrainingServer):
    """Uvicorn with our signals, our words and no access log."""

    def __init__(self, application: ASGIApp, server: ServerSettings, running: "Running") -> None:
        super().__init__(
            uvicorn.Config(
                application,
                lifespan="on",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=bool(server.trusted_proxies),
                forwarded_allow_ips=list(server.trusted_proxies),
                ws="websockets-sansio",
                ws_max_size=MAX_MESSAGE_BYTES,
                ws_per_message_deflate=False,
            ),
            shutdown_seconds=server.shutdown_seconds,
            find_running=lambda: running,
        )
        self._address = shown_address(server)

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"PromptHub is ready at {self._address}\n")
        sys.stdout.flush()

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield  # `on_signal` has them; uvicorn would raise them again after a clean stop


def fail(*sentences: str) -> int:
    """Say why the server cannot start; return the exit code."""
    sys.stderr.write(f"PromptHub cannot start. {' '.join(filter(None, sentences))}\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
