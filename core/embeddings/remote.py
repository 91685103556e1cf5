"""Own the embedder that asks an OpenAI-compatible server for its vectors."""

import asyncio
import random
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import numpy as np
import orjson
from pydantic import SecretStr

from core.embeddings.base import Span, Vectors, guess_tokens
from core.errors import Invalid, NotConfigured, Unavailable
from core.net import guarded_client
from core.settings import EmbeddingSettings

PREFIX: Final = "remote/"
BATCH: Final = 64
MAX_CALLS: Final = 3
FIRST_WAIT_SECONDS: Final = 0.5
# 64 vectors of 8,192 numbers, written out.
MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
# Servers refuse what is too long for a model; a piece of 254 tokens is shorter than this.
MAX_CHARACTERS: Final = 4000
_PROBE: Final = "prompt"
_BUSY: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)}
)
_REFUSED_TEXT: Final = frozenset({400, 413, 422})
_SETTING: Final = "PROMPTHUB_EMBEDDINGS__"


class RemoteEmbedder:
    """The embeddings of a server; its vectors are brought to length one here."""

    def __init__(self, settings: EmbeddingSettings, client: httpx2.AsyncClient) -> None:
        self.dimensions = 0
        self._model = settings.model
        self._host = urlsplit(settings.base_url).netloc
        self._url = f"{settings.base_url.rstrip('/')}/embeddings"
        self._wanted = settings.dimensions
        self._deadline_seconds = settings.deadline_seconds
        self._key: SecretStr | None = settings.api_key
        self._client = client

    @classmethod
    async def load(cls, settings: EmbeddingSettings) -> "RemoteEmbedder":
        """Ask the server for one vector, which tells its dimensions.

        Raises:
            NotConfigured: the address or the name of the model is missing or cannot be used.
            Unavailable: the server does not answer, or not with a vector.
        """
        _check(settings)
        client = await asyncio.to_thread(guarded_client)
        embedder = cls(settings, client)
        try:
            embedder.dimensions = (await embedder.encode([_PROBE])).shape[1]
        except Invalid as error:
            await client.aclose()
            raise _away("refuses the model or its dimensions") from error
        except BaseException:
            await client.aclose()
            raise
        return embedder

    @property
    def name(self) -> str:
        """The server, its model and the dimensions."""
        return f"{PREFIX}{self._host}/{self._model}/{self.dimensions}"

    def find_tokens(self, text: str) -> Sequence[Span]:
        """Return about where tokens start and end: the tokenizer of the server is not known."""
        return guess_tokens(text)

    async def encode(self, texts: Sequence[str], *, is_patient: bool = False) -> Vectors:
        """Return one vector per text, in batches; bulk sends one batch after the other.

        Raises:
            Unavailable: the server does not answer in time, or with something else than vectors.
            Invalid: it refuses one of the texts.
        """
        del is_patient  # the server orders its own work
        batches = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
        if not batches:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.vstack([await self._encode_batch(batch) for batch in batches])

    async def close(self) -> None:
        """Give back its connections."""
        await self._client.aclose()

    async def _encode_batch(self, texts: Sequence[str]) -> Vectors:
        body: dict[str, Any] = {
            "model": self._model,
            "input": [text[:MAX_CHARACTERS] or " " for text in texts],
        }
        if self._wanted is not None:
            body["dimensions"] = self._wanted
        try:
            async with asyncio.timeout(self._deadline_seconds):
                answer = await self._post(orjson.dumps(body))
        except TimeoutError:
            raise _away("did not answer in time") from None
        return await asyncio.to_thread(_read, answer, len(texts), self.dimensions or self._wanted)

    async def _post(self, body: bytes) -> bytes:
        """Return the answer of the first call that succeeds."""
        wait = FIRST_WAIT_SECONDS
        for _ in range(MAX_CALLS - 1):
            try:
                status, answer = await self._post_once(body)
            except httpx2.HTTPError:
                pass
            else:
                if status not in _BUSY:
                    return _accepted(status, answer)
            await asyncio.sleep(random.uniform(wait / 2, wait))  # noqa: S311 -- spreads load
            wait *= 2
        try:
            return _accepted(*await self._post_once(body))
        except httpx2.HTTPError as error:
            raise _away("cannot be reached") from error

    async def _post_once(self, body: bytes) -> tuple[int, bytes]:
        headers = {"content-type": "application/json"}
        if self._key is not None:
            headers["authorization"] = f"Bearer {self._key.get_secret_value()}"
        answer = bytearray()
        async with self._client.stream("POST", self._url, content=body, headers=headers) as got:
            async for piece in got.aiter_bytes():
                answer += piece
                if len(answer) > MAX_ANSWER_BYTES:
                    raise _away("answered more than vectors can be")
            return got.status_code, bytes(answer)


def settings_of(name: str, settings: EmbeddingSettings) -> EmbeddingSettings | None:
    """Return how to reach the model of a name; None where it is at another server or elsewhere."""
    host = f"{PREFIX}{urlsplit(settings.base_url).netloc}/"
    if settings.kind != "remote" or not name.startswith(host):
        return None
    model, _, dimensions = name.removeprefix(host).rpartition("/")
    wanted = int(dimensions) if settings.dimensions is not None else None
    return settings.model_copy(update={"model": model, "dimensions": wanted})


def _check(settings: EmbeddingSettings) -> None:
    url = settings.base_url
    parts = urlsplit(url)
    is_web = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    if not is_web or any(char.isspace() or not char.isprintable() for char in url):
        raise NotConfigured(
            "The address of the server for embeddings is missing or cannot be used.",
            setting=f"{_SETTING}BASE_URL",
            remedy="Set PROMPTHUB_EMBEDDINGS__BASE_URL, such as http://127.0.0.1:8080/v1.",
        )
    if not settings.model:
        raise NotConfigured(
            "The model for embeddings is not named.",
            setting=f"{_SETTING}MODEL",
            remedy="Set PROMPTHUB_EMBEDDINGS__MODEL to a model of the server.",
        )


def _accepted(status: int, answer: bytes) -> bytes:
    if status in _BUSY:
        raise _away("is overloaded or fails")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise _away("does not accept the key", "Correct PROMPTHUB_EMBEDDINGS__API_KEY.")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise _away("sends us on to another address, which is never followed")
    if status in _REFUSED_TEXT:
        raise Invalid("The server for embeddings refuses a text.", field="input")
    if status != HTTPStatus.OK:
        raise _away("does not know the model or the address")
    return answer


def _read(answer: bytes, count: int, dimensions: int | None) -> Vectors:
    """Return the vectors in the order of the texts.

    Raises:
        Unavailable: they are not as many, not as long, or not finite numbers.
    """
    try:
        rows: list[dict[str, Any]] = orjson.loads(answer)["data"]
        at = [int(row["index"]) for row in rows]
        vectors = np.array([row["embedding"] for row in rows], dtype=np.float64)
    except (ValueError, TypeError, KeyError) as error:
        raise _away("answered something else than vectors") from error
    if sorted(at) != list(range(count)) or vectors.ndim != 2:  # noqa: PLR2004 -- rows of numbers
        raise _away("answered another number of vectors than of texts")
    if dimensions is not None and vectors.shape[1] != dimensions:
        raise _away(f"answered vectors of {vectors.shape[1]} dimensions instead of {dimensions}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise _away("answered vectors without a direction")
    return (vectors / lengths)[np.argsort(at)].astype(np.float32)


def _away(what: str, remedy: str = "") -> Unavailable:
    return Unavailable(
        f"The server for embeddings {what}.",
        what="embedder",
        remedy=remedy
        or "See whether it runs, and correct PROMPTHUB_EMBEDDINGS__BASE_URL and "
        "PROMPTHUB_EMBEDDINGS__MODEL.",
    )
