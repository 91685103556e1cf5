"""Own what every adapter makes of raw answers: clean text, believable usage, estimates."""

import codecs
from collections.abc import Iterable
from typing import Any, Final

from pydantic import ValidationError

from core.values.messages import Message
from core.values.usage import Usage

# A row of the log is bounded by MongoDB's 16 MB; messages, variables and answer share it.
MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
# Source: OpenAI help centre, "What are tokens and how to count them": about four characters of
# English. Bytes instead of characters keep the estimate sane for scripts beyond ASCII.
BYTES_PER_TOKEN: Final = 4
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


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


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _part(value: Any, total: int) -> int:
    return value if _is_count(value) and 0 <= value <= total else 0


def _tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)
