"""Own how text becomes words to search by: folded, without stop words, without endings."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

WORD: Final = re.compile(r"[^\W_]+")
# Words so common that they say nothing, and endings cut off where three letters are left. As
# measured for the published bars; a stemmer gained nothing.
_COMMON: Final = """
a an and are as at be but by for from has have how i if in into is it its me my of on or our so that
the their them then this to us was we what when where which who will with would you your can do does
"""
STOP_WORDS: Final = frozenset(_COMMON.split())
ENDINGS: Final = ("ing", "ers", "er", "ies", "es", "ed", "s", "e")
SHORTEST_STEM: Final = 3
# Scripts without spaces between words: each sign counts as a word.
_SIGNS: Final = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]|"
    "[^\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+"
)
# Longer runs of letters are data, not words.
LONGEST_WORD: Final = 64


class Spot(NamedTuple):
    """Where a word stands in a text, and the terms it is found by."""

    start: int
    end: int
    terms: tuple[str, ...]


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> tuple[str, ...]:
    """Return the terms that one written word is found by; none for a stop word."""
    if not word.isascii():
        decomposed = unicodedata.normalize("NFKD", word)
        plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
        parts = _SIGNS.findall(unicodedata.normalize("NFC", plain))
        return tuple(term for part in parts for term in _fold_part(part))
    return _fold_part(word)


def _fold_part(part: str) -> tuple[str, ...]:
    term = part.casefold()[:LONGEST_WORD]
    if not term or term in STOP_WORDS:
        return ()
    for ending in ENDINGS:
        if term.endswith(ending) and len(term) - len(ending) >= SHORTEST_STEM:
            return (term[: -len(ending)],)
    return (term,)


def terms_of(text: str) -> list[str]:
    """Return the terms of a text in order."""
    return [term for word in WORD.findall(text) for term in fold(word)]


def spots_of(text: str) -> Iterator[Spot]:
    """Return each word of a text with its place, stop words left out."""
    for found in WORD.finditer(text):
        terms = fold(found[0])
        if terms:
            yield Spot(found.start(), found.end(), terms)


def understood_share(text: str, find_tokens: Callable[[str], Sequence[object]]) -> float:
    """Return the share of a query's words that a model has whole; it cuts others into pieces."""
    words = [word for word in WORD.findall(text) if fold(word)]
    return sum(len(find_tokens(word)) == 1 for word in words) / max(len(words), 1)
