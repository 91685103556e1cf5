"""Own the deterministic provider: scripted answers for tests, and the labelled offline demo."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final

from core.errors import ProviderError
from core.providers.answer import estimate_usage
from core.providers.base import Chunk, Completion, CompletionRequest
from core.values.usage import Usage

DEMO_MODEL: Final = "echo"
DEMO_LABEL: Final = "Offline demo (no model is called)"
MAX_PIECES: Final = 100
_MAX_ECHO: Final = 2000
_DEMO_PIECE_SECONDS: Final = 0.015


class ScriptedProvider:
    """Answer from a script: the given texts in order, the last one for ever, or a function.

    An answer that is an error is raised instead. Without `usage` it is estimated. A whole
    answer, and each piece of a streamed one, takes `piece_seconds`; `requests` keeps what was
    asked.
    """

    def __init__(
        self,
        answers: Sequence[str | ProviderError] | Callable[[CompletionRequest], str],
        *,
        name: str = "scripted",
        usage: Usage | None = None,
        models: tuple[str, ...] = ("scripted",),
        piece_seconds: float = 0,
    ) -> None:
        self.name = name
        self.requests: list[CompletionRequest] = []
        self._answers = answers
        self._usage = usage
        self._models = models
        self._piece_seconds = piece_seconds

    async def open(self, model: str) -> None:
        """Need nothing to be ready."""

    async def complete(self, request: CompletionRequest, *, deadline_seconds: float) -> Completion:
        """Return the next answer of the script.

        Raises:
            ProviderError: the script says so.
        """
        del deadline_seconds
        text = self._next(request)
        await asyncio.sleep(self._piece_seconds)
        return self._completion(request, text)

    async def stream(
        self, request: CompletionRequest, *, deadline_seconds: float
    ) -> AsyncGenerator[Chunk | Completion]:
        """Yield the next answer of the script word by word, at most `MAX_PIECES` pieces.

        Raises:
            ProviderError: the script says so.
        """
        del deadline_seconds
        text = self._next(request)
        for piece in _pieces(text):
            await asyncio.sleep(self._piece_seconds)
            yield Chunk(piece)
        yield self._completion(request, text)

    async def list_models(self) -> tuple[str, ...]:
        """Return the names it was given."""
        return self._models

    async def close(self) -> None:
        """Hold nothing that needs closing."""

    def _next(self, request: CompletionRequest) -> str:
        self.requests.append(request)
        if callable(self._answers):
            return self._answers(request)
        answer = self._answers[min(len(self.requests), len(self._answers)) - 1]
        if isinstance(answer, ProviderError):
            raise answer
        return answer

    def _completion(self, request: CompletionRequest, text: str) -> Completion:
        return Completion(
            text=text,
            usage=self._usage or estimate_usage(request.messages, text),
            response_model=request.model,
            finish_reason="stop",
        )


def offline_demo() -> ScriptedProvider:
    """Return the provider behind `demo/echo`, which tells what it got and that it is a demo."""
    return ScriptedProvider(
        _demo_answer, name="demo", models=(DEMO_MODEL,), piece_seconds=_DEMO_PIECE_SECONDS
    )


def _demo_answer(request: CompletionRequest) -> str:
    asked = [message.content for message in request.messages if message.role == "user"]
    text = asked[-1] if asked else ""
    shown = text if len(text) <= _MAX_ECHO else f"{text[:_MAX_ECHO]} ..."
    count = len(request.messages)
    return (
        "This is the offline demo: no model was called and nothing left this machine. "
        f"A model would have received {count} message{'' if count == 1 else 's'}; "
        f"the last one from the user reads:\n\n{shown}"
    )


def _pieces(text: str) -> list[str]:
    words = re.findall(r"\s*\S+\s*$|\s*\S+|\s+$", text)
    step = -(-len(words) // MAX_PIECES) or 1
    return ["".join(words[at : at + step]) for at in range(0, len(words), step)]
