"""Clients over HTTP: `wrk` where it is installed, else a bounded driver on asyncio."""

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

HAS_WRK: Final = shutil.which("wrk") is not None
_UNITS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Target(NamedTuple):
    """A request to repeat; `body` makes it a POST of JSON."""

    name: str
    url: str
    headers: Mapping[str, str] = {}
    body: str = ""


@dataclass
class Load:
    """What came of a load."""

    seconds: float = 0
    statuses: dict[int, int] = field(default_factory=dict[int, int])
    milliseconds: list[float] = field(default_factory=list[float])

    @property
    def count(self) -> int:
        """How many answers came."""
        return sum(self.statuses.values())

    def percentile(self, part: float) -> float:
        """Return the milliseconds that this part of the answers took at most."""
        ordered = sorted(self.milliseconds)
        return ordered[int((len(ordered) - 1) * part)] if ordered else 0.0


class Rate(NamedTuple):
    """How quickly a target answered."""

    answers: int
    per_second: float
    p99_ms: float
    failed: int


def measure(target: Target, clients: int, seconds: int) -> Rate:
    """Ask as fast as so many clients can, each one request after another."""
    if HAS_WRK:
        return _run_wrk(target, clients, seconds)
    load = asyncio.run(drive([target], clients, seconds))
    statuses = load.statuses.items()
    failed = sum(count for status, count in statuses if status >= HTTPStatus.MULTIPLE_CHOICES)
    return Rate(load.count, load.count / load.seconds, load.percentile(0.99), failed)


def _run_wrk(target: Target, clients: int, seconds: int) -> Rate:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        script.write_text(_lua(target), encoding="utf-8")
        told = subprocess.run(
            ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-s", script, target.url],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    number, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s|m)", told)[0]
    refused = re.findall(r"Non-2xx or 3xx responses: (\d+)", told)
    broken = re.findall(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told
    )
    return Rate(
        int(re.findall(r"(\d+) requests in", told)[0]),
        float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0]),
        float(number) * _UNITS[unit],
        sum(map(int, [*refused, *(broken[0] if broken else ())])),
    )


def _lua(target: Target) -> str:
    lines = [f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in target.headers.items()]
    if target.body:
        lines += ['wrk.method = "POST"', f"wrk.body = {json.dumps(target.body)}"]
        lines += ['wrk.headers["Content-Type"] = "application/json"']
    return "\n".join(lines) + "\n"


async def drive(
    targets: Sequence[Target], clients: int, seconds: float, load: Load | None = None
) -> Load:
    """Let so many clients ask the targets in turn, each on a connection of its own.

    `load` is filled while it runs.
    """
    load = load or Load()
    began = time.perf_counter()
    ends = began + seconds
    await asyncio.gather(*(_client(targets, number, ends, load) for number in range(clients)))
    load.seconds = time.perf_counter() - began
    return load


async def _client(targets: Sequence[Target], first: int, ends: float, load: Load) -> None:
    address = urlsplit(targets[0].url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    requests = [_raw(target) for target in targets]
    turn = first
    while (began := time.perf_counter()) < ends:
        writer.write(requests[turn % len(requests)])
        turn += 1
        status = await _read_answer(reader)
        load.statuses[status] = load.statuses.get(status, 0) + 1
        load.milliseconds.append((time.perf_counter() - began) * 1000)
    writer.close()
    await writer.wait_closed()


def _raw(target: Target) -> bytes:
    address = urlsplit(target.url)
    headers = {"Host": address.netloc, **target.headers}
    if target.body:
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(target.body))}
    lines = [f"{'POST' if target.body else 'GET'} {address.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", target.body]).encode()


async def _read_answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = re.search(rb"content-length: (\d+)", head)
    if length is not None:
        await reader.readexactly(int(length[1]))
    return int(head[9:12])
