"""Measure the indexes of the execution log: what each filter reads, and what each index costs.

Run it with `python -m benchmarks.log` (100,000 executions), or with a smaller number to try it.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bson import ObjectId

from benchmarks.made_up import store_rows
from core import clock
from core.database.open import opened
from core.documents import ExecutionLog
from core.execution.log import ExecutionQuery, list_executions
from core.settings import Settings
from core.values.scope import SYSTEM

ROWS: Final = 100_000
PROMPTS: Final = tuple(f"letter-{number}" for number in range(40))
VERSIONS: Final = tuple(f"1.{minor}.0" for minor in range(20))
BATCH: Final = 200
BATCHES: Final = 50
# What was added for filters of the page; the others are needed elsewhere as well.
ON_TRIAL: Final = ("prompt_version_recent", "status_recent", "user_recent")


def main() -> None:
    """Print both tables."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), rows))


async def measure(folder: Path, rows: int) -> None:
    """Fill a database of its own and measure it."""
    async with opened(Settings().mongo, folder) as database:
        person = await fill(rows)
        await database.command("profile", 2)
        for name, query in filters(person).items():
            await list_executions(SYSTEM, query, limit=15)
            print(f"{name:12} {await told(database)}")
        await database.command("profile", 0)
        await inserts(database)


async def fill(rows: int) -> ObjectId:
    """Store executions of 40 prompts in 20 versions, each by one person; return one of them."""
    await store_rows(ObjectId(), rows, PROMPTS)
    collection = ExecutionLog.collection()
    for version in VERSIONS:
        some: dict[str, Any] = {"$expr": {"$lt": [{"$rand": {}}, 1 / len(VERSIONS)]}}
        fields = {"version": version, "user_id": ObjectId()}
        await collection.update_many(some, {"$set": fields})
    return (await collection.find_one({"user_id": {"$gt": ObjectId("0" * 24)}}) or {})["user_id"]


def filters(person: ObjectId) -> dict[str, ExecutionQuery]:
    """Return what the page asks for."""
    return {
        "all": ExecutionQuery(),
        "7 days": ExecutionQuery(start=clock.now() - timedelta(days=7)),
        "prompt": ExecutionQuery(prompt_id=PROMPTS[3]),
        "version": ExecutionQuery(prompt_id=PROMPTS[3], version=VERSIONS[3]),
        "failed": ExecutionQuery(status="failed"),
        "running": ExecutionQuery(status="running"),
        "person": ExecutionQuery(user_id=person),
        "model": ExecutionQuery(model="openai/gpt-4.1-mini"),
    }


async def told(database: Any) -> str:
    """Return what the page and the count of the last filter read, and take it from the notes."""
    found = database["system.profile"].find({"ns": {"$regex": r"\.execution_logs$"}}).sort("ts", -1)
    count, page = await found.to_list(2)
    parts = (
        f"{what}: {one['planSummary'][:70]} {one['docsExamined']:,} rows, {one['millis']} ms"
        for what, one in (("page", page), ("count", count))
    )
    return " | ".join(parts)


async def inserts(database: Any) -> None:
    """Print what a row costs with all indexes, and without those on trial; batches take turns."""
    variants: dict[str, tuple[str, ...]] = {"all": (), "without": ON_TRIAL}
    variants |= {f"without {name}": (name,) for name in ON_TRIAL}
    rows = await ExecutionLog.collection().find().limit(BATCH).to_list()
    took: dict[str, list[float]] = {name: [] for name in variants}
    for name, left_out in variants.items():
        indexes = [
            one for one in ExecutionLog.Settings.indexes if one.document["name"] not in left_out
        ]
        await database[f"trial {name}"].create_indexes(indexes)
    for _ in range(BATCHES):
        for name in variants:
            batch = [{**row, "_id": ObjectId()} for row in rows]
            began = time.perf_counter()
            await database[f"trial {name}"].insert_many(batch)
            took[name].append((time.perf_counter() - began) / len(batch) * 1e6)
    for name, times in took.items():
        best = sorted(times)[len(times) // 10]
        print(f"{name:32} {statistics.median(times):6.0f} us a row, best tenth {best:.0f}")


if __name__ == "__main__":
    main()
