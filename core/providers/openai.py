"""Own the adapter to OpenAI and to every server that speaks its chat completions API.

The only file that imports `openai`.
"""

import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx2

from core.providers.answer import Asked
from core.providers.base import Completion, CompletionRequest
from core.providers.chat_shape import StreamReader, read_completion
from core.providers.http_failures import refusal_of_status, timed_out, unreachable
from core.providers.sdk import SdkProvider
from core.values.generation import ModelParams

if TYPE_CHECKING:
    import openai

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


class OpenAIProvider(SdkProvider["openai.AsyncOpenAI"]):
    """Ask OpenAI, or a server that speaks its chat completions."""

    OFFICIAL_HOST = "api.openai.com"

    def _build(self) -> "openai.AsyncOpenAI":
        import openai  # noqa: PLC0415 -- at first use, see sdk.py

        return openai.AsyncOpenAI(**self._client_arguments())

    def _body(self, request: CompletionRequest) -> tuple[dict[str, Any], tuple[str, ...]]:
        sent, omitted = map_params(
            request.params, model=request.model, is_official=self._is_official
        )
        sent["messages"] = [
            {"role": message.role, "content": message.content} for message in request.messages
        ]
        return sent, omitted

    def _streaming(self) -> Mapping[str, Any]:
        return {"stream": True, "stream_options": {"include_usage": True}}

    async def _send(self, client: "openai.AsyncOpenAI", arguments: dict[str, Any]) -> Any:
        create: Any = client.chat.completions.create
        return await create(**arguments)

    async def _list(self, client: "openai.AsyncOpenAI") -> Any:
        return await client.models.list()

    def _is_for_chat(self, model: str) -> bool:
        return not (self._is_official and _NOT_A_CHAT_MODEL.search(model))

    def _read(self, answer: object, asked: Asked) -> Completion:
        return read_completion(answer, asked)

    def _reader(self, asked: Asked) -> StreamReader:
        return StreamReader(asked)

    @contextmanager
    def _translated(self, asked: Asked) -> Generator[None]:
        import openai  # noqa: PLC0415 -- loaded by `_build` before

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
