"""Own the stretch of a source that is shown beside a page of proposals, in pieces."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from streamlit_app.components.extract.state import Item

# A longer stretch without proposals is shown in part, with a way to the rest.
LONGEST_GAP: Final = 8_000
AROUND: Final = 2_500

Piece = dict[str, Any]


def window_of(items: Sequence[Item], first: int, last: int, length: int) -> tuple[int, int]:
    """Return the stretch between the proposals before and after those from `first` to `last`."""
    low = items[first - 1].end if first > 0 else 0
    high = items[last].start if last < len(items) else length
    return low, max(high, low)


def pieces_of(
    text: str,
    window: tuple[int, int],
    shown: Sequence[Item],
    pages: Sequence[int],
    *,
    chosen: tuple[int, int] | None,
    widened: Collection[int],
) -> list[Piece]:
    """Return the pieces to draw: plain text, marks of proposals, page numbers, gaps.

    `chosen` is a stretch to mark that need not be a proposal, `widened` the gaps that somebody
    has asked to see.
    """
    low, high = window
    marks = [(item.start, item.end, _state_of(item), item.name) for item in shown]
    if chosen and low <= chosen[0] < high and not _touches(chosen, marks):
        marks = sorted([*marks, (*chosen, "place", "")])
    pieces: list[Piece] = []
    at = low
    for start, end, state, name in marks:
        pieces += _plain(text, at, start, pages, widened, is_first=at == 0)
        pieces += [
            {**piece, "mark": start, "end": end, "state": state, "name": name}
            for piece in _paged(text, start, end, pages)
        ]
        at = max(at, end)
    return [*pieces, *_plain(text, at, high, pages, widened, is_first=at == 0)]


def _touches(stretch: tuple[int, int], marks: Sequence[tuple[int, int, str, str]]) -> bool:
    return any(start < stretch[1] and stretch[0] < end for start, end, _, _ in marks)


def _state_of(item: Item) -> str:
    if item.saved:
        return "saved"
    if item.is_dropped:
        return "dropped"
    return "ticked" if item.ticked else "open"


def _plain(
    text: str,
    start: int,
    end: int,
    pages: Sequence[int],
    widened: Collection[int],
    *,
    is_first: bool,
) -> Iterator[Piece]:
    if end - start <= LONGEST_GAP or start in widened:
        yield from _paged(text, start, end, pages)
        return
    before = start + (AROUND if not is_first else AROUND // 2)
    after = end - AROUND
    yield from _paged(text, start, before, pages)
    yield {"gap": start, "length": after - before}
    yield from _paged(text, after, end, pages)


def _paged(text: str, start: int, end: int, pages: Sequence[int]) -> Iterator[Piece]:
    """Yield the text with the number of each page before its beginning."""
    at = start
    for number, begins in enumerate(pages, start=1):
        if begins < start or begins >= end:
            continue
        if begins > at:
            yield {"text": text[at:begins], "at": at}
        yield {"page": number}
        at = begins
    if at < end:
        yield {"text": text[at:end], "at": at}
