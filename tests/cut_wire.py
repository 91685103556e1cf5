"""Own a TCP relay on loopback that tests can cut or freeze: a network that fails on demand."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress


class CutWire:
    """A relay to one address; `cut` refuses and drops, `freeze` accepts and passes nothing on."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._passing = asyncio.Event()
        self._passing.set()
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()

    def freeze(self) -> None:
        """Keep every connection and pass nothing on."""
        self._passing.clear()

    def cut(self) -> None:
        """Drop every connection and accept none."""
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        """Pass everything on again."""
        self._is_cut = False
        self._passing.set()

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        back_reader, back_writer = await asyncio.open_connection(*self._target)
        self._open |= {writer, back_writer}
        try:
            await asyncio.gather(self._pump(reader, back_writer), self._pump(back_reader, writer))
        finally:
            self._open -= {writer, back_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._passing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def wire_to(host: str, port: int) -> AsyncGenerator[tuple[CutWire, int]]:
    """Yield a relay to an address and the port it listens on."""
    wire = CutWire(host, port)
    server = await asyncio.start_server(wire.relay, "127.0.0.1", 0)
    try:
        yield wire, server.sockets[0].getsockname()[1]
    finally:
        wire.mend()
        wire.cut()
        server.close()
