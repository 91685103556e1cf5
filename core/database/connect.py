"""Own the connection: a client no URI can weaken, and the documents bound to it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from beanie import init_beanie  # pyright: ignore[reportUnknownVariableType]
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect, ConfigurationError, OperationFailure, PyMongoError

from core.database.migrations import migrate
from core.documents import ALL
from core.errors import NotConfigured, PromptHubError, Unavailable

# How long a request waits for a server that is away before it answers 503.
SERVER_SELECTION_MS = 4000
DURABLE = WriteConcern(w="majority", j=True)

Database = AsyncDatabase[dict[str, Any]]


@asynccontextmanager
async def connected(uri: str, name: str) -> AsyncGenerator[Database]:
    """Open the database, migrate it and bind all documents to it.

    Raises:
        NotConfigured: the URI is wrong, or the data are newer than this PromptHub.
        Unavailable: the server does not answer.
    """
    async with reached(uri, name) as database:
        await bind(database)
        yield database


@asynccontextmanager
async def reached(uri: str, name: str) -> AsyncGenerator[Database]:
    """Open the database as it is, with majority and journal as write concern.

    Raises:
        NotConfigured: the URI is wrong or its credentials are refused.
        Unavailable: the server does not answer.
    """
    client = _make_client(uri)
    try:
        # Set on the database and not in the URI, so that no URI can weaken it to w=1.
        database = client.get_database(name, write_concern=DURABLE)
        try:
            await database.command("ping")
        except PyMongoError as error:
            raise _explain(error) from error
        yield database
    finally:
        await client.close()


async def bind(database: Database) -> None:
    """Bring the stored data to this program's schema, make the indexes, bind the documents.

    Raises:
        NotConfigured: the data are newer than this PromptHub.
        Unavailable: a restore did not finish, or another process is stuck in a migration.
    """
    await migrate(database)
    await init_beanie(database=database, document_models=list(ALL))


def _make_client(uri: str) -> AsyncMongoClient[dict[str, Any]]:
    try:
        return AsyncMongoClient(
            uri,
            tz_aware=True,
            w="majority",
            journal=True,
            serverSelectionTimeoutMS=SERVER_SELECTION_MS,
            appname="prompthub",
        )
    except (PyMongoError, ValueError) as error:
        raise _explain(error) from error


def _explain(error: Exception) -> PromptHubError:
    """Put it in our words, because those of the driver may quote the URI with its password."""
    if isinstance(error, AutoReconnect):
        return Unavailable(
            "MongoDB does not answer.",
            what="database",
            remedy="Start it, or correct PROMPTHUB_MONGO__URI.",
        )
    if isinstance(error, OperationFailure):
        return NotConfigured(
            "MongoDB refuses the user, the password or the rights of the URI.",
            setting="PROMPTHUB_MONGO__URI",
            remedy="Correct them, and name the right authSource.",
        )
    reason = "cannot be used" if isinstance(error, ConfigurationError) else "cannot be read"
    return NotConfigured(
        f"The MongoDB URI {reason}.",
        setting="PROMPTHUB_MONGO__URI",
        remedy="Write it as mongodb://user:password@host:27017/ with special characters escaped.",
    )
