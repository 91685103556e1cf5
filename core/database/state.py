"""Own how the database does: its version, its answer time, what is stored."""

import asyncio
from datetime import datetime
from typing import NamedTuple

from core import clock
from core.documents import (
    Application,
    AuditEvent,
    ExecutionLog,
    Prompt,
    PromptVersion,
    RollupProgress,
    SchemaMeta,
    User,
)
from core.values.scope import Scope

_COUNTED = (Application, User, Prompt, PromptVersion, ExecutionLog, AuditEvent)


class DatabaseState(NamedTuple):
    """What a look at the server has shown; `rows` are counts by collection, about right.

    Sums of analytics are built up to `sums_until`.
    """

    version: str
    answer_ms: float
    data_bytes: int
    disk_bytes: int
    rows: dict[str, int]
    sums_until: datetime | None


async def read_database_state(scope: Scope) -> DatabaseState:
    """Return how the database does, by a few cheap commands.

    Raises:
        NotAllowed: the caller is no superuser.
    """
    scope.require_superuser()
    database = SchemaMeta.collection().database
    watch = clock.Stopwatch()
    await database.command("ping")
    answer_ms = watch.elapsed_ms()
    info, stats, sums, counts = await asyncio.gather(
        database.command("buildInfo"),
        database.command("dbStats"),
        RollupProgress.find_first({"_id": RollupProgress.KEY}),
        asyncio.gather(*(kind.collection().estimated_document_count() for kind in _COUNTED)),
    )
    names = [kind.collection().name for kind in _COUNTED]
    return DatabaseState(
        version=str(info["version"]),
        answer_ms=answer_ms,
        data_bytes=int(stats["dataSize"]),
        disk_bytes=int(stats["storageSize"]) + int(stats["indexSize"]),
        rows=dict(zip(names, counts, strict=True)),
        sums_until=sums.until if sums else None,
    )
