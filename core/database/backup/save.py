"""Own the writing of a backup: one moment of the whole database, streamed into an archive."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure

from core.database.backup.archive import ArchiveWriter, Contents, check_archive, written_whole
from core.database.connect import Database
from core.database.migrations import meta_of, read_version
from core.database.secrets import secret_path
from core.documents import SchemaMeta
from core.errors import Unavailable

# Without these, documents of the database cannot be read elsewhere. The keys of the embedded
# server and of access tokens stay out: another installation makes its own.
SECRETS = ("connection-key",)

ATTEMPTS = 5
# Codes. Source: MongoDB 6.0, src/mongo/base/error_codes.yml
SNAPSHOT_TOO_OLD = 239
SNAPSHOT_UNAVAILABLE = 246


async def save(database: Database, data_dir: Path, path: Path) -> Contents:
    """Write everything as it is at one moment into the file `path` (mode 0600), and read it back.

    The application may go on working. A file that was there is replaced only by a whole one.

    Raises:
        Invalid: the file cannot be written.
        Unavailable: the database changes too fast for one moment of it to be kept.
    """
    for attempt in range(ATTEMPTS):
        try:
            with written_whole(path) as file:
                await _write(database, data_dir, ArchiveWriter(file))
            return await asyncio.to_thread(check_archive, path)
        except OperationFailure as error:
            # A collection or an index made this second is not in any moment yet.
            if error.code not in {SNAPSHOT_TOO_OLD, SNAPSHOT_UNAVAILABLE}:
                raise
            await asyncio.sleep(0.2 * 2**attempt)
    raise Unavailable(
        "The database did not keep one moment for as long as the backup takes.",
        what="database",
        remedy="Try again when less is going on.",
    )


async def _write(database: Database, data_dir: Path, archive: ArchiveWriter) -> None:
    archive.header(await read_version(meta_of(database)))
    for name in SECRETS:
        path = secret_path(data_dir, name)
        if path.exists():
            archive.secret(name, path.read_text(encoding="ascii"))
    async with _moment(database) as session:
        for name in await list_stored(database):
            archive.collection(name)
            async for document in _raw(database, name).find({}, session=session):
                archive.document(document.raw)
    archive.finish()


async def list_stored(database: Database) -> list[str]:
    """Return the names of the collections with content of ours."""
    names = await database.list_collection_names(filter={"type": "collection"})
    hidden = SchemaMeta.Settings.name
    return sorted(name for name in names if name != hidden and not name.startswith("system."))


@asynccontextmanager
async def _moment(database: Database) -> AsyncGenerator[AsyncClientSession | None]:
    """Read at one point in time where the server can, that is unless it stands alone."""
    hello = await database.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        yield None
        return
    async with database.client.start_session(snapshot=True) as session:
        yield session


def _raw(database: Database, name: str) -> Any:
    return database.get_collection(name, codec_options=DEFAULT_RAW_BSON_OPTIONS)
