"""Own what one answer says otherwise than another, word by word."""

import re
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

from streamlit_app.formats import plain

# Beyond it the comparison takes longer than people wait; the rest is shown as it is.
MAX_WORDS: Final = 4000
_FENCE: Final = "```"
_HEADING: Final = re.compile(r"^ {0,3}#{1,6}[ \t]+", re.MULTILINE)
_BOLD: Final = re.compile(r"(?<![\w*])\*\*(?=\S)([^\n]+?)(?<=\S)\*\*(?![\w*])")
_WORDS: Final = re.compile(r"\s+|[\w']+|[^\w\s]")


class Piece(NamedTuple):
    """Words that both say, or only this answer (`added`), or only the other one (`gone`)."""

    text: str
    kind: Literal["same", "added", "gone"]


def compare_words(base: str, text: str) -> list[Piece]:
    """Return the pieces of `text`, with those of `base` that are missing from it in their place."""
    mine, rest = _split(text)
    theirs, _ = _split(base)
    pieces: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, theirs, mine, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(Piece("".join(mine[c:d]), "same"))
            continue
        if b > a:
            pieces.append(Piece("".join(theirs[a:b]), "gone"))
        if d > c:
            pieces.append(Piece("".join(mine[c:d]), "added"))
    return [*pieces, Piece(rest, "same")] if rest else pieces


def _split(text: str) -> tuple[list[str], str]:
    words = _WORDS.findall(text)
    return words[:MAX_WORDS], "".join(words[MAX_WORDS:])


def diff_markdown(base: str, text: str) -> str:
    """Return markdown with added words on a tint and missing ones struck through.

    The marks of headings and of bold words are left out, as they would be read as words; where
    there is code, all stays as it is.
    """
    if _FENCE not in base and _FENCE not in text:
        base, text = _bare(base), _bare(text)
    return "".join(map(_marked, compare_words(base, text)))


def _bare(text: str) -> str:
    return _BOLD.sub(r"\1", _HEADING.sub("", text))


def _marked(piece: Piece) -> str:
    if piece.kind == "same":
        return _lines(piece.text)
    # Marks cannot reach over lines, nor begin or end with white space.
    return "".join(
        _lines(part) if not part.strip() else _tint(part, piece.kind)
        for part in re.split(r"(^\s+|\s*\n\s*|\s+$)", piece.text)
    )


def _tint(text: str, kind: str) -> str:
    return f":green-background[{plain(text)}]" if kind == "added" else f":gray[~~{plain(text)}~~]"


def _lines(text: str) -> str:
    return plain(text).replace("\n", "  \n")
