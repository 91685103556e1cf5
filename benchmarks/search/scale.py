"""Own a library of 100,000 vectors: the real ones over and over, each with noise of its own."""

import asyncio
from pathlib import Path
from typing import Any, Final

import numpy as np
from bson import ObjectId

from core import clock
from core.database.open import opened
from core.documents import Prompt, PromptChunk, PromptVersion
from core.search.vectors import from_stored, to_stored
from core.settings import MongoSettings

VECTORS: Final = 100_000
# Leaves a cosine of about .9 to the real one.
NOISE: Final = 0.025

Row = dict[str, Any]


async def multiply(data_dir: Path) -> int:
    """Copy the stored prompts with their vectors until there are enough; return how many."""
    async with opened(MongoSettings(), data_dir):
        prompts = await Prompt.collection().find().to_list()
        versions = await PromptVersion.collection().find({"deleted_at": None}).to_list()
        chunks = await PromptChunk.collection().find({"deleted_at": None}).to_list()
        chance = np.random.default_rng(1)
        copies = -(-VECTORS // len(chunks)) - 1
        for number in range(1, copies + 1):
            keys = {row["_id"]: ObjectId() for row in (*prompts, *versions)}
            await asyncio.gather(
                _insert(Prompt, [_copy_prompt(row, keys, number) for row in prompts]),
                _insert(PromptVersion, [_copy_version(row, keys) for row in versions]),
                _insert(PromptChunk, [_copy_chunk(row, keys, chance) for row in chunks]),
            )
        return await PromptChunk.collection().estimated_document_count()


async def _insert(kind: Any, rows: list[Row]) -> None:
    await kind.collection().insert_many(rows, ordered=False)


def _copy_prompt(row: Row, keys: dict[ObjectId, ObjectId], number: int) -> Row:
    return {
        **row,
        "_id": keys[row["_id"]],
        "prompt_id": f"{row['prompt_id'][:56]}-x{number}",
        "updated_at": clock.now(),
    }


def _copy_version(row: Row, keys: dict[ObjectId, ObjectId]) -> Row:
    own = {"_id": keys[row["_id"]], "prompt_id": keys[row["prompt_id"]]}
    return {**row, **own, "updated_at": clock.now()}


def _copy_chunk(row: Row, keys: dict[ObjectId, ObjectId], chance: np.random.Generator) -> Row:
    vector = from_stored(row["vector"])
    noisy = vector + chance.normal(0, NOISE, vector.shape)
    return {
        **row,
        "_id": ObjectId(),
        "prompt_version_id": keys[row["prompt_version_id"]],
        "prompt_key": keys[row["prompt_key"]],
        "vector": to_stored((noisy / np.linalg.norm(noisy)).astype(np.float32)),
        "updated_at": clock.now(),
    }
