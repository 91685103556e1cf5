"""Own the adapter to the chat models of LangChain, an extra that brings further vendors.

The only file that imports `langchain`, at the first call and in a thread. LangChain makes the HTTP
calls itself: where an integration takes a client, it gets our guarded one.
"""

import asyncio
import importlib
import importlib.util
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing, contextmanager
from types import MappingProxyType
from typing import Any, Final, cast

import httpx2
from pydantic import SecretStr

from core.errors import NotConfigured, PromptHubError, ProviderError
from core.net import guarded_client
from core.providers.answer import (
    Asked,
    TextCollector,
    believable_usage,
    clean_model,
    clean_whole,
    reported,
    text_or_none,
)
from core.providers.base import Chunk, Completion, CompletionRequest
from core.providers.http_failures import refusal_of_status, timed_out, unreachable
from core.values.generation import ModelParams
from core.values.usage import Usage
from prompthub.wire.literals import FinishReason

# Each integration keeps its vendor's word, in lower case here, for why the model stopped.
_FINISH_KEYS: Final = ("finish_reason", "stop_reason", "done_reason", "stopReason")
_FINISH: Final[Mapping[str, FinishReason]] = MappingProxyType(
    {
        "length": "length",
        "max_tokens": "length",
        "tool_calls": "tool_call",
        "tool_use": "tool_call",
        "content_filter": "content_filter",
        "refusal": "content_filter",
        "safety": "content_filter",
    }
)
_ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {"system": "system", "user": "human", "assistant": "ai"}
)
# Handled by LangChain itself, for every model.
_ALWAYS_TAKEN: Final = frozenset({"stop"})
_BROKEN_WIRE: Final = ("Connect", "Protocol", "ReadError", "WriteError", "RemoteError")


def is_installed() -> bool:
    """Tell whether the extra is there; its vendors' packages are another matter."""
    return importlib.util.find_spec("langchain") is not None


class LangChainProvider:
    """Ask the models of one vendor (`model_provider` of LangChain's `init_chat_model`)."""

    def __init__(self, *, name: str, vendor: str, base_url: str, api_key: SecretStr | None) -> None:
        self.name = name
        self._vendor = vendor
        self._given = {
            name: value
            for name, value in {
                "base_url": base_url,
                "api_key": api_key.get_secret_value() if api_key else "",
            }.items()
            if value
        }
        self._models: dict[str, Any] = {}
        self._client: httpx2.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def open(self, model: str) -> None:
        """Import LangChain with the vendor's integration, and make the model.

        Raises:
            NotConfigured: LangChain or the vendor's integration is not installed.
            ProviderError: the integration refuses what it was given.
        """
        await self._model(model)

    async def complete(self, request: CompletionRequest, *, deadline_seconds: float) -> Completion:
        """Return the whole answer of one call.

        Raises:
            NotConfigured: LangChain or the vendor's integration is not installed.
            ProviderError: the call failed, or its answer cannot be used.
        """
        del deadline_seconds
        model, asked = await self._bound(request)
        with _translated(asked):
            message: Any = await model.ainvoke(_messages(request))
        text = clean_whole(_text_of(message, asked), asked)
        if not text and _finish_of(message) == "stop":
            raise asked.broken("without any text")
        return _completion(message, text, asked)

    async def stream(
        self, request: CompletionRequest, *, deadline_seconds: float
    ) -> AsyncGenerator[Chunk | Completion]:
        """Yield the pieces of one call's answer, then the whole.

        Raises:
            NotConfigured: LangChain or the vendor's integration is not installed.
            ProviderError: the call failed, broke off, or its answer cannot be used.
        """
        del deadline_seconds
        model, asked = await self._bound(request)
        collector = TextCollector(asked)
        whole: Any = None
        async with aclosing(model.astream(_messages(request))) as pieces:
            while True:
                with _translated(asked):
                    piece: Any = await anext(pieces, None)
                if piece is None:
                    break
                with _translated(asked):
                    whole = piece if whole is None else whole + piece
                chunk = collector.add(_text_of(piece, asked))
                if chunk is not None:
                    yield chunk
        last = collector.add("", is_last=True)
        if _finish_word(whole) is None:
            raise asked.broken("with a stream that broke off")
        if last is not None:
            yield last
        yield _completion(whole, collector.text, asked)

    async def list_models(self) -> tuple[str, ...]:
        """Return nothing: LangChain does not tell which models a vendor has."""
        return ()

    async def close(self) -> None:
        """Give back all connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        self._models.clear()

    async def _bound(self, request: CompletionRequest) -> tuple[Any, Asked]:
        """Return the model with the parameters it knows; what it does not know is left out."""
        asked = Asked(self.name, request.model, ())
        model = await self._model(request.model)
        wanted = request.params.model_dump(mode="json", exclude_none=True)
        taken = ModelParams.model_fields.keys() & (_fields_of(model) | _ALWAYS_TAKEN)
        sent = {name: value for name, value in wanted.items() if name in taken}
        return model.bind(**sent), asked._replace(
            omitted_params=tuple(sorted(wanted.keys() - taken))
        )

    async def _model(self, name: str) -> Any:
        async with self._opening:
            if name not in self._models:
                with _translated(Asked(self.name, name, ())):
                    self._models[name] = await asyncio.to_thread(self._build, name)
            return self._models[name]

    def _build(self, name: str) -> Any:
        """Make the model; its class tells afterwards whether it takes our client.

        Raises:
            NotConfigured: LangChain or the vendor's integration is not installed.
        """
        try:
            chat_models = importlib.import_module("langchain.chat_models")
            model = chat_models.init_chat_model(
                name, model_provider=self._vendor, max_retries=0, **self._given
            )
        except ImportError as error:
            raise NotConfigured(
                f"LangChain's integration of {self._vendor} is not installed.",
                setting="prompthub[langchain]",
                remedy="Install the extra prompthub[langchain] and the vendor's package.",
            ) from error
        if "http_async_client" not in _fields_of(model):
            return model
        self._client = self._client or guarded_client()
        guarded: dict[str, Any] = {**self._given, "http_async_client": self._client}
        if "stream_usage" in _fields_of(model):
            guarded["stream_usage"] = True
        return chat_models.init_chat_model(
            name, model_provider=self._vendor, max_retries=0, **guarded
        )


def _fields_of(model: Any) -> frozenset[str]:
    return frozenset(cast("Mapping[str, Any]", type(model).model_fields))


def _messages(request: CompletionRequest) -> list[tuple[str, str]]:
    return [(_ROLES[message.role], message.content) for message in request.messages]


def _text_of(message: Any, asked: Asked) -> str:
    text: object = getattr(message, "text", None)
    if not isinstance(text, str):
        raise asked.broken("in an unknown shape")
    # LangChain's text is a subclass of its own.
    return str(text)


def _completion(message: Any, text: str, asked: Asked) -> Completion:
    told = reported(message, "response_metadata")
    name = text_or_none(reported(told, "model_name")) or text_or_none(reported(told, "model"))
    return Completion(
        text=text,
        usage=_read_usage(reported(message, "usage_metadata")),
        response_model=clean_model(name),
        finish_reason=_finish_of(message),
        omitted_params=asked.omitted_params,
    )


def _finish_word(message: Any) -> str | None:
    told = reported(message, "response_metadata")
    words = (text_or_none(reported(told, key)) for key in _FINISH_KEYS)
    return next((word for word in words if word), None)


def _finish_of(message: Any) -> FinishReason:
    return _FINISH.get((_finish_word(message) or "").lower(), "stop")


def _read_usage(usage: Any) -> Usage | None:
    return believable_usage(
        input_tokens=reported(usage, "input_tokens"),
        output_tokens=reported(usage, "output_tokens"),
        cached=reported(reported(usage, "input_token_details"), "cache_read"),
        reasoning=reported(reported(usage, "output_token_details"), "reasoning"),
    )


@contextmanager
def _translated(asked: Asked) -> Generator[None]:
    """Turn what any vendor's integration raises into an error of ours."""
    try:
        yield
    except PromptHubError:
        raise
    except Exception as error:  # each integration raises classes of its own
        raise _translate(error, asked) from error


def _translate(error: Exception, asked: Asked) -> ProviderError:
    response: Any = getattr(error, "response", None)
    if isinstance(getattr(response, "status_code", None), int) and hasattr(response, "headers"):
        code = text_or_none(getattr(error, "code", None))
        return refusal_of_status(
            response, code=code, param=getattr(error, "param", None), asked=asked
        )
    names = " ".join(kind.__name__ for kind in type(error).__mro__)
    if "Timeout" in names:
        return timed_out(error, asked)
    if any(word in names for word in _BROKEN_WIRE):
        return unreachable(asked)
    return asked.broken("with something that cannot be read")
