"""Own the catch-up: each version gets its vectors behind the answer, whichever process saved it.

A version asks for vectors by an `embedding_model` other than the model in use; the answer to a
save leaves it empty. All processes that serve look for such versions and take some at random.
Doing the same twice writes the same, so that nothing is claimed. When a version was changed while
its vectors were made, it asks again; when its prompt was renamed, the next look tells.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import UpdateMany
from pymongo.errors import PyMongoError

from core import clock
from core.documents import Prompt, PromptChunk, PromptVersion
from core.embeddings.base import Embedder
from core.embeddings.loading import Embeddings, load, load_former
from core.errors import Invalid, NotConfigured, Unavailable
from core.search.made import Wanted, make, store
from core.settings import EmbeddingSettings
from core.telemetry import facts

# How soon after a save its vectors are begun; each look is two reads of an index.
PAUSE_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 15.0
COUNT_SECONDS: Final = 1.0
BATCH: Final = 16
# Of so many a batch is drawn, so that two processes seldom draw the same.
DRAWN_FROM: Final = 400
# So few missing ones are the saves of a moment ago and no reason for a notice.
FEW: Final = 16
# How far clocks of processes may differ, and a write may be late.
OVERLAP: Final = timedelta(seconds=5)

_FIELDS: Final = {
    "prompt_id": 1,
    "content": 1,
    "system_prompt": 1,
    "checksum": 1,
    "deleted_at": 1,
    "embedding_model": 1,
}
_NEW: Final[dict[str, Any]] = {"embedding_model": None}
_log = logging.getLogger(__name__)


class CatchUp:
    """Loads the embedder of a process, and keeps the vectors of all versions up to date.

    With `only_new` versions that have vectors of another model are left alone.
    """

    def __init__(
        self,
        embeddings: Embeddings,
        settings: EmbeddingSettings,
        *,
        only_new: bool = False,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._embeddings = embeddings
        self._settings = settings
        self._only_new = only_new
        self._retry_seconds = retry_seconds
        self._is_given_up = settings.kind == "off"
        self._retry_at = float("-inf")
        self._counted_at = float("-inf")
        self._titles_since: datetime | None = None
        self._has_swept = False
        if self._is_given_up:
            embeddings.status = "off"
            embeddings.remedy = "Set PROMPTHUB_EMBEDDINGS__KIND=onnx to switch it on."
        else:
            embeddings.status = "warming"

    async def follow(self) -> bool:
        """Load what is not loaded yet and embed all that waits; a failure is tried again later."""
        if self._is_given_up or time.monotonic() < self._retry_at:
            return False
        try:
            await self._load()
            await self._catch_up()
        except Unavailable as error:
            self._fail(error)
            self._retry_at = time.monotonic() + self._retry_seconds
        except NotConfigured as error:
            self._fail(error)
            self._is_given_up = True
        except PyMongoError as error:
            _log.warning("No vectors are made: %s.", type(error).__name__)
            self._retry_at = time.monotonic() + COUNT_SECONDS
        return False

    async def close(self) -> None:
        """Give back the embedders."""
        present = (self._embeddings.embedder, self._embeddings.target)
        self._embeddings.embedder = self._embeddings.target = None
        for embedder in {id(one): one for one in present if one is not None}.values():
            await embedder.close()

    def _fail(self, error: NotConfigured | Unavailable) -> None:
        if self._embeddings.status != "failed":
            _log.warning("Semantic search is off: %s", error.message, extra=facts(**error.facts))
        self._embeddings.fail(error)

    async def _load(self) -> None:
        state = self._embeddings
        if state.target is None:
            watch = clock.Stopwatch()
            state.target = await load(self._settings)
            _log.info(
                "The embedder is loaded.",
                extra=facts(model=state.target and state.target.name, ms=round(watch.elapsed_ms())),
            )
        elif state.status == "failed":
            await state.target.encode(["prompt"])
        if state.status == "failed":
            state.status, state.reason, state.remedy = "warming", "", ""
            self._counted_at = float("-inf")
        if state.embedder is None and state.target is not None:
            state.embedder = await self._find_former(state.target) or state.target

    async def _find_former(self, target: Embedder) -> Embedder | None:
        """Return the embedder of the vectors that are still there from before a change of model."""
        if self._only_new:
            return None
        left = await PromptVersion.collection().find_one(
            {"embedding_model": {"$nin": [None, target.name]}}, {"embedding_model": 1}
        )
        return await load_former(self._settings, left["embedding_model"]) if left else None

    async def _catch_up(self) -> None:
        target = self._embeddings.target
        while target is not None:
            began = clock.now()
            await self._forget_titles()
            # A name that changes from now on may be missed by the batch below, which the next
            # look makes good.
            self._titles_since = began - OVERLAP
            batch = await self._draw(target)
            await self._count(target, is_idle=not batch)
            if not batch:
                await self._finish(target)
                return
            await self._embed(target, batch)

    async def _forget_titles(self) -> None:
        """Ask for vectors where a prompt has another name than its versions were embedded under."""
        since = self._titles_since
        changed = {} if since is None else {"updated_at": {"$gte": since}}
        cursor = Prompt.collection().find(changed, {"name": 1})
        while prompts := await cursor.to_list(500):
            await PromptVersion.collection().bulk_write(
                [
                    UpdateMany(
                        {
                            "prompt_id": prompt["_id"],
                            "embedding_title": {"$nin": [None, prompt["name"]]},
                            "embedding_model": {"$ne": None},
                        },
                        {"$set": {"embedding_model": None}},
                    )
                    for prompt in prompts
                ],
                ordered=False,
            )

    async def _draw(self, target: Embedder) -> list[Wanted]:
        """Return some versions that wait: new and changed ones before those of another model."""
        others = {"embedding_model": {"$nin": [None, target.name]}}
        for query in (_NEW,) if self._only_new else (_NEW, others):
            cursor = PromptVersion.collection().find(query, {"_id": 1}).limit(DRAWN_FROM)
            ids = [row["_id"] async for row in cursor]
            if ids:
                drawn = random.sample(ids, min(BATCH, len(ids)))
                return await _read({"_id": {"$in": drawn}, **query})
        return []

    async def _embed(self, target: Embedder, batch: Sequence[Wanted]) -> None:
        try:
            made = await make(target, batch)
        except Invalid:
            made = [one for wanted in batch for one in await self._make_alone(target, wanted)]
        await store(made, target.name)

    async def _make_alone(self, target: Embedder, wanted: Wanted) -> list[Any]:
        try:
            return await make(target, [wanted])
        except Invalid as error:
            _log.warning(
                "A version is found by its words only: %s",
                error.message,
                extra=facts(version=str(wanted.key)),
            )
            return await make(target, [wanted._replace(text=None)])

    async def _count(self, target: Embedder, *, is_idle: bool) -> None:
        state = self._embeddings
        if not is_idle and time.monotonic() - self._counted_at < COUNT_SECONDS:
            return
        is_counted = state.status == "ready" and state.done == state.total
        if is_idle and is_counted and not state.is_changing_model:
            return
        versions = PromptVersion.collection()
        total = await versions.estimated_document_count()
        waiting = _NEW if self._only_new else {"embedding_model": {"$ne": target.name}}
        left = await versions.count_documents(waiting)
        state.total, state.done = max(total, left), max(total, left) - left
        is_complete = left <= FEW and (is_idle or not state.is_changing_model)
        state.status = "ready" if is_complete else "warming"
        self._counted_at = time.monotonic()

    async def _finish(self, target: Embedder) -> None:
        """Let the new vectors serve, and the chunks of other models go."""
        former = self._embeddings.embedder
        self._embeddings.embedder = target
        if former is not None and former is not target:
            await former.close()
            self._has_swept = False
        if not self._has_swept and not self._only_new:
            now = clock.now()
            await PromptChunk.collection().update_many(
                {"embedding_model": {"$ne": target.name}, "deleted_at": None},
                {"$set": {"deleted_at": now, "updated_at": now}},
            )
            self._has_swept = True


async def embed_new(settings: EmbeddingSettings, progress: Callable[[int, int], None]) -> str:
    """Give all versions without vectors theirs; return what hindered it, nothing if it is done.

    `progress` is called every second with how many versions have vectors and how many there are.
    """
    state = Embeddings()
    catch_up = CatchUp(state, settings, only_new=True)
    following = asyncio.create_task(catch_up.follow())
    try:
        while not following.done():
            await asyncio.wait({following}, timeout=COUNT_SECONDS)
            if state.total:
                progress(state.done, state.total)
    finally:
        following.cancel()
        await asyncio.wait({following})
        await catch_up.close()
    return state.notice


async def _read(query: dict[str, Any]) -> list[Wanted]:
    versions = [row async for row in PromptVersion.collection().find(query, _FIELDS)]
    prompts = Prompt.collection().find(
        {"_id": {"$in": [row["prompt_id"] for row in versions]}},
        {"name": 1, "application_id": 1},
    )
    by_key = {row["_id"]: row async for row in prompts}
    return [Wanted.read(row, by_key.get(row["prompt_id"])) for row in versions]
