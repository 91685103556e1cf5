"""Measure the start of the whole application: time to ready, and memory when idle.

Run it with `python -m benchmarks.startup`. The first start makes the database, the others find it.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

STARTS = 4
POLL_SECONDS = 0.02
IDLE_SECONDS = 5


def main() -> None:
    """Print the time to ready of each start, the memory after it, and the time to stop."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(STARTS):
            measure_start(Path(folder), "first start" if number == 0 else f"start {number + 1}")


def measure_start(data_dir: Path, what: str) -> None:
    """Start, wait until ready, look at the memory, stop."""
    port = free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit_app.server"],
        env={
            **os.environ,
            "PROMPTHUB_DATA_DIR": str(data_dir),
            "PROMPTHUB_SERVER__PORT": str(port),
        },
        stdout=subprocess.DEVNULL,
    )
    wait_until_ready(f"http://127.0.0.1:{port}/api/v1/ready")
    ready = time.perf_counter() - started
    time.sleep(IDLE_SECONDS)
    memory = {name: resident_mb(pid) for name, pid in processes(process.pid, data_dir)}
    stopping = time.perf_counter()
    process.send_signal(signal.SIGINT)
    process.wait()
    parts = ", ".join(f"{name} {size:.0f} MB" for name, size in memory.items())
    print(
        f"{what:<12} ready in {ready:5.2f} s, idle {sum(memory.values()):.0f} MB ({parts}), "
        f"stopped in {time.perf_counter() - stopping:.2f} s"
    )


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_ready(url: str) -> None:
    """Ask until the answer is 200."""
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == HTTPStatus.OK:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(POLL_SECONDS)


def processes(pid: int, data_dir: Path) -> list[tuple[str, int]]:
    """Return the application and the mongod of its data folder."""
    found = [("application", pid)]
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if "mongod" in command and str(data_dir) in command:
                found.append(("mongod", int(folder.name)))
    return found


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
