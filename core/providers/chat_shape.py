"""Own reading answers in the shape of OpenAI's chat completions; what does not fit is refused."""

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

# Source: OpenAI API reference, chat completions, `finish_reason`. Other servers have words of
# their own for an ordinary end; those read as "stop".
_FINISH: Final[Mapping[str, FinishReason]] = MappingProxyType(
    {
        "stop": "stop",
        "length": "length",
        "tool_calls": "tool_call",
        "function_call": "tool_call",
        "content_filter": "content_filter",
    }
)
_OptionalText = Annotated[str | None, BeforeValidator(text_or_none)]


class _Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True, strict=True)


class _Message(_Shape):
    content: str | None = None
    refusal: _OptionalText = None


class _Choice(_Shape):
    message: _Message
    finish_reason: _OptionalText = None


class _Answer(_Shape):
    choices: Sequence[_Choice]
    model: _OptionalText = None
    usage: Any = None


class _StreamedChoice(_Shape):
    delta: _Message
    finish_reason: _OptionalText = None


class _Event(_Shape):
    choices: Sequence[_StreamedChoice] | None = None
    model: _OptionalText = None
    usage: Any = None


def read_completion(answer: object, asked: Asked) -> Completion:
    """Read a whole answer.

    Raises:
        ProviderError: it has another shape, no choice, or no text.
    """
    try:
        read = _Answer.model_validate(answer)
    except ValidationError as error:
        raise asked.broken("in an unknown shape") from error
    if not read.choices:
        raise asked.broken("without any choice")
    choice = read.choices[0]
    finish = _finish_reason(choice.finish_reason)
    text = choice.message.content
    if text is None and choice.message.refusal is not None:
        text, finish = choice.message.refusal, "content_filter"
    if text is None:
        # A reasoning model may spend its whole budget before the first word: that is an answer.
        if finish == "stop":
            raise asked.broken("without any text")
        text = ""
    return _completion(text=clean_whole(text, asked), finish=finish, read=read, asked=asked)


class StreamReader:
    """Put a streamed answer together from its events."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._collector = TextCollector(asked)
        self._finish: FinishReason | None = None
        self._last = _Event()

    def feed(self, event: object) -> Chunk | None:
        """Take in one event and return the text it adds, None when it adds none.

        Raises:
            ProviderError: it has another shape, or the answer grows beyond what is taken.
        """
        try:
            read = _Event.model_validate(event)
        except ValidationError as error:
            raise self._asked.broken("in an unknown shape") from error
        self._last = _Event(
            model=read.model or self._last.model,
            usage=self._last.usage if read.usage is None else read.usage,
        )
        if not read.choices:
            return None
        choice = read.choices[0]
        if choice.finish_reason is not None:
            self._finish = _finish_reason(choice.finish_reason)
        if choice.delta.refusal:
            self._finish = "content_filter"
        return self._collector.add(choice.delta.content or choice.delta.refusal or "")

    def end(self) -> tuple[Chunk | None, Completion]:
        """Return the last piece of text, if one was held back, and the whole answer.

        Raises:
            ProviderError: the stream ended before the model did.
        """
        if self._finish is None:
            raise self._asked.broken("with a stream that broke off")
        last = self._collector.add("", is_last=True)
        text = self._collector.text
        return last, _completion(text=text, finish=self._finish, read=self._last, asked=self._asked)


def _completion(
    *, text: str, finish: FinishReason, read: _Answer | _Event, asked: Asked
) -> Completion:
    return Completion(
        text=text,
        usage=_read_usage(read.usage),
        response_model=clean_model(read.model),
        finish_reason=finish,
        omitted_params=asked.omitted_params,
    )


def _finish_reason(word: str | None) -> FinishReason:
    return "stop" if word is None else _FINISH.get(word, "stop")


def _read_usage(usage: Any) -> Usage | None:
    return believable_usage(
        input_tokens=reported(usage, "prompt_tokens"),
        output_tokens=reported(usage, "completion_tokens"),
        cached=reported(reported(usage, "prompt_tokens_details"), "cached_tokens"),
        reasoning=reported(reported(usage, "completion_tokens_details"), "reasoning_tokens"),
    )
