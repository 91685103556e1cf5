"""Own the way back: a checked archive into an empty database, or in place of what is there."""

import asyncio
from pathlib import Path
from typing import Any

from bson.raw_bson import RawBSONDocument

from core import clock
from core.database.backup.archive import Contents, Frame, check_archive, iterate_frames
from core.database.backup.save import list_stored
from core.database.connect import Database, bind
from core.database.migrations import meta_of, newest_version
from core.database.secrets import load_secret, secret_path, write_private
from core.documents import SchemaMeta
from core.errors import Conflict, NotConfigured

BATCH_DOCUMENTS = 500
BATCH_BYTES = 8 * 1024 * 1024


async def restore(database: Database, data_dir: Path, path: Path, *, replace: bool) -> Contents:
    """Bring back a backup, then migrate and index it; with `replace` what is there goes first.

    Nothing is changed unless the whole file is sound. A restore that is cut off leaves a mark with
    which the database refuses to open until a restore is repeated to its end.

    Raises:
        Conflict: the database or a secret is there already and `replace` is not given.
        Invalid: the file is no backup, is cut or damaged.
        NotConfigured: it was made by a newer PromptHub.
    """
    contents = await asyncio.to_thread(check_archive, path)
    if contents.schema_version > newest_version():
        raise NotConfigured(
            "The backup was made by a newer PromptHub.",
            setting="PROMPTHUB_MONGO__DATABASE",
            remedy="Install the newer PromptHub and restore there.",
        )
    if not replace:
        await _require_empty(database, data_dir, contents)
    await _mark(database, contents.schema_version, is_restoring=True)
    for name in await list_stored(database):
        await database.drop_collection(name)
    await _insert_all(database, path)
    for name, value in contents.secrets.items():
        load_secret(data_dir, name)  # makes the private folder; its content is replaced next
        write_private(secret_path(data_dir, name), value.encode())
    await _mark(database, contents.schema_version, is_restoring=False)
    await bind(database)
    return contents


async def _require_empty(database: Database, data_dir: Path, contents: Contents) -> None:
    for name in await list_stored(database):
        if await database[name].find_one({}, projection=["_id"]) is not None:
            raise Conflict(
                f"The database {database.name!r} is not empty; "
                "--replace puts the backup in place of what it holds."
            )
    for name, value in contents.secrets.items():
        path = secret_path(data_dir, name)
        if path.exists() and path.read_text(encoding="ascii") != value:
            raise Conflict(f"{path} holds another secret; --replace overwrites it.")


async def _mark(database: Database, version: int, *, is_restoring: bool) -> None:
    meta: dict[str, Any] = {
        "created_at": clock.now(),
        "version": version,
        "is_restoring": is_restoring,
    }
    await meta_of(database).replace_one({"_id": SchemaMeta.KEY}, meta, upsert=True)


async def _insert_all(database: Database, path: Path) -> None:
    name = ""
    batch: list[Frame] = []
    size = 0
    for frame in iterate_frames(path):
        if frame.kind == b"C":
            await _insert(database, name, batch)
            name, batch, size = frame.fields()["name"], [], 0
            await database.create_collection(name)
        elif frame.kind == b"D":
            batch.append(frame)
            size += len(frame.raw)
            if len(batch) >= BATCH_DOCUMENTS or size >= BATCH_BYTES:
                await _insert(database, name, batch)
                batch, size = [], 0
    await _insert(database, name, batch)


async def _insert(database: Database, name: str, batch: list[Frame]) -> None:
    if batch:
        documents: list[Any] = [RawBSONDocument(frame.raw) for frame in batch]
        await database[name].insert_many(documents)
