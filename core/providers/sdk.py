"""Own what the adapters over a vendor's SDK share: a client opened late, a call, a stream.

Importing an SDK takes about a second, so it happens at the first call and in a thread.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, Final, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx2
from pydantic import SecretStr

from core.net import guarded_client
from core.providers.answer import Asked
from core.providers.base import Chunk, Completion, CompletionRequest

# Given a key, an SDK looks for no other credentials of the machine; local servers take any.
_PLACEHOLDER_KEY: Final = "not-needed"


class _Closable(Protocol):
    async def close(self) -> None: ...


class Reader(Protocol):
    """What puts a streamed answer together from its events."""

    def feed(self, event: object) -> Chunk | None:
        """Take in one event and return the text it adds."""
        ...

    def end(self) -> tuple[Chunk | None, Completion]:
        """Return the last piece of text, if one was held back, and the whole answer."""
        ...


Client = TypeVar("Client", bound=_Closable)


class SdkProvider(ABC, Generic[Client]):
    """Ask one server through its vendor's SDK; `base_url` decides which server.

    An adapter says how its SDK is opened, called and read, and what its errors mean.
    """

    OFFICIAL_HOST: str

    def __init__(self, *, name: str, base_url: str, api_key: SecretStr | None) -> None:
        self.name = name
        self._base_url = base_url
        self._api_key = api_key
        self._is_official = urlsplit(base_url).hostname == self.OFFICIAL_HOST
        self._client: Client | None = None
        self._opening = asyncio.Lock()

    async def open(self, model: str) -> None:
        """Import the SDK and make its client."""
        del model
        await self._open()

    async def complete(self, request: CompletionRequest, *, deadline_seconds: float) -> Completion:
        """Return the whole answer of one call.

        Raises:
            ProviderError: the call failed, or its answer cannot be used.
        """
        client = await self._open()
        arguments, asked = self._arguments(request, deadline_seconds)
        with self._translated(asked):
            answer: object = await self._send(client, arguments)
        return self._read(answer, asked)

    async def stream(
        self, request: CompletionRequest, *, deadline_seconds: float
    ) -> AsyncGenerator[Chunk | Completion]:
        """Yield the pieces of one call's answer, then the whole.

        Raises:
            ProviderError: the call failed, broke off, or its answer cannot be used.
        """
        client = await self._open()
        arguments, asked = self._arguments(request, deadline_seconds)
        reader = self._reader(asked)
        async with self._opened_stream(client, arguments, asked) as events:
            while True:
                with self._translated(asked):
                    event: object = await anext(events, None)
                if event is None:
                    break
                piece = reader.feed(event)
                if piece is not None:
                    yield piece
        last, completion = reader.end()
        if last is not None:
            yield last
        yield completion

    async def list_models(self) -> tuple[str, ...]:
        """Return the names of the models the server offers for chat.

        Raises:
            ProviderError: the server does not tell.
        """
        client = await self._open()
        asked = Asked(self.name, "", ())
        with self._translated(asked):
            page = await self._list(client)
        listed: object = getattr(page, "data", None)
        if not isinstance(listed, list):
            raise asked.broken("in an unknown shape")
        names = [str(getattr(entry, "id", "")) for entry in listed]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- foreign JSON
        return tuple(sorted(name for name in names if self._is_for_chat(name)))

    async def close(self) -> None:
        """Give back all connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _open(self) -> Client:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._build)
            return self._client

    @asynccontextmanager
    async def _opened_stream(
        self, client: Client, arguments: dict[str, Any], asked: Asked
    ) -> AsyncGenerator[Any]:
        """Open the event stream and close its connection in every case."""
        with self._translated(asked):
            events = await self._send(client, {**arguments, **self._streaming()})
        try:
            yield events
        finally:
            await events.close()

    def _arguments(
        self, request: CompletionRequest, deadline_seconds: float
    ) -> tuple[dict[str, Any], Asked]:
        sent, omitted = self._body(request)
        timeout = httpx2.Timeout(deadline_seconds, connect=min(5.0, deadline_seconds))
        arguments = {"model": request.model, "timeout": timeout, **sent}
        return arguments, Asked(self.name, request.model, omitted)

    def _client_arguments(self) -> dict[str, Any]:
        """Return what every SDK's client is opened with; retrying is ours (`retry.py`)."""
        return {
            "api_key": self._api_key.get_secret_value() if self._api_key else _PLACEHOLDER_KEY,
            "base_url": self._base_url,
            "max_retries": 0,
            "http_client": guarded_client(),
        }

    def _is_for_chat(self, model: str) -> bool:
        del model
        return True

    def _streaming(self) -> Mapping[str, Any]:
        """Return the arguments that make a call a stream."""
        return {"stream": True}

    @abstractmethod
    def _build(self) -> Client:
        """Open the SDK's client; called in a thread."""

    @abstractmethod
    def _body(self, request: CompletionRequest) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return messages and parameters to send, and the names of parameters left out."""

    @abstractmethod
    async def _send(self, client: Client, arguments: dict[str, Any]) -> Any:
        """Make the call."""

    @abstractmethod
    async def _list(self, client: Client) -> Any:
        """Ask for the models."""

    @abstractmethod
    def _read(self, answer: object, asked: Asked) -> Completion:
        """Read a whole answer."""

    @abstractmethod
    def _reader(self, asked: Asked) -> Reader:
        """Return what reads a stream."""

    @abstractmethod
    def _translated(self, asked: Asked) -> AbstractContextManager[None]:
        """Turn everything the SDK and the HTTP client raise into an error of ours."""
