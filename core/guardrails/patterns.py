"""Own regular expressions in linear time: the only place that knows google-re2."""

from collections.abc import Iterator
from typing import Any, Final, Protocol

import re2  # pyright: ignore[reportMissingTypeStubs] -- it ships none; typed just below

# One expression may take this much; ours and sensible ones take a few KiB.
_MAX_MEMORY: Final = 1024 * 1024

_re2: Any = re2


class Match(Protocol):
    """One place where a pattern occurs."""

    def group(self) -> str:
        """Return the text that matched."""
        ...


class Pattern(Protocol):
    """A compiled expression; time is in proportion to the text, whatever the expression."""

    def search(self, text: str) -> Match | None:
        """Return the first place, if there is one."""
        ...

    def finditer(self, text: str) -> Iterator[Match]:
        """Return every place, left to right, without overlap."""
        ...


def compile_pattern(pattern: str) -> Pattern:
    """Compile an expression in RE2's syntax, which has no look-around and no back references.

    Raises:
        ValueError: it is not such an expression, or too large.

    Source: https://github.com/google/re2/wiki/Syntax
    """
    options = _re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    try:
        return _re2.compile(pattern, options)
    except _re2.error as error:
        msg = "It is not a regular expression in the syntax of RE2, or too large."
        raise ValueError(msg) from error
