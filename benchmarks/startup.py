"""Measure the start of the whole application: time to ready, and memory when idle.

Run it with `python -m benchmarks.startup`. The first start makes the database, the others find it.
"""

import tempfile
import time
from pathlib import Path

from benchmarks.server import Server, running

STARTS = 4
IDLE_SECONDS = 5


def main() -> None:
    """Print the time to ready of each start, the memory after it, and the time to stop."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(STARTS):
            measure_start(Path(folder), "first start" if number == 0 else f"start {number + 1}")


def measure_start(data_dir: Path, what: str) -> None:
    """Start, look at the memory, stop."""
    with running(data_dir) as server:
        time.sleep(IDLE_SECONDS)
        memory = {name: resident_mb(pid) for name, pid in processes(server)}
        stopping = time.perf_counter()
    parts = ", ".join(f"{name} {size:.0f} MB" for name, size in memory.items())
    print(
        f"{what:<12} ready in {server.ready_seconds:5.2f} s, idle {sum(memory.values()):.0f} MB "
        f"({parts}), stopped in {time.perf_counter() - stopping:.2f} s"
    )


def processes(server: Server) -> list[tuple[str, int]]:
    """Return the application and the mongod of its data folder."""
    found = [("application", server.pid)]
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if "mongod" in command and str(server.data_dir) in command:
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
