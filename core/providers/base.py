"""Own the protocol of a model provider and the values that go in and come out."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Protocol

from core.values.generation import ModelParams
from core.values.messages import Message
from core.values.usage import Usage
from prompthub.wire.literals import FinishReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """One question to a model; `model` is the provider's own name for it."""

    model: str
    messages: tuple[Message, ...]
    params: ModelParams = field(default_factory=ModelParams)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the answer, in order; joined, the pieces are the answer's text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A whole answer. `usage` is None when the provider reports none that can be true."""

    text: str
    usage: Usage | None
    response_model: str | None
    finish_reason: FinishReason
    omitted_params: tuple[str, ...] = ()


class Provider(Protocol):
    """A vendor behind one face: it only translates; retry, price and log live outside.

    `deadline_seconds` is the time left; an adapter may pass it to its sockets, the bound itself
    is kept by `retry.Attempts`. Every failure is a `core.errors.ProviderError`.
    """

    name: str

    async def open(self, model: str) -> None:
        """Get ready to ask a model: what a first call would otherwise wait for, no request yet.

        Importing a vendor's SDK takes a second or more and is done in a thread. Calls work
        without it; then it is part of their time.
        """
        ...

    async def complete(self, request: CompletionRequest, *, deadline_seconds: float) -> Completion:
        """Return the whole answer at once."""
        ...

    def stream(
        self, request: CompletionRequest, *, deadline_seconds: float
    ) -> AsyncGenerator[Chunk | Completion]:
        """Yield the answer piece by piece; the last item is the `Completion`.

        Closing the generator closes the connection upstream.
        """
        ...

    async def list_models(self) -> tuple[str, ...]:
        """Return the names of the models that can be asked."""
        ...

    async def close(self) -> None:
        """Give back all connections."""
        ...
