"""Own the search of one process: its index, kept in step with the database, and the embedder."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from pymongo.errors import OperationFailure, PyMongoError

from core import clock
from core.embeddings.base import Vectors
from core.embeddings.loading import Embeddings
from core.errors import Unavailable
from core.search.atlas import ServerVectors
from core.search.follow import RECOUNT_SECONDS, Follower
from core.search.postings import Mask
from core.search.rank import Filters, Meaning, score_meaning
from core.search.snapshot import Snapshot
from core.search.words import understood_share
from core.telemetry import facts

# How often a server is asked for a vector index of its own.
INDEX_SECONDS: Final = 300.0
# A change made by another process is found after this long at the latest.
PAUSE_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


class SearchEngine:
    """What queries go through; one lives as long as the process.

    The truth is in the database, the index is a copy of what searching needs: about 1.6 KB for
    each piece of 220 tokens and 1 KB for the words of an average prompt.
    """

    def __init__(
        self, embeddings: Embeddings | None = None, *, recount_seconds: float = RECOUNT_SECONDS
    ) -> None:
        self.embeddings = embeddings or Embeddings()
        self._recount_seconds = recount_seconds
        self._follower = Follower()
        self._refreshing = asyncio.Lock()
        self._was_away = False
        self._server: ServerVectors | None = None
        self._asked_at = float("-inf")

    @property
    def snapshot(self) -> Snapshot:
        """The picture that a query reads from beginning to end."""
        return self._follower.index.snapshot

    async def follow(self) -> bool:
        """Take over what has changed; a database that is away is asked again the next time."""
        with suppress(PyMongoError):
            has_changed = await self.refresh()
            await self._look_for_server_index()
            return has_changed
        return False

    async def refresh(self) -> bool:
        """Take over what has changed and return whether anything had.

        After a change of model, or when much is dead, all is built anew beside what serves.
        """
        async with self._refreshing:
            embedder = self.embeddings.embedder
            model = embedder.name if embedder else None
            try:
                has_changed = await self._follow(model)
            except PyMongoError:
                self._was_away = True
                raise
            self._was_away = False
            return has_changed

    async def _follow(self, model: str | None) -> bool:
        follower = self._follower
        if follower.is_built and model == self.snapshot.model and not follower.index.is_worn():
            # What was written around an outage may have come late.
            return await follower.refresh(everything=self._was_away)
        watch = clock.Stopwatch()
        self._server, self._asked_at = None, float("-inf")
        successor = Follower(model, recount_seconds=self._recount_seconds)
        await successor.refresh()
        self._follower = successor
        _log.info(
            "The search index is built.",
            extra=facts(
                versions=len(self.snapshot.versions),
                vectors=len(self.snapshot.row_slot),
                milliseconds=round(watch.elapsed_ms()),
            ),
        )
        return True

    async def fresh(self) -> Snapshot:
        """Return the picture of now: what was saved before is in it, wherever that was.

        While many changes are being taken over it is the picture of a moment before.
        """
        if not (self._refreshing.locked() and self._follower.is_built):
            await self.refresh()
        return self.snapshot

    async def encode(self, texts: Sequence[str]) -> Vectors | None:
        """Return vectors to search by, None while no embedder answers."""
        embedder = self.embeddings.embedder
        if embedder is None or embedder.name != self.snapshot.model:
            return None
        try:
            return await embedder.encode(texts)
        except Unavailable as error:
            _log.warning("A query could not be encoded: %s", error.message)
            self.embeddings.fail(error)
            return None

    async def meaning_of(
        self, now: Snapshot, filters: Filters, text: str
    ) -> Callable[[Mask], Meaning] | None:
        """Return what tells how near versions are to a text, None while no embedder answers."""
        vectors = await self.encode([text])
        if vectors is None:
            return None
        if self._server is not None:
            try:
                meaning = await self._server.near(now, filters, vectors[0])
            except OperationFailure as error:
                _log.warning("The server's vector index does not answer: code %s.", error.code)
                self._server = None
            else:
                return lambda _admitted: meaning
        return partial(score_meaning, now, vectors[0])

    def understood(self, text: str) -> float:
        """Return the share of the words whose meaning the embedder knows, 0 without one."""
        embedder = self.embeddings.embedder
        return 0.0 if embedder is None else understood_share(text, embedder.find_tokens)

    async def _look_for_server_index(self) -> None:
        """Ask now and then, as an index is made behind the back of whoever asked for it."""
        embedder = self.embeddings.embedder
        due = time.monotonic() - self._asked_at > INDEX_SECONDS
        if embedder is None or embedder.name != self.snapshot.model or not due:
            return
        self._asked_at = time.monotonic()
        self._server = await ServerVectors.offered(embedder.name, embedder.dimensions)

    @property
    def notice(self) -> str:
        """One sentence on what search cannot do now, empty when it can do all."""
        return self.embeddings.notice
