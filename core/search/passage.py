"""Own passages: the part of a text that shows why it was found, with the words asked for marked."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from core.search.words import Spot, spots_of

# Characters shown: two lines of a row around a match, of which so many before it; else one line.
LENGTH: Final = 220
LEAD: Final = 40
HEAD: Final = 140
# Marks of Markdown that say nothing in a passage: bold, headings, fences.
_MARKUP: Final = re.compile(r"\*{2,}|^#{1,6}\s|^```.*$", re.MULTILINE)
_LINK: Final = re.compile(r"!?\[([^\[\]\n]{1,200})\]\([^()\s]{1,500}\)")


class Piece(NamedTuple):
    """A part of a passage; matched words stand in pieces of their own."""

    text: str
    is_match: bool


Passage = tuple[Piece, ...]


class Sought(NamedTuple):
    """The terms that a query asks for; the last word may be only its beginning so far."""

    terms: frozenset[str]
    beginning: str = ""

    def meets(self, spot: Spot) -> bool:
        """Tell whether a word is one of those asked for."""
        return any(
            term in self.terms or (self.beginning and term.startswith(self.beginning))
            for term in spot.terms
        )

    def spots_in(self, text: str) -> list[Spot]:
        """Return where the words asked for stand."""
        return [spot for spot in spots_of(text) if self.meets(spot)]


def passage_of(
    text: str, description: str, sought: Sought, piece: tuple[int, int] | None = None
) -> Passage:
    """Return the stretch with the most different words asked for, else the piece's beginning.

    It is looked for in the piece first (the span in `text` that means most the same), then
    everywhere; without either, the description or the beginning of the text is shown.
    """
    nearest = in_one_line(text[slice(*piece)]) if piece else ""
    for part in (nearest, in_one_line(text)):
        spots = sought.spots_in(part)
        if spots:
            return marked(cut_around(part, _richest(spots), LENGTH), sought)
    if nearest:
        return marked(cut_around(nearest, 0, LENGTH), sought)
    return marked(cut_around(in_one_line(description) or in_one_line(text), 0, HEAD), sought)


def _richest(spots: Sequence[Spot]) -> int:
    """Return where the stretch with the most different words begins."""
    best, richest = spots[0].start, 0
    for first, spot in enumerate(spots):
        end = spot.start + LENGTH - 2 * LEAD
        inside = {other.terms for other in _until(spots[first:], end)}
        if len(inside) > richest:
            best, richest = spot.start, len(inside)
    return best


def _until(spots: Sequence[Spot], end: int) -> Iterable[Spot]:
    for spot in spots:
        if spot.start >= end:
            return
        yield spot


def marked(text: str, sought: Sought) -> Passage:
    """Return the text in pieces, each word asked for in one of its own."""
    pieces: list[Piece] = []
    done = 0
    for spot in sought.spots_in(text):
        pieces.append(Piece(text[done : spot.start], is_match=False))
        pieces.append(Piece(text[spot.start : spot.end], is_match=True))
        done = spot.end
    pieces.append(Piece(text[done:], is_match=False))
    return tuple(piece for piece in pieces if piece.text)


def in_one_line(text: str) -> str:
    """Return the text without line breaks and Markdown's marks; of links their words stay."""
    return " ".join(_MARKUP.sub("", _LINK.sub(r"\1", text)).split())


def cut_around(text: str, start: int, length: int) -> str:
    """Return `length` characters around `start`, cut between words; dots mark what is left out."""
    begin = max(0, start - LEAD)
    if begin:
        begin = text.rfind(" ", 0, begin + 1) + 1 or begin
        begin = max(begin, start - 2 * LEAD)
    end = begin + length
    if end < len(text):
        space = text.rfind(" ", begin + length - LEAD, end)
        end = space if space > 0 else end
    return ("… " if begin else "") + text[begin:end].strip() + (" …" if end < len(text) else "")
