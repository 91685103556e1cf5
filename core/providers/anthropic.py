"""Own the adapter to Anthropic's Messages API.

The only file that imports `anthropic`. The import takes about a second, so it happens at the
first call and in a thread.
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

from core.errors import ProviderError, ProviderOverloaded
from core.net import guarded_client
from core.providers.answer import Asked, reported, text_or_none
from core.providers.base import Chunk, Completion, CompletionRequest
from core.providers.http_failures import refusal_of_status, timed_out, unreachable
from core.providers.message_shape import MessageReader, read_message
from core.values.generation import ModelParams

if TYPE_CHECKING:
    import anthropic

OFFICIAL_HOST: Final = "api.anthropic.com"
# Given a key, the SDK looks for no other credentials of the machine.
_PLACEHOLDER_KEY: Final = "not-needed"
# The API demands `max_tokens`; every model takes this many.
DEFAULT_MAX_TOKENS: Final = 4096
# Source: Anthropic, "Migrating to Claude Opus 4.7": from there on the models refuse sampling
# parameters with status 400.
_TAKES_SAMPLING: Final = re.compile(r"claude-(3|(opus|sonnet|haiku)-4(?!-[78]))")
_NEVER_TAKEN: Final = frozenset({"frequency_penalty", "presence_penalty", "seed"})
_SAMPLING: Final = frozenset({"temperature", "top_p"})
# Source: Anthropic API reference, errors: types of errors that may come within a stream.
_OVERLOAD_TYPES: Final = frozenset({"overloaded_error", "rate_limit_error"})


class AnthropicProvider:
    """Ask one server that speaks Anthropic's Messages API; `base_url` decides which."""

    def __init__(self, *, name: str, base_url: str, api_key: SecretStr | None) -> None:
        self.name = name
        self._base_url = base_url
        self._api_key = api_key
        self._is_official = urlsplit(base_url).hostname == OFFICIAL_HOST
        self._client: anthropic.AsyncAnthropic | None = None
        self._opening = asyncio.Lock()

    async def complete(self, request: CompletionRequest, *, deadline_seconds: float) -> Completion:
        """Return the whole answer of one call.

        Raises:
            ProviderError: the call failed, or its answer cannot be used.
        """
        client = await self._open()
        arguments, asked = self._arguments(request, deadline_seconds)
        create: Any = client.messages.create
        with _translated(asked):
            answer: object = await create(**arguments)
        return read_message(answer, asked)

    async def stream(
        self, request: CompletionRequest, *, deadline_seconds: float
    ) -> AsyncGenerator[Chunk | Completion]:
        """Yield the pieces of one call's answer, then the whole.

        Raises:
            ProviderError: the call failed, broke off, or its answer cannot be used.
        """
        client = await self._open()
        arguments, asked = self._arguments(request, deadline_seconds)
        reader = MessageReader(asked)
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
        """Return the names of the models the server offers.

        Raises:
            ProviderError: the server does not tell.
        """
        client = await self._open()
        asked = Asked(self.name, "", ())
        with _translated(asked):
            page: Any = await client.models.list(limit=1000)
        listed: object = getattr(page, "data", None)
        if not isinstance(listed, list):
            raise asked.broken("in an unknown shape")
        return tuple(sorted(str(getattr(entry, "id", "")) for entry in listed))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- foreign JSON

    async def close(self) -> None:
        """Give back all connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _open(self) -> "anthropic.AsyncAnthropic":
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._build)
            return self._client

    def _build(self) -> "anthropic.AsyncAnthropic":
        import anthropic  # noqa: PLC0415 -- at first use, see the module's first lines

        return anthropic.AsyncAnthropic(
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
        system = [message.content for message in request.messages if message.role == "system"]
        arguments: dict[str, Any] = {
            "model": request.model,
            "messages": [
                {"role": message.role, "content": message.content}
                for message in request.messages
                if message.role != "system"
            ],
            "timeout": httpx2.Timeout(deadline_seconds, connect=min(5.0, deadline_seconds)),
            **sent,
        }
        if system:
            arguments["system"] = "\n\n".join(system)
        return arguments, Asked(self.name, request.model, omitted)


def map_params(
    params: ModelParams, *, model: str, is_official: bool
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the arguments to send and the names of the parameters the model does not take.

    The SDK has no arguments for sampling any more; older models take them in the body. Of
    `temperature` and `top_p` the models take one, and a temperature of 1 at most.
    """
    wanted = params.model_dump(mode="json", exclude_none=True)
    omitted = _NEVER_TAKEN & wanted.keys()
    if is_official and not _TAKES_SAMPLING.match(model):
        omitted |= _SAMPLING & wanted.keys()
    if wanted.get("temperature", 0) > 1:
        omitted |= {"temperature"}
    elif wanted.keys() >= _SAMPLING:
        omitted |= {"top_p"}
    stop = [text for text in wanted.get("stop", ()) if text.strip()]
    if len(stop) < len(wanted.get("stop", ())):
        # Stop sequences of white space are refused; to send the others alone would be half of it.
        omitted |= {"stop"}
    sent: dict[str, Any] = {"max_tokens": wanted.get("max_tokens", DEFAULT_MAX_TOKENS)}
    if stop and "stop" not in omitted:
        sent["stop_sequences"] = stop
    sampling = {name: wanted[name] for name in sorted(_SAMPLING & wanted.keys() - omitted)}
    if sampling:
        sent["extra_body"] = sampling
    return sent, tuple(sorted(omitted))


@asynccontextmanager
async def _opened_stream(
    client: "anthropic.AsyncAnthropic", arguments: dict[str, Any], asked: Asked
) -> AsyncGenerator[Any]:
    """Open the event stream and close its connection in every case."""
    with _translated(asked):
        events: Any = await client.messages.create(**arguments, stream=True)
    try:
        yield events
    finally:
        await events.close()


@contextmanager
def _translated(asked: Asked) -> Generator[None]:
    """Turn everything the SDK and the HTTP client raise into an error of ours."""
    import anthropic  # noqa: PLC0415 -- loaded by `_open` before

    try:
        yield
    except anthropic.APIStatusError as error:
        if error.response.is_success:
            raise _failed_within(error, asked) from error
        code = text_or_none(reported(reported(error.body, "error"), "code"))
        raise refusal_of_status(error.response, code=code, param=None, asked=asked) from error
    except (anthropic.APITimeoutError, httpx2.TimeoutException) as error:
        raise timed_out(error, asked) from error
    except (anthropic.APIConnectionError, httpx2.TransportError) as error:
        raise unreachable(asked) from error
    except (
        anthropic.AnthropicError,
        httpx2.HTTPError,
        json.JSONDecodeError,
        UnicodeDecodeError,
        # The SDK asserts the type of what it has read.
        AssertionError,
        AttributeError,
    ) as error:
        raise asked.broken("with something that cannot be read") from error


def _failed_within(error: "anthropic.APIStatusError", asked: Asked) -> ProviderError:
    """Return the error for an `error` event of a stream that had begun with success."""
    if error.type in _OVERLOAD_TYPES:
        return ProviderOverloaded(
            f"The provider {asked.provider} is overloaded or limits our calls; try again later.",
            provider=asked.provider,
            model=asked.model,
        )
    return asked.failed()
