"""Measure a comparison of 8 columns against a provider that answers in a second.

Run it with `python -m benchmarks.compare`. A fake server on loopback answers over real HTTP;
PROMPTHUB_MONGO__URI chooses the database server, otherwise the embedded one of a temporary data
folder is started. Besides the wall time it prints by how much that exceeds the slowest column.
"""

import asyncio
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

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
from tests.fake_provider import running

REPETITIONS = 10
PIECES = 4


async def main() -> None:
    """Print every figure."""
    mongo = Settings().mongo.model_copy(update={"database": f"prompthub_bench_{ObjectId()}"})
    with tempfile.TemporaryDirectory() as folder, provider() as url:
        await measure(mongo, Path(folder), url)


@contextmanager
def provider() -> Generator[str]:
    """Answer from a process of its own, as a provider does, and yield the address."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=answer_slowly, args=(there,))
    process.start()
    try:
        yield here.recv()
    finally:
        here.send("end")
        process.join()


def answer_slowly(parent: Connection) -> None:
    """Serve until told to end; `slow` waits before each word of its answer, a second in all."""
    with running() as fake:
        fake.answer, fake.slow_seconds = " ".join(["word"] * PIECES), 1 / PIECES
        parent.send(fake.url)
        parent.recv()


async def measure(mongo: MongoSettings, data_dir: Path, url: str) -> None:
    """Compare in a fresh database, and drop it."""
    providers = ProviderSettings(openai=OpenAISettings(base_url=url))
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
    """Time one column by itself, then 8 beside each other, in turns."""
    one = await a_comparison(scope, application_id, engine, columns=1)
    eight = await a_comparison(scope, application_id, engine)
    await compare(scope, eight, engine=engine)  # reads the price list, opens connections
    alone: list[float] = []
    together: list[Together] = []
    for _ in range(REPETITIONS):
        watch = Stopwatch()
        await compare(scope, one, engine=engine)
        alone.append(watch.elapsed_ms())
        together.append(await time_together(stream(scope, eight, engine=engine)))
    show("one column by itself", alone)
    show("8 columns beside each other", [one.wall_ms for one in together])
    show("  the slowest of the 8 calls of the model", [one.slowest_ms for one in together])
    over_alone = statistics.median(one.wall_ms for one in together) / statistics.median(alone)
    over_call = statistics.median(one.wall_ms / one.slowest_ms for one in together)
    print(f"8 columns take {(over_alone - 1) * 100:.1f} % more than one, median", end="")
    print(f" and {(over_call - 1) * 100:.1f} % more than their slowest call")


class Together(NamedTuple):
    """What columns took beside each other, and the slowest call of a model among them."""

    wall_ms: float
    slowest_ms: float


async def time_together(columns: dict[int, AsyncGenerator[CellEvent]]) -> Together:
    """Read all columns to their end."""
    watch = Stopwatch()
    calls = await asyncio.gather(*(slowest_call(events) for events in columns.values()))
    return Together(watch.elapsed_ms(), max(calls))


async def slowest_call(events: AsyncGenerator[CellEvent]) -> float:
    """Return the milliseconds of the column's slowest call, as the log has them."""
    results = [event.item async for event in events if isinstance(event.item, ExecutionResult)]
    return max(result.latency_ms for result in results)


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
    scope: Scope,
    application_id: ObjectId,
    engine: Engine,
    *,
    columns: int = MAX_COLUMNS,
    inputs: int = 1,
) -> Comparison:
    """Store a comparison of unsaved bodies on the slow model."""
    body = VersionBody(content="Say hello to {{ name }}.")
    new = NewComparison(
        application_id=application_id,
        name="bench",
        columns=(Column(body=body, model="openai/slow"),) * columns,
        inputs=tuple({"name": f"N{at}"} for at in range(inputs)),
    )
    return await create_comparison(scope, new, limits=engine.limits)


if __name__ == "__main__":
    asyncio.run(main())
