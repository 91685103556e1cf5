"""Measure a comparison of 8 columns against a provider that answers in a second.

Run it with `python -m benchmarks.compare`. A fake server on loopback answers over real HTTP;
PROMPTHUB_MONGO__URI chooses the database server, otherwise the embedded one of a temporary data
folder is started. Besides the wall time it prints by how much that exceeds the slowest column.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from bson import ObjectId

from benchmarks.figures import show
from core.clock import Stopwatch
from core.database.open import opened
from core.documents import Application, Column, Comparison, ExecutionLog
from core.execution.compare import CellEvent, compare, stream
from core.execution.comparison_report import report_comparison
from core.execution.comparisons import MAX_COLUMNS, NewComparison, create_comparison
from core.execution.request import Engine, ExecutionResult
from core.providers.registry import Registry
from core.settings import (
    ExecutionSettings,
    MongoSettings,
    OpenAISettings,
    ProviderSettings,
    Settings,
)
from core.values.body import VersionBody
from core.values.scope import Scope
from tests.fake_provider import FakeProvider, running

REPETITIONS = 10
PIECES = 4


async def main() -> None:
    """Print every figure."""
    mongo = Settings().mongo.model_copy(update={"database": f"prompthub_bench_{ObjectId()}"})
    with tempfile.TemporaryDirectory() as folder, running() as fake:
        # The model `slow` waits before each word of its answer: a second in all.
        fake.answer, fake.slow_seconds = " ".join(["word"] * PIECES), 1 / PIECES
        await measure(mongo, Path(folder), fake)


async def measure(mongo: MongoSettings, data_dir: Path, fake: FakeProvider) -> None:
    """Compare in a fresh database, and drop it."""
    providers = ProviderSettings(openai=OpenAISettings(base_url=fake.url))
    registry = Registry.from_settings(providers, {})
    async with opened(mongo, data_dir) as database:
        try:
            engine = Engine(registry, providers, ExecutionSettings())
            application = await Application(
                name="bench", api_key_hash="x", api_key_prefix="x", owner_id=ObjectId()
            ).insert()
            scope = Scope(
                kind="user", user_id=ObjectId(), roles={application.key: "editor"}, actor="bench"
            )
            await measure_columns(scope, application.key, engine)
            await measure_table(scope, application.key, engine)
        finally:
            await registry.close()
            await database.client.drop_database(database.name)


async def measure_columns(scope: Scope, application_id: ObjectId, engine: Engine) -> None:
    """Time 8 columns of one cell each, and each column by itself."""
    comparison = await a_comparison(scope, application_id, engine, inputs=1)
    await compare(scope, comparison, engine=engine)  # reads the price list, opens connections
    walls: list[float] = []
    slowest: list[float] = []
    excess: list[float] = []
    for _ in range(REPETITIONS):
        watch = Stopwatch()
        columns = stream(scope, comparison, engine=engine)
        ended = await asyncio.gather(*(time_column(one) for one in columns.values()))
        walls.append(watch.elapsed_ms())
        slowest.append(max(ended))
        excess.append((walls[-1] / slowest[-1] - 1) * 100)
    show(f"{MAX_COLUMNS} columns, all of them", walls)
    show("the slowest call of a model among them", slowest)
    print(f"wall time over the slowest call: worst {max(excess):.1f} %")
    report = await report_comparison(scope, comparison.key)
    print(f"cells that succeeded: {sum(column.succeeded for column in report.columns)}")


async def time_column(events: AsyncGenerator[CellEvent]) -> float:
    """Return the milliseconds of the column's call as the log has them."""
    latency_ms = 0.0
    async for event in events:
        if isinstance(event.item, ExecutionResult):
            latency_ms += event.item.latency_ms
    return latency_ms


async def measure_table(scope: Scope, application_id: ObjectId, engine: Engine) -> None:
    """Time 8 columns over 10 inputs, at most 16 at once, and the report of them."""
    inputs = 10
    comparison = await a_comparison(scope, application_id, engine, inputs=inputs)
    started = time.perf_counter()
    await compare(scope, comparison, engine=engine)
    wall = time.perf_counter() - started
    at_once = engine.limits.comparison_at_once
    least = MAX_COLUMNS * inputs / at_once
    print(f"{MAX_COLUMNS} columns of {inputs} inputs, {at_once} at once: {wall:.2f} s", end="")
    print(f" where {least:.2f} s is the least possible")
    watch = Stopwatch()
    await report_comparison(scope, comparison.key)
    print(f"report of {MAX_COLUMNS * inputs} cells: {watch.elapsed_ms():.1f} ms")
    rows = await ExecutionLog.find({"comparison_id": str(comparison.key)}).count()
    print(f"rows in the log: {rows}")


async def a_comparison(
    scope: Scope, application_id: ObjectId, engine: Engine, *, inputs: int
) -> Comparison:
    """Store a comparison of unsaved bodies on the slow model."""
    body = VersionBody(content="Say hello to {{ name }}.")
    new = NewComparison(
        application_id=application_id,
        name="bench",
        columns=(Column(body=body, model="openai/slow"),) * MAX_COLUMNS,
        inputs=tuple({"name": f"N{at}"} for at in range(inputs)),
    )
    return await create_comparison(scope, new, limits=engine.limits)


if __name__ == "__main__":
    asyncio.run(main())
