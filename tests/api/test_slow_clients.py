"""Clients that never finish what they began to send keep nobody else waiting."""

import asyncio
import socket
from collections.abc import AsyncGenerator

import httpx2
import pytest
import uvicorn

from core.api.__main__ import make_config
from core.settings import Settings
from tests.api.people import Visitor, a_desk
from tests.places import eventually

CLIENTS = 150
HEAD = b"POST /api/v1/prompts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
UNFINISHED = (HEAD[:30], HEAD, HEAD + b"Content-Length: 1000\r\n\r\n{")


@pytest.fixture
async def port(settings: Settings) -> AsyncGenerator[int]:
    """The application as `make api` serves it, on a socket of its own."""
    server = uvicorn.Server(make_config(settings))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        assert await eventually(lambda: server.started)
        yield listener.getsockname()[1]
        server.should_exit = True
        await serving


async def test_unfinished_requests_keep_nobody_waiting(port: int) -> None:
    slow = await asyncio.gather(*(begin(port, number) for number in range(CLIENTS)))

    base = f"http://127.0.0.1:{port}"
    async with httpx2.AsyncClient(base_url=base, trust_env=False, timeout=60) as client:
        desk = await a_desk(Visitor(client))
        served = await desk.application.get(f"{desk.versions}/latest")

    assert (served.status_code, served.json()["version"]) == (200, "1.0.0")
    for writer in slow:
        writer.close()


async def begin(port: int, number: int) -> asyncio.StreamWriter:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(UNFINISHED[number % len(UNFINISHED)])
    await writer.drain()
    return writer
