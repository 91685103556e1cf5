"""The application as the benchmarks run it: on a temporary data folder and a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

POLL_SECONDS = 0.02
START_SECONDS = 120
STOP_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running application and its data folder."""

    url: str
    pid: int
    data_dir: Path
    ready_seconds: float


@contextmanager
def running(data_dir: Path) -> Generator[Server]:
    """Start the application, wait until it is ready, and stop it by Ctrl+C at the end."""
    port = free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit_app.server"],
        env={
            **os.environ,
            "PROMPTHUB_DATA_DIR": str(data_dir),
            "PROMPTHUB_SERVER__PORT": str(port),
            "PROMPTHUB_TELEMETRY__LOG_LEVEL": "WARNING",
        },
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(process, f"{url}/api/v1/ready")
        yield Server(url, process.pid, data_dir, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    """Ask until the answer is 200.

    Raises:
        RuntimeError: the application ended, or is not ready within two minutes.
    """
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == HTTPStatus.OK:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(POLL_SECONDS)
    raise RuntimeError("The application did not become ready; its words are above.")
