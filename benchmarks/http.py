"""Measure an application that fetches and renders versions by REST, beside a bare endpoint.

Run it with `python -m benchmarks.http`; PROMPTHUB_MONGO__URI chooses the server of the database.
The bare FastAPI endpoint returns the same JSON from memory and is measured in the same run, in
turn with ours. Authentication, the limit of requests and the log are on.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import httpx2
from bson import ObjectId
from pymongo import MongoClient

from benchmarks.http_driver import HAS_WRK, Load, Rate, Target, drive, measure
from benchmarks.server import STOP_SECONDS, free_port, wait_until_ready

CLIENTS: Final = (1, 8, 32)
ROUNDS: Final = 3
SECONDS: Final = 3
WARM_UP_SECONDS: Final = 1
LOAD_CLIENTS: Final = 200
LOAD_SECONDS: Final = 60
STEP_SECONDS: Final = 10
# A prompt of about 1.4 KB with five variables.
CONTENT: Final = (
    "You answer for the support desk of {{ company }}. "
    + "Be brief, name the step that comes next and never invent an order number. " * 12
    + "Write in {{ language }}, in a {{ tone }} tone, to {{ name }}: {{ question }}"
)
VALUES: Final = (
    '{"variables":{"company":"Acme","language":"English","tone":"friendly",'
    '"name":"Ada","question":"Where is my order?"}}'
)


class Process(NamedTuple):
    """A running server."""

    url: str
    pid: int


def main() -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        api = stack.enter_context(running_api(Path(folder)))
        ours = prepare(api.url)
        document = Path(folder) / "version.json"
        document.write_bytes(httpx2.get(ours[0].url, headers=ours[0].headers).content)
        bare = stack.enter_context(running_bare(document))
        print(f"{document.stat().st_size} bytes of JSON, by {'wrk' if HAS_WRK else 'asyncio'}")
        theirs = [Target(f"bare, {one}", f"{bare.url}/{one}") for one in ("dict", "bytes")]
        for clients in CLIENTS:
            compare([(bare, one) for one in theirs] + [(api, one) for one in ours], clients)
        asyncio.run(load(api, ours))


def prepare(url: str) -> list[Target]:
    """Publish a version as somebody new; return its fetching and rendering by an application."""
    with httpx2.Client(base_url=f"{url}/api/v1") as client:

        def send(method: str, path: str, body: object) -> dict[str, str]:
            return client.request(method, path, json=body).raise_for_status().json()

        account = {"email": "bench@example.org", "password": "correct horse battery"}
        send("POST", "/auth/register", account)
        token = send("POST", "/auth/login", account)["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        application = send("POST", "/applications", {"name": "Bench"})
        prompt = {"application_id": application["id"], "name": "Desk", "prompt_id": "desk"}
        send("POST", "/prompts", prompt)
        names = ("company", "language", "tone", "name", "question")
        body = {"content": CONTENT, "required_fields": [{"name": name} for name in names]}
        send("POST", "/prompts/desk/versions", body)
        send("POST", "/prompts/desk/versions/1.0.0/publish", {})
        label = {"version": "1.0.0", "reason": "bench"}
        send("PUT", "/prompts/desk/labels/production", label)
    versions = f"{url}/api/v1/prompts/desk/versions"
    key = {"X-API-Key": application["api_key"]}
    return [
        Target("fetch by number", f"{versions}/1.0.0", key),
        Target("fetch latest", f"{versions}/latest", key),
        Target("fetch by label", f"{versions}/label:production", key),
        Target("render latest", f"{versions}/latest/render", key, VALUES),
    ]


def compare(targets: Sequence[tuple[Process, Target]], clients: int) -> None:
    """Measure the targets in turn, several times, and print the medians."""
    rates: defaultdict[str, list[Rate]] = defaultdict(list)
    cpu: defaultdict[str, list[float]] = defaultdict(list)
    for turn in range(ROUNDS + 1):
        for process, target in targets:
            before = cpu_seconds(process.pid)
            rate = measure(target, clients, SECONDS if turn else WARM_UP_SECONDS)
            if turn:
                rates[target.name].append(rate)
                cpu[target.name].append((cpu_seconds(process.pid) - before) / rate.answers * 1000)
    middle = {name: statistics.median(r.per_second for r in rates[name]) for name in rates}
    for name, of_rounds in rates.items():
        beside = " ".join(
            f"{middle[name] / middle[bare]:5.0%} of {bare}," for bare in list(middle)[:2]
        )
        p99_ms = statistics.median(rate.p99_ms for rate in of_rounds)
        failed = sum(rate.failed for rate in of_rounds)
        print(
            f"{clients:3} clients  {name:<16} {middle[name]:8,.0f}/s  {beside}"
            f"  p99 {p99_ms:6.1f} ms"
            f"  CPU {statistics.median(cpu[name]):.3f} ms  failed {failed}"
        )


async def load(api: Process, targets: Sequence[Target]) -> None:
    """Let 200 clients read for a minute; print errors, times and memory on the way."""
    seen = Load()
    running = asyncio.create_task(drive(targets, LOAD_CLIENTS, LOAD_SECONDS, seen))
    memory = [memory_mib(api.pid)]
    while not running.done():
        await asyncio.wait({running}, timeout=STEP_SECONDS)
        memory.append(memory_mib(api.pid))
    await running
    print(
        f"{LOAD_CLIENTS} clients for {seen.seconds:.0f} s: {seen.count:,} answers by status "
        f"{seen.statuses}, p50 {seen.percentile(0.5):.0f} ms, p99 {seen.percentile(0.99):.0f} ms; "
        f"memory at {STEP_SECONDS} s steps {' '.join(f'{one:.0f}' for one in memory)} MiB"
    )


@contextmanager
def running_api(data_dir: Path) -> Generator[Process]:
    """Run the REST API in one process, on a database of its own that is dropped at the end."""
    port, database = free_port(), f"bench_{ObjectId()}"
    environment = {
        "PROMPTHUB_DATA_DIR": str(data_dir),
        "PROMPTHUB_SERVER__PORT": str(port),
        "PROMPTHUB_MONGO__DATABASE": database,
        # On, but not what is measured.
        "PROMPTHUB_API__REQUESTS_PER_MINUTE": "100000000",
    }
    with (
        (data_dir / "log.jsonl").open("wb") as log,
        running(
            ["core.api"], f"http://127.0.0.1:{port}", "/api/v1/ready", environment, log.fileno()
        ) as process,
    ):
        yield process
    uri = os.environ.get("PROMPTHUB_MONGO__URI")
    if uri:
        with MongoClient[dict[str, object]](uri) as client:
            client.drop_database(database)


@contextmanager
def running_bare(document: Path) -> Generator[Process]:
    """Run the bare application in one process."""
    port = free_port()
    program = ["benchmarks.bare", str(port), str(document)]
    with running(program, f"http://127.0.0.1:{port}", "/bytes", {}, None) as process:
        yield process


@contextmanager
def running(
    program: Sequence[str], url: str, ready: str, environment: dict[str, str], log: int | None
) -> Generator[Process]:
    """Run a module until the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", *program], env={**os.environ, **environment}, stderr=log
    )
    try:
        wait_until_ready(process, url + ready)
        yield Process(url, process.pid)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"taken in {time.perf_counter() - began:.0f} s")
