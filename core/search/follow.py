"""Own how the index keeps in step with the database, whoever changed it.

Each look asks for what was changed since the look before, five seconds overlapping, so that a slow
writer or clock is not missed; what is known already is told by its stamp. Where documents went
without a trace (a purge, a restored backup), the counts differ, and all stamps are compared.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from bson import ObjectId

from core import clock
from core.documents import Prompt, PromptChunk, PromptVersion, Stored
from core.search.facts import (
    CHUNK_FIELDS,
    PROMPT_FIELDS,
    VERSION_FIELDS,
    PromptFacts,
    Stamp,
    chunk_stamp,
    named_by,
    prompt_stamp,
    read_chunk,
    read_prompt,
    read_version,
    version_stamp,
)
from core.search.index import Index

OVERLAP: Final = timedelta(seconds=5)
RECOUNT_SECONDS: Final = 5.0
# All stamps are compared this often in any case: about 0.1 s of work for 30,000 versions.
COMPARE_SECONDS: Final = 600.0
BATCH: Final = 500
_STAMPS: Final = {"updated_at": 1, "revision": 1, "newest_sequence": 1}

_log = logging.getLogger(__name__)
Row = Mapping[str, Any]


class Look(NamedTuple):
    """What differs between the database and what is known of one collection."""

    changed: list[ObjectId]
    gone: list[ObjectId]


class Follower:
    """An index and how far it has followed; one refresh at a time."""

    def __init__(
        self, model: str | None = None, *, recount_seconds: float = RECOUNT_SECONDS
    ) -> None:
        self.index = Index(model)
        self._recount_seconds = recount_seconds
        self._looked_at: datetime | None = None
        self._compared_at = float("-inf")
        self._counted_at = float("-inf")

    @property
    def is_built(self) -> bool:
        """Whether all was read once."""
        return self._looked_at is not None

    async def refresh(self, *, everything: bool = False) -> bool:
        """Take over what has changed and return whether anything had."""
        before, started = self.index.snapshot, clock.now()
        if self._looked_at is None or everything or await self._has_gaps():
            self._compared_at = time.monotonic()
            await self._take_over(None)
        else:
            await self._take_over(self._looked_at - OVERLAP)
        self._looked_at = started
        return self.index.snapshot is not before

    async def _has_gaps(self) -> bool:
        now = time.monotonic()
        if now - self._compared_at > COMPARE_SECONDS:
            return True
        if now - self._counted_at < self._recount_seconds:
            return False
        self._counted_at = now
        counts = await asyncio.gather(
            Prompt.collection().estimated_document_count(),
            PromptVersion.collection().estimated_document_count(),
        )
        return counts != (len(self.index.prompt_stamps), len(self.index.version_stamps))

    async def _take_over(self, since: datetime | None) -> None:
        """Read chunks, versions and prompts in this order: what a row refers to is there then."""
        index = self.index
        chunks = await self._look(PromptChunk, index.chunk_stamps, chunk_stamp, since)
        versions = await self._look(PromptVersion, index.version_stamps, version_stamp, since)
        prompts = await self._look(Prompt, index.prompt_stamps, prompt_stamp, since)
        renamed = await self._take_prompts(prompts)
        await self._take_versions(Look([*versions.changed, *renamed], versions.gone))
        await self._take_chunks(chunks)

    async def _look(
        self,
        kind: type[Stored],
        known: Mapping[ObjectId, Stamp],
        stamp_of: Callable[[Row], Stamp],
        since: datetime | None,
    ) -> Look:
        query: dict[str, Any] = {} if since is None else {"updated_at": {"$gte": since}}
        if kind is PromptChunk:
            query["embedding_model"] = self.index.snapshot.model
        stamps = kind.collection().find(query, _STAMPS).batch_size(BATCH * 4)
        there = {row["_id"]: stamp_of(row) async for row in stamps}
        changed = [key for key, stamp in there.items() if known.get(key) != stamp]
        gone = [] if since else [key for key in known if key not in there]
        return Look(changed, gone)

    async def _take_prompts(self, look: Look) -> list[ObjectId]:
        """Return the versions to read again because what the prompt is found by changed."""
        renamed: list[ObjectId] = []
        async for rows in _read(Prompt, look.changed, PROMPT_FIELDS):
            prompts = [read_prompt(row) for row in rows]
            for prompt in prompts:
                if _says_otherwise(prompt, self.index.find_prompt(prompt.key)):
                    renamed += self.index.versions_of(prompt.key)
            await asyncio.to_thread(self.index.take_prompts, prompts)
        if look.gone:
            await asyncio.to_thread(self.index.drop_prompts, look.gone)
        return renamed

    async def _take_versions(self, look: Look) -> None:
        async for rows in _read(PromptVersion, look.changed, VERSION_FIELDS):
            await asyncio.to_thread(self._add_versions, rows)
        if look.gone:
            await asyncio.to_thread(self.index.drop_versions, look.gone)

    def _add_versions(self, rows: Sequence[Row]) -> None:
        index = self.index
        deleted = {row["_id"]: version_stamp(row) for row in rows if row.get("deleted_at")}
        index.drop_versions(deleted)
        index.version_stamps |= deleted
        owned = [
            (row, prompt)
            for row in rows
            if row["_id"] not in deleted
            and (prompt := index.find_prompt(row["prompt_id"])) is not None
        ]
        index.take_versions([read_version(row, prompt) for row, prompt in owned])

    async def _take_chunks(self, look: Look) -> None:
        async for rows in _read(PromptChunk, look.changed, CHUNK_FIELDS):
            await asyncio.to_thread(self._add_chunks, rows)
        if look.gone:
            await asyncio.to_thread(self.index.drop_chunks, look.gone)

    def _add_chunks(self, rows: Sequence[Row]) -> None:
        deleted = {row["_id"]: chunk_stamp(row) for row in rows if row.get("deleted_at")}
        self.index.drop_chunks(deleted)
        self.index.chunk_stamps |= deleted
        self.index.take_chunks([read_chunk(row) for row in rows if row["_id"] not in deleted])


def _says_otherwise(prompt: PromptFacts, known: PromptFacts | None) -> bool:
    return known is not None and (
        (prompt.description, named_by(prompt)) != (known.description, named_by(known))
    )


async def _read(
    kind: type[Stored], keys: Collection[ObjectId], fields: Mapping[str, int]
) -> AsyncGenerator[list[dict[str, Any]]]:
    wanted = list(keys)
    for start in range(0, len(wanted), BATCH):
        batch = {"_id": {"$in": wanted[start : start + BATCH]}}
        yield await kind.collection().find(batch, fields).to_list()
