"""Measure saving and reading versions and listing prompts, in process, on the real database.

Run it with `python -m benchmarks.prompts`; PROMPTHUB_MONGO__URI chooses the server, otherwise the
embedded one of a temporary data folder is started.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bson import ObjectId

from benchmarks.figures import repeat, show
from benchmarks.library import make_records
from core.database.open import opened
from core.documents import Application
from core.prompts.bulk import import_prompts
from core.prompts.catalogue import NewPrompt, create_prompt, get_prompt
from core.prompts.listing import PromptQuery, list_prompts
from core.prompts.publishing import publish_version
from core.prompts.resolve import resolve_version
from core.prompts.samples import read_samples
from core.prompts.versions import NewVersion, save_version
from core.settings import MongoSettings, Settings
from core.values.body import VersionBody
from core.values.scope import SYSTEM

LIBRARY_SIZE = 1000
REPETITIONS = 500
# Saves to one prompt wait for each other, as their numbers follow one another.
SAVED_PROMPTS = 100
AT_ONCE = 32


async def main() -> None:
    """Print every figure."""
    mongo = Settings().mongo.model_copy(update={"database": f"prompthub_bench_{ObjectId()}"})
    with tempfile.TemporaryDirectory() as folder:
        await measure(mongo, Path(folder))


async def measure(mongo: MongoSettings, data_dir: Path) -> None:
    """Fill a fresh database, measure, and drop it."""
    async with opened(mongo, data_dir) as database:
        try:
            application = Application(
                name="bench", api_key_hash="x", api_key_prefix="x", owner_id=ObjectId()
            )
            await application.insert()
            await measure_library(application.key)
            await measure_versions(application.key)
        finally:
            await database.client.drop_database(database.name)


async def measure_versions(application_id: ObjectId) -> None:
    """Save versions one by one and many at once; read one by number and by `latest`."""
    new = NewPrompt(application_id=application_id, name="Versions")
    prompt = await create_prompt(SYSTEM, new)
    text = read_samples()[0].body.content

    prompts = [
        await create_prompt(SYSTEM, NewPrompt(application_id=application_id, name=f"V {n}"))
        for n in range(SAVED_PROMPTS)
    ]

    async def save(number: int) -> None:
        body = VersionBody(content=f"{text} {number}")
        await save_version(SYSTEM, prompts[number % len(prompts)], NewVersion(body=body))

    show("save a version", await repeat(REPETITIONS, save))
    started = time.perf_counter()
    await asyncio.gather(*(save_many(save, first) for first in range(AT_ONCE)))
    rate = REPETITIONS / (time.perf_counter() - started)
    print(f"save a version, {AT_ONCE} at once over {SAVED_PROMPTS} prompts: {rate:.0f}/s")

    saved = await save_version(SYSTEM, prompt, NewVersion(body=VersionBody(content=text)))
    await publish_version(SYSTEM, prompt, saved.version.version)

    async def read(_: int) -> None:
        await resolve_version(SYSTEM, await get_prompt(SYSTEM, prompt.prompt_id), "latest")

    show("read a prompt and its latest version", await repeat(REPETITIONS, read))


async def save_many(save: Callable[[int], Awaitable[None]], first: int) -> None:
    """Save one share of the versions, one after another."""
    for number in range(REPETITIONS + first, 2 * REPETITIONS, AT_ONCE):
        await save(number)


async def measure_library(application_id: ObjectId) -> None:
    """Import a library and list it by recency and by words."""
    records = make_records(LIBRARY_SIZE)
    started = time.perf_counter()
    await import_prompts(SYSTEM, application_id, records)
    print(f"import {LIBRARY_SIZE} prompts: {time.perf_counter() - started:.1f} s")

    async def first_page(_: int) -> None:
        await list_prompts(SYSTEM, PromptQuery(), skip=0, limit=50)

    async def by_words(_: int) -> None:
        await list_prompts(SYSTEM, PromptQuery(text="board minutes"), skip=0, limit=20)

    show(f"list 50 of {LIBRARY_SIZE} prompts", await repeat(100, first_page))
    show(f"find two words in {LIBRARY_SIZE} prompts", await repeat(100, by_words))


if __name__ == "__main__":
    asyncio.run(main())
