"""Own the files that search is measured on, and the index built of them without a database."""

from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
from bson import ObjectId

from core import clock
from core.embeddings.base import Vectors
from core.prompts.bulk import PromptRecord
from core.prompts.reading import read_leniently
from core.search.facts import Chunk, PromptFacts, read_version
from core.search.index import Index
from core.search.vectors import to_stored

CORPUS: Final = Path(__file__).parent / "corpus"
VECTORS: Final = CORPUS / "vectors.npz"


class Pair(NamedTuple):
    """Two prompts as the 32-bit model and their runs of three words compare them."""

    one: str
    other: str
    cosine: float
    overlap: float


@cache
def read_records() -> tuple[PromptRecord, ...]:
    """Return the prompts as an import would bring them in."""
    with (CORPUS / "prompts.jsonl").open("rb") as lines:
        return tuple(read_leniently(lines, publish=True).records)


def read_pairs() -> list[Pair]:
    """Return the pairs that are near by either way of embedding."""
    lines = (CORPUS / "near_duplicates.jsonl").read_bytes().splitlines()
    rows: list[dict[str, Any]] = [orjson.loads(line) for line in lines]
    return [
        Pair(row["a"], row["b"], row["cos_mean_chunks"], row["shingle3_jaccard"]) for row in rows
    ]


def build_index(*, with_vectors: bool) -> Index:
    """Return the index of the prompts, each with one version; no database is asked."""
    stored = np.load(VECTORS) if with_vectors else None
    index = Index(None if stored is None else str(stored["model"]))
    application_id, moment = ObjectId(), clock.now()
    prompts = {
        record.key: PromptFacts(
            key=ObjectId(),
            application_id=application_id,
            prompt_id=record.key,
            name=record.name,
            description=record.description,
            folder=record.folder,
            tags=frozenset(record.tags),
            labels=frozenset(),
            is_active=True,
            current_version="1.0.0",
            stamp=(moment,),
        )
        for record in read_records()
    }
    versions = [
        read_version(_row(record, prompts[record.key].key), prompts[record.key])
        for record in read_records()
    ]
    index.take_prompts(list(prompts.values()))
    index.take_versions(versions)
    if stored is not None:
        keys = [version.facts.key for version in versions]
        index.take_chunks(_chunks(keys, stored["pieces"], stored["vectors"].astype(np.float32)))
    return index


def _row(record: PromptRecord, prompt_key: ObjectId) -> dict[str, Any]:
    return {
        "_id": ObjectId(),
        "prompt_id": prompt_key,
        "version": "1.0.0",
        "sequence": 1,
        "checksum": record.body.checksum(),
        "content": record.body.content,
        "system_prompt": record.body.system_prompt,
        "updated_at": clock.now(),
        "revision": 1,
    }


def _chunks(keys: list[ObjectId], pieces: np.ndarray[Any, Any], vectors: Vectors) -> list[Chunk]:
    return [
        Chunk(
            key=ObjectId(),
            version_key=keys[number],
            is_title=bool(is_title),
            start=start,
            end=end,
            vector=to_stored(vector),
            stamp=(),
        )
        for (number, is_title, start, end), vector in zip(pieces.tolist(), vectors, strict=True)
    ]
