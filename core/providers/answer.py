"""Own what every adapter makes of raw answers: clean text, believable usage, estimates."""

import codecs
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from core.errors import ProviderError
from core.providers.base import Chunk
from core.values.messages import Message
from core.values.usage import Usage

# A row of the log is bounded by MongoDB's 16 MB; messages, variables and answer share it.
MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
# Source: OpenAI help centre, "What are tokens and how to count them": about four characters of
# English. Bytes instead of characters keep the estimate sane for scripts beyond ASCII.
BYTES_PER_TOKEN: Final = 4
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_MAX_MODEL_NAME: Final = 200


class Asked(NamedTuple):
    """Whom we asked and what was left out, for the answer and for errors."""

    provider: str
    model: str
    omitted_params: tuple[str, ...]

    def broken(self, what: str) -> ProviderError:
        """Return the error for an answer that cannot be used."""
        return ProviderError(
            f"The provider {self.provider} answered {what}; nothing of it was used.",
            provider=self.provider,
            model=self.model,
        )

    def failed(self) -> ProviderError:
        """Return the error for a failure that the provider reports within an answer."""
        return ProviderError(
            f"The provider {self.provider} reported a failure of its own.",
            provider=self.provider,
            model=self.model,
            is_retryable=True,
        )


class TextCleaner:
    """Make streamed text storable: NUL and lone surrogates become U+FFFD.

    A surrogate pair that a provider tears apart between two pieces is joined again.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-16-le")("replace")

    def feed(self, text: str, *, is_last: bool = False) -> str:
        """Return as much clean text as is certain by now."""
        decoded = self._decoder.decode(text.encode("utf-16-le", "surrogatepass"), is_last)
        return decoded.replace("\x00", _REPLACEMENT)


def clean_text(text: str) -> str:
    """Return the whole text with NUL and lone surrogates replaced by U+FFFD."""
    return TextCleaner().feed(text, is_last=True)


def clean_whole(text: str, asked: Asked) -> str:
    """Return a whole answer's text, clean.

    Raises:
        ProviderError: it is longer than `MAX_ANSWER_BYTES`.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_ANSWER_BYTES:
        raise asked.broken("with more text than is taken")
    return clean_text(text)


def clean_model(name: str | None) -> str | None:
    """Return the name of the model that answered, None when it was not told."""
    return clean_text(name)[:_MAX_MODEL_NAME] if name else None


class TextCollector:
    """Put the text of a streamed answer together from its pieces, clean and bounded."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._cleaner = TextCleaner()
        self._pieces: list[str] = []
        self._size_bytes = 0

    @property
    def text(self) -> str:
        """All that was added so far."""
        return "".join(self._pieces)

    def add(self, text: str, *, is_last: bool = False) -> Chunk | None:
        """Add a piece and return what can be handed on, None while that is nothing.

        Raises:
            ProviderError: the whole grows beyond `MAX_ANSWER_BYTES`.
        """
        clean = self._cleaner.feed(text, is_last=is_last)
        if not clean:
            return None
        self._size_bytes += len(clean.encode())
        if self._size_bytes > MAX_ANSWER_BYTES:
            raise self._asked.broken("with more text than is taken")
        self._pieces.append(clean)
        return Chunk(clean)


def believable_usage(
    *, input_tokens: Any, output_tokens: Any, cached: Any = None, reasoning: Any = None
) -> Usage | None:
    """Return the reported usage, None when it cannot be true.

    Negative, fractional, infinite or absurdly large totals are dropped; a part that exceeds its
    total counts as not reported.
    """
    if not (_is_count(input_tokens) and _is_count(output_tokens)):
        return None
    try:
        return Usage(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cache_read_input_tokens=_part(cached, input_tokens),
            reasoning_output_tokens=_part(reasoning, output_tokens),
        )
    except ValidationError:
        return None


def estimate_usage(messages: Iterable[Message], answer: str) -> Usage:
    """Return a rough token count, flagged as estimated, from the bytes that went each way."""
    asked = sum(_tokens(message.content) for message in messages)
    return Usage(input_tokens=asked, output_tokens=_tokens(answer), is_estimated=True)


def reported(value: Any, name: str) -> Any:
    """Return a member of foreign data, be it an object or a mapping; None when it has none."""
    if isinstance(value, Mapping):
        return value.get(name)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] -- foreign JSON
    return getattr(value, name, None)


def text_or_none(value: Any) -> Any:
    """Return a text as it is and None for anything else.

    For what vendors leave out, null, or fill with something odd: that alone breaks no answer.
    """
    return value if isinstance(value, str) else None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _part(value: Any, total: int) -> int:
    return value if _is_count(value) and 0 <= value <= total else 0


def _tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)
