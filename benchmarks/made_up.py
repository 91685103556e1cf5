"""Made-up executions of the example prompts, for pictures of pages that show what was used."""

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bson import Decimal128, ObjectId

from core import clock
from core.database.open import opened
from core.documents import Application, ExecutionLog, RollupProgress
from core.settings import Settings

DAYS: Final = 60
ROWS: Final = 12_000
BATCH: Final = 10_000
BUSY_HOURS: Final = range(7, 19)
WEEKEND: Final = 5
MODELS: Final = (
    ("anthropic", "claude-sonnet-4.5", 0.012),
    ("openai", "gpt-4.1-mini", 0.003),
    ("mistral", "mistral-medium", 0.006),
)
PROMPTS: Final = (
    "article-summary-and-comprehension",
    "historian",
    "chef",
    "linux-terminal",
    "english-translator-and-improver",
)


async def fill(data_dir: Path) -> None:
    """Store two months of executions in the database of a running server."""
    async with opened(Settings().mongo, data_dir):
        application = await Application.find_one({})
        if application is None:
            raise LookupError("Nobody has opened an account yet.")
        await store_rows(application.key, ROWS, PROMPTS)


async def store_rows(application_id: ObjectId, count: int, prompts: Sequence[str]) -> None:
    """Store so many executions of two months in the open database, to be counted anew."""
    chance = random.Random(5)
    for begun in range(0, count, BATCH):
        size = min(BATCH, count - begun)
        rows = [_a_row(chance, application_id, prompts) for _ in range(size)]
        await ExecutionLog.collection().insert_many(rows, ordered=False)
    # What lies so far back is not looked at again by itself.
    await RollupProgress.collection().delete_many({})


def _a_row(
    chance: random.Random, application_id: ObjectId, prompts: Sequence[str]
) -> dict[str, Any]:
    provider, model, price = chance.choices(MODELS, (3, 5, 2))[0]
    prompt_id = prompts[int(chance.random() ** 2 * len(prompts))]
    tokens = chance.randrange(200, 3000), chance.randrange(20, 800)
    return {
        "_id": ObjectId(),
        "created_at": _moment(chance, clock.now()),
        "application_id": application_id,
        "prompt_version_id": ObjectId(prompt_id.encode().ljust(12)[:12]),
        "prompt_id": prompt_id,
        "version": "1.0.0",
        "model_provider": provider,
        "model_name": model,
        "status": chance.choices(("success", "failed", "timeout", "blocked"), (95, 2, 1, 2))[0],
        "latency_ms": math.exp(chance.gauss(6.7, 0.5)),
        "time_to_first_token_ms": math.exp(chance.gauss(5.5, 0.5)),
        "input_tokens": tokens[0],
        "output_tokens": tokens[1],
        "token_count": sum(tokens),
        "cost_usd": Decimal128(f"{price * chance.uniform(0.5, 1.8):.6f}"),
        "cost_status": "priced",
    }


def _moment(chance: random.Random, end: datetime) -> datetime:
    """Return a moment, more likely by day and on working days."""
    while True:
        moment = end - timedelta(seconds=60 + chance.randrange(DAYS * 24 * 3600))
        likely = 1 if moment.hour in BUSY_HOURS else 0.3
        if chance.random() < likely * (0.35 if moment.weekday() >= WEEKEND else 1):
            return moment
