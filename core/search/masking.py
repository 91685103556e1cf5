"""Own when two texts are nearly the same: masked variables, shared runs of three words."""

import hashlib
import re
from typing import Final

from core.search.words import WORD

# What a template says of variables and blocks; their names are no difference between texts.
_MARKUP: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
MASK: Final = " xvariablex "
RUN: Final = 3

Shingles = frozenset[tuple[str, ...]]


def masked_words(text: str) -> list[str]:
    """Return the words of a text in lower case, each variable and block as the same word."""
    return WORD.findall(_MARKUP.sub(MASK, text).casefold())


def digest_of(text: str) -> bytes:
    """Return what equals that of another text when only variables, case or signs differ.

    It is empty for a text without words.
    """
    words = masked_words(text)
    if not words:
        return b""
    return hashlib.blake2b(" ".join(words).encode(), digest_size=16).digest()


def shingles_of(text: str) -> Shingles:
    """Return the runs of three words of a text; a shorter text is one run."""
    words = masked_words(text)
    if len(words) < RUN:
        return frozenset([tuple(words)] if words else [])
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def overlap_of(one: Shingles, other: Shingles) -> float:
    """Return the share of runs that both hold, of all that either holds (Jaccard)."""
    either = len(one | other)
    return len(one & other) / either if either else 0.0
