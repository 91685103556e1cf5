"""Own the adapter to OpenAI and to every server that speaks its chat completions API.

The only file that imports `openai`. The import takes over a second, so it happens at the first
call and in a thread.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx2
from pydantic import SecretStr

from core.net import guarded_client
from core.providers.answer import Asked
from core.providers.base import Chunk, Completion, CompletionRequest
from core.providers.chat_shape import StreamReader, read_completion
from core.providers.http_failures import refusal_of_status, timed_out, unreachable
from core.values.generation import ModelParams

if TYPE_CHECKING:
    import openai

OFFICIAL_HOST: Final = "api.openai.com"
# Local servers take any key, but the SDK wants one.
_PLACEHOLDER_KEY: Final = "not-needed"
# Source: OpenAI guide "Reasoning models" and the reference of `stop`: the o series and GPT-5
# take neither sampling parameters nor stop sequences; the chat variants of GPT-5 do.
_REASONING_MODEL: Final = re.compile(r"(o\d|gpt-5(?!\S*-chat))")
_NOT_FOR_REASONING: Final = frozenset(
    {"temperature", "top_p", "frequency_penalty", "presence_penalty", "stop"}
)
# The list of the official server holds models that do not chat; a picker offers none of them.
_NOT_A_CHAT_MODEL: Final = re.compile(
    r"embedding|whisper|tts|dall-e|image|sora|moderation|transcribe|realtime|audio|"
    r"davinci|babbage|instruct|codex|deep-research|search|computer-use"
)


class OpenAIProvider:
    """Ask one server; `base_url` decides which, `api_key` may be missing for local ones."""

    def __init__(self, *, name: str, base_url: str, api_key: SecretStr | None) -> None:
        self.name = name
        self._base_url = base_url
        self._api_key = api_key
        self._is_official = urlsplit(base_url).hostname == OFFICIAL_HOST
        self._client: openai.AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def complete(self, request: CompletionRequest, *, deadline_seconds: float) -> Completion:
        """Return the whole answer of one call.

        Raises:
            ProviderError: the call failed, or its answer cannot be used.
        """
        client = await self._open()
        arguments, asked = self._arguments(request, deadline_seconds)
        create: Any = client.chat.completions.create
        with _translated(asked):
            answer: object = await create(**arguments)
        return read_completion(answer, asked)

    async def stream(
        self, request: CompletionRequest, *, deadline_seconds: float
    ) -> AsyncGenerator[Chunk | Completion]:
        """Yield the pieces of one call's answer, then the whole.

        Raises:
            ProviderError: the call failed, broke off, or its answer cannot be used.
        """
        client = await self._open()
        arguments, asked = self._arguments(request, deadline_seconds)
        reader = StreamReader(asked)
        async with _opened_stream(client, arguments, asked) as events:
            while True:
                with _translated(asked):
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
        with _translated(asked):
            page: Any = await client.models.list()
        listed: object = getattr(page, "data", None)
        if not isinstance(listed, list):
            raise asked.broken("in an unknown shape")
        names = [str(getattr(entry, "id", "")) for entry in listed]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- foreign JSON
        if self._is_official:
            names = [name for name in names if not _NOT_A_CHAT_MODEL.search(name)]
        return tuple(sorted(names))

    async def close(self) -> None:
        """Give back all connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _open(self) -> "openai.AsyncOpenAI":
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._build)
            return self._client

    def _build(self) -> "openai.AsyncOpenAI":
        import openai  # noqa: PLC0415 -- at first use, see the module's first lines

        return openai.AsyncOpenAI(
            api_key=self._api_key.get_secret_value() if self._api_key else _PLACEHOLDER_KEY,
            base_url=self._base_url,
            max_retries=0,
            http_client=guarded_client(),
        )

    def _arguments(
        self, request: CompletionRequest, deadline_seconds: float
    ) -> tuple[dict[str, Any], Asked]:
        sent, omitted = map_params(
            request.params, model=request.model, is_official=self._is_official
        )
        arguments: dict[str, Any] = {
            "model": request.model,
            "messages": [
                {"role": message.role, "content": message.content} for message in request.messages
            ],
            "timeout": httpx2.Timeout(deadline_seconds, connect=min(5.0, deadline_seconds)),
            **sent,
        }
        return arguments, Asked(self.name, request.model, omitted)


def map_params(
    params: ModelParams, *, model: str, is_official: bool
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the arguments to send and the names of the parameters the model does not take.

    OpenAI replaced `max_tokens` by `max_completion_tokens`, which reasoning models demand; most
    compatible servers know the old name only.
    """
    wanted = params.model_dump(mode="json", exclude_none=True)
    omitted: tuple[str, ...] = ()
    if is_official:
        if _REASONING_MODEL.match(model):
            omitted = tuple(sorted(_NOT_FOR_REASONING & wanted.keys()))
        if "max_tokens" in wanted:
            wanted["max_completion_tokens"] = wanted.pop("max_tokens")
    return {name: value for name, value in wanted.items() if name not in omitted}, omitted


@asynccontextmanager
async def _opened_stream(
    client: "openai.AsyncOpenAI", arguments: dict[str, Any], asked: Asked
) -> AsyncGenerator[Any]:
    """Open the event stream and close its connection in every case."""
    with _translated(asked):
        events: Any = await client.chat.completions.create(
            **arguments, stream=True, stream_options={"include_usage": True}
        )
    try:
        yield events
    finally:
        await events.close()


@contextmanager
def _translated(asked: Asked) -> Generator[None]:
    """Turn everything the SDK and the HTTP client raise into an error of ours."""
    import openai  # noqa: PLC0415 -- loaded by `_open` before

    try:
        yield
    except openai.APIStatusError as error:
        raise refusal_of_status(
            error.response, code=error.code, param=error.param, asked=asked
        ) from error
    except (openai.APITimeoutError, httpx2.TimeoutException) as error:
        raise timed_out(error, asked) from error
    except (openai.APIConnectionError, httpx2.TransportError) as error:
        raise unreachable(asked) from error
    except openai.APIError as error:
        # Raised for an `error` event within a stream.
        raise asked.failed() from error
    except (
        openai.OpenAIError,
        httpx2.HTTPError,
        json.JSONDecodeError,
        UnicodeDecodeError,
    ) as error:
        raise asked.broken("with something that cannot be read") from error
