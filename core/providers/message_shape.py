"""Own reading answers in the shape of Anthropic's messages; what does not fit is refused."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from core.providers.answer import (
    Asked,
    TextCollector,
    believable_usage,
    clean_model,
    clean_whole,
    reported,
    text_or_none,
)
from core.providers.base import Chunk, Completion
from core.values.usage import Usage
from prompthub.wire.literals import FinishReason

# Source: Anthropic API reference, messages, `stop_reason`; words unknown here read as "stop".
_FINISH: Final[Mapping[str, FinishReason]] = MappingProxyType(
    {
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "tool_use": "tool_call",
        "refusal": "content_filter",
    }
)
# Text may come after blocks of thinking or of tools; the text alone is the answer.
_TEXT_BLOCK: Final = "text"
_TEXT_DELTA: Final = "text_delta"
_USAGE_FIELDS: Final = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "output_tokens_details",
)
_OptionalText = Annotated[str | None, BeforeValidator(text_or_none)]


class _Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True, strict=True)


class _Block(_Shape):
    type: str
    text: str | None = None


class _Answer(_Shape):
    content: Sequence[_Block]
    stop_reason: _OptionalText = None
    model: _OptionalText = None
    usage: Any = None


class _Delta(_Shape):
    type: _OptionalText = None
    text: str | None = None
    stop_reason: _OptionalText = None


class _Event(_Shape):
    type: str
    delta: _Delta | None = None
    content_block: _Block | None = None
    message: Any = None
    usage: Any = None


def read_message(answer: object, asked: Asked) -> Completion:
    """Read a whole answer.

    Raises:
        ProviderError: it has another shape, or no text.
    """
    try:
        read = _Answer.model_validate(answer)
    except ValidationError as error:
        raise asked.broken("in an unknown shape") from error
    finish = _finish_reason(read.stop_reason)
    texts = [block.text for block in read.content if block.type == _TEXT_BLOCK]
    if None in texts or (finish == "stop" and not texts):
        raise asked.broken("without any text")
    return Completion(
        text=clean_whole("".join(text for text in texts if text), asked),
        usage=_read_usage(read.usage),
        response_model=clean_model(read.model),
        finish_reason=finish,
        omitted_params=asked.omitted_params,
    )


class MessageReader:
    """Put a streamed answer together from its events."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._collector = TextCollector(asked)
        self._finish: FinishReason | None = None
        self._model: str | None = None
        self._usage: dict[str, Any] = {}

    def feed(self, event: object) -> Chunk | None:
        """Take in one event and return the text it adds, None when it adds none.

        Raises:
            ProviderError: it has another shape, or the answer grows beyond what is taken.
        """
        try:
            read = _Event.model_validate(event)
        except ValidationError as error:
            raise self._asked.broken("in an unknown shape") from error
        match read.type:
            case "message_start":
                self._model = text_or_none(reported(read.message, "model"))
                self._hear_usage(reported(read.message, "usage"))
            case "message_delta":
                self._hear_usage(read.usage)
                if read.delta is not None and read.delta.stop_reason is not None:
                    self._finish = _finish_reason(read.delta.stop_reason)
            case "content_block_start" if read.content_block is not None:
                return self._collector.add(read.content_block.text or "")
            case "content_block_delta" if read.delta and read.delta.type == _TEXT_DELTA:
                return self._collector.add(read.delta.text or "")
            case _:
                pass
        return None

    def end(self) -> tuple[Chunk | None, Completion]:
        """Return the last piece of text, if one was held back, and the whole answer.

        Raises:
            ProviderError: the stream ended before the model did.
        """
        if self._finish is None:
            raise self._asked.broken("with a stream that broke off")
        last = self._collector.add("", is_last=True)
        completion = Completion(
            text=self._collector.text,
            usage=_read_usage(self._usage),
            response_model=clean_model(self._model),
            finish_reason=self._finish,
            omitted_params=self._asked.omitted_params,
        )
        return last, completion

    def _hear_usage(self, usage: Any) -> None:
        """Keep the counts; those of a later event replace the earlier, as they are totals."""
        told = {name: reported(usage, name) for name in _USAGE_FIELDS}
        self._usage |= {name: count for name, count in told.items() if count is not None}


def _finish_reason(word: str | None) -> FinishReason:
    return "stop" if word is None else _FINISH.get(word, "stop")


def _read_usage(usage: Any) -> Usage | None:
    """Return the counts with input as a total: Anthropic counts cached input apart."""
    cached = reported(usage, "cache_read_input_tokens") or 0
    written = reported(usage, "cache_creation_input_tokens") or 0
    fresh = reported(usage, "input_tokens")
    parts = (fresh, cached, written)
    if any(not isinstance(part, int) or isinstance(part, bool) or part < 0 for part in parts):
        return None
    return believable_usage(
        input_tokens=sum(parts),
        output_tokens=reported(usage, "output_tokens"),
        cached=cached,
        reasoning=reported(reported(usage, "output_tokens_details"), "thinking_tokens"),
    )
