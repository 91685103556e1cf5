"""Own the processes of the REST API when there are several: they share one listener.

Each is this program again (`python -m core.api --worker ...`) with the listener handed down, and
ends when the pipe from its parent does, so that none outlives the parent. One that dies is
replaced; one that cannot start ends them all.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

from core.telemetry import facts

# The exit code of a process that cannot start, e.g. without a database; uvicorn has the same.
CANNOT_START: Final = 3
LOOK_SECONDS: Final = 0.2
# A process that dies at once is not replaced more often than this.
REPLACE_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


class Workers:
    """So many processes on one listener."""

    def __init__(self, count: int, listener: socket.socket) -> None:
        self._count = count
        self._listener = listener
        self._theirs, self._ours = os.pipe()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._calls = 0  # to stop; no lock, as a signal may come while this very thread holds it

    def run(self) -> int:
        """Serve until Ctrl+C or SIGTERM, or until one cannot start; return the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        self._processes = [self._start() for _ in range(self._count)]
        code = 0
        while not code and not self._calls:
            time.sleep(LOOK_SECONDS)
            code = self._look()
        self._listener.close()  # so that nobody new waits where nobody answers
        self._signal_all()
        for process in self._processes:
            process.wait()
        os.close(self._ours)
        os.close(self._theirs)
        return code

    def _start(self) -> subprocess.Popen[bytes]:
        listener = self._listener.fileno()
        return subprocess.Popen(  # noqa: S603 # this program again
            [sys.executable, "-m", "core.api", "--worker", str(listener), str(self._theirs)],
            pass_fds=(listener, self._theirs),
            # Ctrl+C of a terminal is for the parent, which tells each of them once.
            process_group=0,
        )

    def _look(self) -> int:
        """Replace who died; return the exit code when one cannot start, else 0."""
        for place, process in enumerate(self._processes):
            code = process.poll()
            if code is None or self._calls:
                continue
            if code == CANNOT_START:
                return code
            _log.error("A process of the API ended and is replaced.", extra=facts(code=code))
            time.sleep(REPLACE_SECONDS)
            self._processes[place] = self._start()
        return 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._calls += 1
        if self._calls > 1:
            self._signal_all()  # again, which means at once

    def _signal_all(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.terminate()


def stop_with_parent(pipe: int, stop: Callable[[], object]) -> None:
    """Call `stop` on a thread of its own when the parent has ended and its pipe with it."""

    def watch() -> None:
        os.read(pipe, 1)
        stop()

    threading.Thread(target=watch, name="parent", daemon=True).start()
