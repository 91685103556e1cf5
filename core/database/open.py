"""Own the way from settings to an open database, whichever server it is on."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from core.database import embedded
from core.database.connect import Database, bind, reached
from core.errors import Conflict, PromptHubError
from core.settings import MongoSettings

logger = logging.getLogger(__name__)

# A look costs one lock on a file; pages wait 4 s for a server before they answer 503.
WATCH_SECONDS = 1.0


@asynccontextmanager
async def opened(mongo: MongoSettings, data_dir: Path) -> AsyncGenerator[Database]:
    """Find or start the server, connect, migrate and bind all documents.

    The server is the one of the URI, else the embedded one of `data_dir`: shared with the other
    processes of that folder, started again if it is killed, stopped by the last one to leave.

    Raises:
        NotConfigured: no server can run here, or the URI, the port or the data do not fit.
        Unavailable: the server does not answer.
    """
    async with served(mongo, data_dir) as database:
        await bind(database)
        yield database


@asynccontextmanager
async def served(
    mongo: MongoSettings, data_dir: Path, *, alone: bool = False
) -> AsyncGenerator[Database]:
    """Open the database as it is stored, neither migrated nor bound.

    Raises:
        Conflict: `alone` is asked for and another process uses the embedded server.
        NotConfigured: as `opened`.
        Unavailable: as `opened`.
    """
    if mongo.uri is not None:
        async with reached(mongo.uri.get_secret_value(), mongo.database) as database:
            yield database
        return
    server = await embedded.start(mongo, data_dir)
    watch = asyncio.create_task(_watch(server, mongo))
    try:
        if alone and embedded.is_shared(server):
            raise Conflict("PromptHub is running on this data folder; stop it first.")
        async with reached(server.uri.get_secret_value(), mongo.database) as database:
            yield database
    finally:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        await embedded.release(server)


async def _watch(server: embedded.Server, mongo: MongoSettings) -> None:
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            if await asyncio.to_thread(embedded.revive, server, mongo):
                logger.warning("The MongoDB server had gone and was started again.")
        except (PromptHubError, OSError):  # a full disk may be emptied: go on watching
            logger.exception("The MongoDB server is gone and does not start.")
