"""Own the vectors of a few versions: made with one embedder, stored where nothing has changed."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self

from bson import ObjectId
from pymongo import UpdateMany, UpdateOne

from core import clock
from core.documents import PromptChunk, PromptVersion
from core.documents.prompt_version import searched_text
from core.embeddings.base import Embedder, Piece, Vectors, cut, mean_of
from core.search.vectors import to_stored

Operation = UpdateOne | UpdateMany


class Wanted(NamedTuple):
    """A version as it was read; a `text` of None is to have no vectors."""

    key: ObjectId
    prompt_key: ObjectId
    application_id: ObjectId | None
    title: str
    text: str | None
    checksum: str
    deleted_at: datetime | None
    was_of: str | None

    @classmethod
    def read(cls, row: Mapping[str, Any], prompt: Mapping[str, Any] | None) -> Self:
        """Return what the stored version and its prompt say; deleted ones have no text."""
        is_gone = prompt is None or row.get("deleted_at") is not None
        return cls(
            key=row["_id"],
            prompt_key=row["prompt_id"],
            application_id=prompt["application_id"] if prompt else None,
            title=prompt["name"] if prompt else "",
            text=None if is_gone else searched_text(row["content"], row.get("system_prompt", "")),
            checksum=row["checksum"],
            deleted_at=row.get("deleted_at"),
            was_of=row.get("embedding_model"),
        )


class Made(NamedTuple):
    """A version and its pieces with a vector each."""

    wanted: Wanted
    pieces: Sequence[Piece]
    vectors: Vectors


async def make(embedder: Embedder, batch: Sequence[Wanted]) -> list[Made]:
    """Return the vectors of all pieces of the versions.

    Raises:
        Unavailable: the embedder does not answer.
        Invalid: it refuses one of the texts.
    """
    pieces = await asyncio.to_thread(_cut_all, embedder, batch)
    texts = [piece.text for own in pieces for piece in own]
    vectors = await embedder.encode(texts, is_patient=True)
    made: list[Made] = []
    start = 0
    for wanted, own in zip(batch, pieces, strict=True):
        made.append(Made(wanted, own, vectors[start : start + len(own)]))
        start += len(own)
    return made


def _cut_all(embedder: Embedder, batch: Sequence[Wanted]) -> list[list[Piece]]:
    return [
        [] if wanted.text is None else cut(embedder, wanted.title, wanted.text) for wanted in batch
    ]


async def store(made: Sequence[Made], model: str) -> None:
    """Write chunks, then mark their versions; one that has changed meanwhile asks again."""
    operations = [operation for one in made for operation in _chunk_operations(one, model)]
    if operations:
        await PromptChunk.collection().bulk_write(operations, ordered=False)
    await asyncio.gather(*(_mark(one, model) for one in made))


def _chunk_operations(made: Made, model: str) -> list[Operation]:
    """Return the writes for each piece, and one that marks all other chunks as deleted.

    Chunks of another model stay where they are still true, so that they serve until all are made.
    """
    now = clock.now()
    wanted = made.wanted
    own = {"prompt_version_id": wanted.key, "embedding_model": model}
    operations: list[Operation] = [
        UpdateOne(
            {**own, "kind": piece.kind, "position": piece.position},
            {
                "$set": {
                    "prompt_key": wanted.prompt_key,
                    "application_id": wanted.application_id,
                    "span_start": piece.span_start,
                    "span_end": piece.span_end,
                    "vector": to_stored(vector),
                    "updated_at": now,
                    "deleted_at": None,
                },
                "$setOnInsert": {"created_at": now},
            },
            upsert=True,
        )
        for piece, vector in zip(made.pieces, made.vectors, strict=True)
    ]
    bodies = sum(piece.kind == "body" for piece in made.pieces)
    stale: list[dict[str, Any]] = [{**own, "kind": "body", "position": {"$gte": bodies}}]
    if not made.pieces:
        stale.append(own)
    if wanted.was_of is None:
        stale.append({"prompt_version_id": wanted.key, "embedding_model": {"$ne": model}})
    operations += [
        UpdateMany({**query, "deleted_at": None}, {"$set": {"deleted_at": now, "updated_at": now}})
        for query in stale
    ]
    return operations


async def _mark(made: Made, model: str) -> None:
    """Say on the version that its vectors are made, without a new revision."""
    wanted = made.wanted
    as_read = {"_id": wanted.key, "checksum": wanted.checksum, "deleted_at": wanted.deleted_at}
    marked = await PromptVersion.collection().update_one(
        as_read,
        {
            "$set": {
                "embedding": _mean(made),
                "embedding_model": model,
                "embedding_title": wanted.title,
            }
        },
    )
    if not marked.matched_count:
        # The chunks just written are of a text that is no more, perhaps over those of the new one.
        await PromptVersion.collection().update_one(
            {"_id": wanted.key}, {"$set": {"embedding_model": None}}
        )


def _mean(made: Made) -> bytes | None:
    bodies = [at for at, piece in enumerate(made.pieces) if piece.kind == "body"]
    rows = made.vectors[bodies] if bodies else made.vectors
    return to_stored(mean_of(rows)) if len(rows) else None
