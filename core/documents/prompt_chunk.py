"""Own the stored chunk: the vector of one piece of a version, made with one model."""

from datetime import datetime
from typing import Literal

from pydantic import Field
from pymongo import ASCENDING, IndexModel

from core import clock
from core.documents.base import Stored
from core.values.ids import Id

# How long a deleted chunk tells other processes to forget it, before MongoDB removes it.
TOMBSTONE_SECONDS = 24 * 3600


class PromptChunk(Stored):
    """A vector of a version (`prompt_key` is the prompt document, not its readable id).

    `kind` title has an empty span; the span of a body chunk is in `PromptVersion.searched_text`.
    `vector` is BSON's binary vector of float32 (`core.search.vectors`), of unit length. A deleted
    chunk stays a while as a tombstone.
    """

    prompt_version_id: Id
    prompt_key: Id
    application_id: Id
    kind: Literal["title", "body"]
    position: int
    span_start: int
    span_end: int
    vector: bytes = Field(repr=False)
    embedding_model: str
    updated_at: datetime = Field(default_factory=clock.now)
    deleted_at: datetime | None = None

    class Settings:
        name = "prompt_chunks"
        indexes = [
            IndexModel(
                [
                    ("prompt_version_id", ASCENDING),
                    ("embedding_model", ASCENDING),
                    ("kind", ASCENDING),
                    ("position", ASCENDING),
                ],
                name="piece",
                unique=True,
            ),
            IndexModel([("updated_at", ASCENDING), ("_id", ASCENDING)], name="changed"),
            IndexModel([("embedding_model", ASCENDING), ("updated_at", ASCENDING)], name="model"),
            IndexModel(
                [("deleted_at", ASCENDING)], name="tombstones", expireAfterSeconds=TOMBSTONE_SECONDS
            ),
        ]
