"""Own the connection: a client with safe defaults, and Beanie initialised on it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from beanie import init_beanie  # pyright: ignore[reportUnknownVariableType]
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from core.documents import ALL

# How long a request waits for a server that is away before it answers 503.
SERVER_SELECTION_MS = 4000


@asynccontextmanager
async def connected(uri: str, name: str) -> AsyncGenerator[AsyncDatabase[dict[str, Any]]]:
    """Open the database with majority and journal as write concern, and bind all documents to it.

    Raises:
        pymongo.errors.PyMongoError: the server does not answer.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        uri,
        tz_aware=True,
        serverSelectionTimeoutMS=SERVER_SELECTION_MS,
        appname="prompthub",
    )
    try:
        # Set here and not in the URI, so that no URI can weaken it to w=1.
        database = client.get_database(name, write_concern=WriteConcern(w="majority", j=True))
        await init_beanie(database=database, document_models=list(ALL))
        yield database
    finally:
        await client.close()
