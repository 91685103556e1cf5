"""Own `$vectorSearch`: the vector index of a server that has one (Atlas, MongoDB with mongot)."""

import logging
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from bson import ObjectId
from pymongo.errors import OperationFailure
from pymongo.operations import SearchIndexModel

from core.documents import PromptChunk
from core.embeddings.base import Vectors
from core.search.rank import Filters, Meaning, combine
from core.search.snapshot import DEAD, Snapshot
from core.search.vectors import from_stored, to_stored
from core.telemetry import facts

INDEX: Final = "vector_index"
# Pieces asked for, and looked at by the server to find them; what other filters leave must do.
NEAREST: Final = 400
LOOKED_AT: Final = 4000
# Versions whose vectors are compared once more, exactly.
COMPARED: Final = 150
_FILTERS: Final = ("application_id", "embedding_model", "kind")

_log = logging.getLogger(__name__)


def definition_of(dimensions: int) -> dict[str, Any]:
    """Return the definition of the index for vectors of this length."""
    vector = {
        "type": "vector",
        "path": "vector",
        "numDimensions": dimensions,
        "similarity": "cosine",
    }
    return {"fields": [vector, *({"type": "filter", "path": path} for path in _FILTERS)]}


async def find_index() -> dict[str, Any] | None:
    """Return the state of the index, empty where it can be made, None where there is no search."""
    try:
        cursor = await PromptChunk.collection().list_search_indexes(INDEX)
        found = await cursor.to_list()
        return dict(found[0]) if found else {}
    except OperationFailure:
        return None


class ServerVectors:
    """Finds the nearest pieces by the server's index; the scores are exact, as in memory."""

    def __init__(self, model: str) -> None:
        self._model = model

    @classmethod
    async def offered(cls, model: str, dimensions: int) -> "ServerVectors | None":
        """Return the way to the server's index once it can be asked; the first call makes it."""
        state = await find_index()
        if state is None:
            return None
        if not state:
            index = SearchIndexModel(
                name=INDEX, type="vectorSearch", definition=definition_of(dimensions)
            )
            await PromptChunk.collection().create_search_index(index)
            _log.info("The vector index is being made.", extra=facts(dimensions=dimensions))
        return cls(model) if state.get("queryable") else None

    async def near(self, now: Snapshot, filters: Filters, vector: Vectors) -> Meaning:
        """Return how near versions are, of those whose pieces the server finds nearest.

        Raises:
            OperationFailure: the server cannot search now.
        """
        narrowed = self._narrowed(filters)
        hits: dict[ObjectId, float] = {}
        for kind in ("body", "title"):
            stage = {
                "index": INDEX,
                "path": "vector",
                "queryVector": to_stored(vector),
                "numCandidates": LOOKED_AT,
                "limit": NEAREST,
                "filter": {**narrowed, "kind": kind},
            }
            shown = {"prompt_version_id": 1, "score": {"$meta": "vectorSearchScore"}}
            cursor = await PromptChunk.collection().aggregate(
                [{"$vectorSearch": stage}, {"$project": shown}]
            )
            async for row in cursor:
                key = row["prompt_version_id"]
                hits[key] = max(hits.get(key, 0.0), row["score"])
        nearest = sorted(hits, key=lambda key: -hits[key])
        wanted = [key for key in nearest if _is_searched(now, filters, key)][:COMPARED]
        return await self._exactly(now, wanted, vector)

    def _narrowed(self, filters: Filters) -> dict[str, Any]:
        narrowed: dict[str, Any] = {"embedding_model": self._model}
        if filters.application_id is not None:
            narrowed["application_id"] = filters.application_id
        elif not filters.scope.sees_everything:
            narrowed["application_id"] = {"$in": list(filters.scope.roles)}
        return narrowed

    async def _exactly(self, now: Snapshot, keys: Sequence[ObjectId], vector: Vectors) -> Meaning:
        query = {"prompt_version_id": {"$in": list(keys)}, "embedding_model": self._model}
        rows = await PromptChunk.collection().find({**query, "deleted_at": None}).to_list()
        near = np.array([from_stored(row["vector"]) @ vector for row in rows], np.float32)
        return combine(
            len(now.slot_prompt),
            slots=np.array([now.slots[row["prompt_version_id"]] for row in rows], np.int32),
            near=near,
            is_title=np.array([row["kind"] == "title" for row in rows], np.bool_),
            starts=np.array([row["span_start"] for row in rows], np.int32),
            ends=np.array([row["span_end"] for row in rows], np.int32),
        )


def _is_searched(now: Snapshot, filters: Filters, key: ObjectId) -> bool:
    """Tell whether a version that the server found is one to look among."""
    slot = now.slots.get(key, DEAD)
    if slot == DEAD or slot >= len(now.versions):
        return False
    chosen = now.slot_is_alive if filters.all_versions else now.slot_is_default
    return bool(chosen[slot]) and filters.admit(now.prompts[int(now.slot_prompt[slot])])
