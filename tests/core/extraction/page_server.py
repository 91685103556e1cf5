"""A web server on loopback that answers what a test tells it to, and counts who came."""

import asyncio
import gzip
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answers = Mapping[str, bytes | str]


@dataclass
class PageServer:
    """What is served, by path, and the heads of all requests."""

    port: int
    asked: list[str] = field(default_factory=list[str])

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def page(
    body: bytes, media_type: str = "text/html", *, more: str = "", status: str = "200"
) -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{more}\r\n".encode() + body


def moved(location: str) -> bytes:
    return page(b"", more=f"Location: {location}\r\n", status="302")


def bomb(size: int) -> bytes:
    return page(gzip.compress(b"a" * size), more="Content-Encoding: gzip\r\n")


@asynccontextmanager
async def serving(answers: Answers) -> AsyncGenerator[PageServer]:
    """Serve: bytes are sent as they are, "hang" sends nothing, "drip" a byte now and then."""

    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        pages.asked.append(head)
        answer = answers.get(head.split(" ")[1], page(b"nothing", status="404"))
        try:
            if answer == "hang":
                await asyncio.sleep(60)
            elif isinstance(answer, str):
                await send_forever(writer, pause_seconds=0.05 if answer == "drip" else 0)
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    pages = PageServer(server.sockets[0].getsockname()[1])
    try:
        yield pages
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def send_forever(writer: asyncio.StreamWriter, *, pause_seconds: float) -> None:
    writer.write(b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\n\r\n")
    while True:
        writer.write(b"a" if pause_seconds else b"a" * 65_536)
        await writer.drain()
        await asyncio.sleep(pause_seconds)
