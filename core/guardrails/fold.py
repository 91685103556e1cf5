"""Own reading a text through its disguises: case, width, invisible characters, markup."""

import html
import re
import unicodedata
from typing import Final

# Source: Unicode 15, DerivedCoreProperties, Default_Ignorable_Code_Point; then strokes laid over
# letters (U+0334-0338, U+20D0-20F0) and controls other than white space.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u0334-\u0338\u20d0-\u20f0"
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
)
# Cyrillic, Greek and other letters that look like Latin ones, in lower case.
# Source: Unicode Technical Standard 39, confusables.txt (a selection).
_LOOK_ALIKES: Final = str.maketrans(
    "авекмнорстухѕіјһԁԛԝαβεικνορτυχɡı",
    "abekmhopctyxsijhdqwabeikvoptuxgi",
)
_TAG: Final = re.compile(r"<[^<>]*>")
_LINK_TARGET: Final = re.compile(r"\]\([^()]*\)")
_MARKS: Final = re.compile(r"[*_~`\\\[\]]")


def fold(text: str) -> str:
    """Return what two texts share that read the same: for comparing, not for showing.

    Unicode NFKC and full case folding, invisible characters removed, look-alike letters as
    Latin ones, white space as single blanks.
    """
    folded = unicodedata.normalize("NFD", _INVISIBLE.sub("", text)).casefold()
    folded = unicodedata.normalize("NFKC", folded).casefold()
    return " ".join(normal(folded).translate(_LOOK_ALIKES).split())


def normal(text: str) -> str:
    """Return the text in NFKC without invisible characters; case and spaces stay."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))


def without_markup(text: str) -> tuple[str, str]:
    """Return the text without HTML tags, entities and Markdown marks, twice.

    In the first, a tag leaves nothing behind (a word it split is whole again), in the second a
    blank (words it parted stay apart).
    """
    plain = html.unescape(text)
    joined, spaced = (_TAG.sub(filler, plain) for filler in ("", " "))
    return _without_marks(joined), _without_marks(spaced)


def _without_marks(text: str) -> str:
    return _MARKS.sub("", _LINK_TARGET.sub("", text))
