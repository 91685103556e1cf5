"""Own the adapter to Anthropic's Messages API.

The only file that imports `anthropic`.
"""

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx2

from core.errors import ProviderError, ProviderOverloaded
from core.providers.answer import Asked, reported, text_or_none
from core.providers.base import Completion, CompletionRequest
from core.providers.http_failures import refusal_of_status, timed_out, unreachable
from core.providers.message_shape import MessageReader, read_message
from core.providers.sdk import SdkProvider
from core.values.generation import ModelParams

if TYPE_CHECKING:
    import anthropic

# The API demands `max_tokens`; every model takes this many.
DEFAULT_MAX_TOKENS: Final = 4096
# Source: Anthropic, "Migrating to Claude Opus 4.7": from there on the models refuse sampling
# parameters with status 400.
_TAKES_SAMPLING: Final = re.compile(r"claude-(3|(opus|sonnet|haiku)-4(?!-[78]))")
_NEVER_TAKEN: Final = frozenset({"frequency_penalty", "presence_penalty", "seed"})
_SAMPLING: Final = frozenset({"temperature", "top_p"})
# Source: Anthropic API reference, errors: types of errors that may come within a stream.
_OVERLOAD_TYPES: Final = frozenset({"overloaded_error", "rate_limit_error"})


class AnthropicProvider(SdkProvider["anthropic.AsyncAnthropic"]):
    """Ask one server that speaks Anthropic's Messages API."""

    OFFICIAL_HOST = "api.anthropic.com"

    def _build(self) -> "anthropic.AsyncAnthropic":
        import anthropic  # noqa: PLC0415 -- at first use, see sdk.py

        return anthropic.AsyncAnthropic(**self._client_arguments())

    def _body(self, request: CompletionRequest) -> tuple[dict[str, Any], tuple[str, ...]]:
        sent, omitted = map_params(
            request.params, model=request.model, is_official=self._is_official
        )
        system = [message.content for message in request.messages if message.role == "system"]
        sent["messages"] = [
            {"role": message.role, "content": message.content}
            for message in request.messages
            if message.role != "system"
        ]
        if system:
            sent["system"] = "\n\n".join(system)
        return sent, omitted

    async def _send(self, client: "anthropic.AsyncAnthropic", arguments: dict[str, Any]) -> Any:
        create: Any = client.messages.create
        return await create(**arguments)

    async def _list(self, client: "anthropic.AsyncAnthropic") -> Any:
        return await client.models.list(limit=1000)

    def _read(self, answer: object, asked: Asked) -> Completion:
        return read_message(answer, asked)

    def _reader(self, asked: Asked) -> MessageReader:
        return MessageReader(asked)

    @contextmanager
    def _translated(self, asked: Asked) -> Generator[None]:
        import anthropic  # noqa: PLC0415 -- loaded by `_build` before

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


def _failed_within(error: "anthropic.APIStatusError", asked: Asked) -> ProviderError:
    """Return the error for an `error` event of a stream that had begun with success."""
    if error.type in _OVERLOAD_TYPES:
        return ProviderOverloaded(
            f"The provider {asked.provider} is overloaded or limits our calls; try again later.",
            provider=asked.provider,
            model=asked.model,
        )
    return asked.failed()
