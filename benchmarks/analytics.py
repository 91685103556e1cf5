"""Measure analytics over a million executions: `python -m benchmarks.analytics [ROWS]`.

Two years of executions of one application - 40 versions on three models, busier by day than by
night - are written straight to the log, rolled up, and every question is asked of them.
"""

import asyncio
import math
import random
import resource
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bson import Decimal128, ObjectId

from benchmarks.figures import repeat, show
from core import clock
from core.analytics.answer import answer
from core.analytics.question import DEFAULT_TOP, Part, Question
from core.analytics.rollup import rebuild, roll_up
from core.analytics.stretches import HOUR, floor_to
from core.analytics.window import Bucket, make_window
from core.database.open import opened
from core.documents import Application, ExecutionLog, UsageRollup
from core.settings import Settings
from core.values.scope import SYSTEM
from prompthub.wire.analytics import Group

ROWS: Final = 1_000_000
DAYS: Final = 730
BATCH: Final = 10_000
ZONE: Final = "Europe/Paris"
BUSY_HOURS: Final = range(7, 19)
MODELS: Final = (
    ("openai", "gpt-4o-mini"),
    ("openai", "gpt-5.1"),
    ("anthropic", "claude-haiku-4-5"),
)
VERSIONS: Final = tuple((f"prompt-{n // 2}", f"1.{n % 2}.0", ObjectId()) for n in range(40))
USERS: Final = (None, *(ObjectId() for _ in range(20)))
QUESTIONS: Final[tuple[tuple[str, tuple[Part, ...], tuple[Group, ...]], ...]] = (
    ("usage, in all", ("counts",), ()),
    ("usage by version", ("counts",), ("version",)),
    ("usage by status", ("counts",), ("status",)),
    ("usage by person", ("counts",), ("user",)),
    ("costs by model", ("costs",), ("model",)),
    ("costs by prompt", ("costs", "ratings"), ("prompt",)),
    ("latency, in all", ("times",), ()),
    ("latency by model", ("times",), ("model",)),
    ("latency by version", ("times",), ("version",)),
)
WINDOWS: Final[tuple[tuple[int, Bucket | None], ...]] = (
    (90, "day"),
    (90, "hour"),
    (730, "day"),
    (730, "month"),
)


async def main(rows: int = ROWS) -> None:
    """Print every figure."""
    mongo = Settings().mongo.model_copy(update={"database": f"prompthub_bench_{ObjectId()}"})
    with tempfile.TemporaryDirectory() as folder:
        async with opened(mongo, Path(folder)) as database:
            try:
                await measure(rows)
            finally:
                await database.client.drop_database(database.name)


async def measure(rows: int) -> None:
    """Fill a fresh database, roll it up and ask."""
    application = Application(
        name="Busy", owner_id=ObjectId(), api_key_hash="", api_key_prefix="ph_", time_zone=ZONE
    )
    await write(rows, await application.insert())
    started = time.perf_counter()
    await roll_up()
    print(f"roll-up of everything: {time.perf_counter() - started:.1f} s")
    await _show_sizes()
    await _show_hours()
    for days, bucket in WINDOWS:
        await _show_questions(days, bucket, ZONE)
    print("a zone that no day is kept for:")
    await _show_questions(90, "day", "Asia/Kathmandu")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


async def write(rows: int, application: Application) -> None:
    """Store made-up executions of two years in the log."""
    chance = random.Random(1)
    end = clock.now()
    started = time.perf_counter()
    for done in range(0, rows, BATCH):
        size = min(BATCH, rows - done)
        batch = [_a_row(chance, application.key, _moment(chance, end)) for _ in range(size)]
        await ExecutionLog.collection().insert_many(batch, ordered=False)
    print(f"{rows:,} executions written: {time.perf_counter() - started:.1f} s")


def _moment(chance: random.Random, end: datetime) -> datetime:
    """Return a moment of the two years, three times as likely by day as by night."""
    while True:
        moment = end - timedelta(seconds=chance.randrange(DAYS * 24 * 3600))
        if chance.random() < (1 if moment.hour in BUSY_HOURS else 1 / 3):
            return moment.replace(microsecond=chance.randrange(1000) * 1000)


def _a_row(chance: random.Random, application_id: ObjectId, moment: datetime) -> dict[str, Any]:
    prompt_id, version, version_id = chance.choice(VERSIONS)
    provider, model = chance.choice(MODELS)
    status = chance.choices(("success", "failed", "timeout", "blocked"), (94, 3, 1, 2))[0]
    tokens = chance.randrange(200, 3000), chance.randrange(20, 800)
    return {
        "_id": ObjectId(),
        "created_at": moment,
        "application_id": application_id,
        "prompt_version_id": version_id,
        "prompt_id": prompt_id,
        "version": version,
        "user_id": chance.choice(USERS),
        "model_provider": provider,
        "model_name": model,
        "input_data": {"variables": {"text": "x" * 200}},
        "rendered_messages": [{"role": "user", "content": "y" * 300}],
        "output_data": {"text": "z" * 200},
        "status": status,
        "latency_ms": math.exp(chance.gauss(6.5, 0.7)),
        "time_to_first_token_ms": math.exp(chance.gauss(5.5, 0.5)),
        "input_tokens": tokens[0],
        "output_tokens": tokens[1],
        "token_count": sum(tokens),
        "cost_usd": Decimal128(f"0.000{chance.randrange(10**6):06}"),
        "cost_status": "priced",
    }


async def _show_sizes() -> None:
    stats = await UsageRollup.collection().database.command("collStats", "usage_rollups")
    counts = {
        grain: await UsageRollup.collection().count_documents({"grain": grain})
        for grain in ("quarter", "hour", "day")
    }
    print(f"sums: {counts}, {stats['size'] / 1e6:.0f} MB, {stats['storageSize'] / 1e6:.0f} on disk")


async def _show_hours() -> None:
    closed = floor_to(clock.now() - 3 * HOUR, HOUR)
    show(
        "roll-up of a closed hour",
        await repeat(20, lambda n: rebuild(closed - n * HOUR, closed - (n - 1) * HOUR)),
    )


async def _show_questions(days: int, bucket: Bucket | None, zone: str) -> None:
    window = make_window(clock.now() - timedelta(days=days), None, bucket=bucket, zone=zone)
    for what, parts, groups in QUESTIONS:
        # As many groups as an answer may have items of hours.
        top = 7 if bucket == "hour" else DEFAULT_TOP
        question = Question(window=window, parts=frozenset(parts), group_by=groups, top=top)
        taken = await repeat(7, lambda _, question=question: answer(SYSTEM, question))
        show(f"{what}, {days} days by {bucket}", taken)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:2])))
