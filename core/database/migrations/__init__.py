"""Own the schema version: numbered steps that bring older data up, and the refusal of newer.

A step is a module `mNNNN_what` with one function, safe to repeat; `MIGRATIONS[0]` leads from
version 1 to version 2. Only one process at a time runs them, under a lease it renews.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from core import clock
from core.database.migrations.m0002_feedback_application import tell_application
from core.documents import SchemaMeta
from core.errors import NotConfigured, Unavailable

Database = AsyncDatabase[dict[str, Any]]
Meta = AsyncCollection[dict[str, Any]]
Migration = Callable[[Database], Awaitable[None]]

BASE = 1
MIGRATIONS: tuple[Migration, ...] = (tell_application,)

LEASE_SECONDS = 15.0
POLL_SECONDS = 0.1


async def migrate(
    database: Database,
    migrations: Sequence[Migration] = MIGRATIONS,
    *,
    wait_seconds: float = 600,
) -> int:
    """Run the migrations that the stored data still lack; return the version reached.

    Raises:
        NotConfigured: the data were written by a newer PromptHub.
        Unavailable: a restore did not finish, or another process migrates for `wait_seconds`.
    """
    meta = meta_of(database)
    newest = BASE + len(migrations)
    waited = clock.Stopwatch()
    while True:
        version = await read_version(meta)
        if version > newest:
            raise _too_new(version, newest)
        if version == newest:
            return version
        async with _lease(meta, version) as owner:
            if owner is not None:
                await migrations[version - BASE](database)
                await _advance(meta, version, owner)
                continue
        if waited.elapsed_ms() > wait_seconds * 1000:
            raise Unavailable(
                "Another process has been migrating the data for too long.",
                what="database",
                remedy="See whether it hangs, end it and start again.",
            )
        await asyncio.sleep(POLL_SECONDS)


def newest_version() -> int:
    """Return the schema version of this program."""
    return BASE + len(MIGRATIONS)


def meta_of(database: Database) -> Meta:
    """Return the collection of the schema version, for use before documents are bound."""
    return database[SchemaMeta.Settings.name]


async def read_version(meta: Meta) -> int:
    """Return the stored version; data without one are given the first.

    Raises:
        Unavailable: a restore into this database did not finish.
    """
    stored = await meta.find_one({"_id": SchemaMeta.KEY})
    if stored is None:
        with contextlib.suppress(DuplicateKeyError):  # another process was quicker
            await meta.insert_one(
                {"_id": SchemaMeta.KEY, "created_at": clock.now(), "version": BASE}
            )
        return await read_version(meta)
    if stored.get("is_restoring"):
        raise Unavailable(
            "A restore into this database did not finish, so it is not complete.",
            what="database",
            remedy="Repeat it with: python -m core.admin restore FILE --replace",
        )
    return int(stored["version"])


@asynccontextmanager
async def _lease(meta: Meta, version: int) -> AsyncGenerator[str | None]:
    """Hold the right to migrate from `version`; None when somebody else has it."""
    owner = uuid4().hex
    free = {"$or": [{"lease_until": None}, {"lease_until": {"$lt": clock.now()}}]}
    taken = await meta.find_one_and_update(
        {"_id": SchemaMeta.KEY, "version": version, **free},
        {"$set": {"lease_owner": owner, "lease_until": _lease_end()}},
    )
    if taken is None:
        yield None
        return
    renewing = asyncio.create_task(_renew(meta, owner))
    try:
        yield owner
    finally:
        renewing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await renewing
        await meta.update_one(
            {"_id": SchemaMeta.KEY, "lease_owner": owner},
            {"$set": {"lease_owner": None, "lease_until": None}},
        )


async def _renew(meta: Meta, owner: str) -> None:
    while True:
        await asyncio.sleep(LEASE_SECONDS / 3)
        await meta.update_one(
            {"_id": SchemaMeta.KEY, "lease_owner": owner}, {"$set": {"lease_until": _lease_end()}}
        )


async def _advance(meta: Meta, version: int, owner: str) -> None:
    await meta.update_one(
        {"_id": SchemaMeta.KEY, "version": version, "lease_owner": owner},
        {"$set": {"version": version + 1}},
    )


def _lease_end() -> datetime:
    return clock.now() + timedelta(seconds=LEASE_SECONDS)


def _too_new(version: int, newest: int) -> NotConfigured:
    return NotConfigured(
        f"The data were written by a newer PromptHub (schema {version}; this one knows {newest}).",
        setting="PROMPTHUB_MONGO__DATABASE",
        remedy="Install the newer PromptHub, or name another database.",
    )
