"""Own the read source: one text, and the blocks in it that headings, lists, code and quotes are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

BlockKind = Literal["heading", "paragraph", "item", "quote", "code"]

# Between two blocks of the text.
GAP: Final = "\n\n"


class Block(NamedTuple):
    """A stretch of the text; `hint` is what its markup says about it (class names, language).

    `is_wrapped` tells that lines were broken where the paper ended, not by the author.
    """

    kind: BlockKind
    start: int
    end: int
    hint: str = ""
    is_wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What was read. `pages` are the offsets at which the pages of a PDF begin, else empty."""

    text: str
    blocks: Sequence[Block]
    title: str = ""
    pages: Sequence[int] = ()

    def text_of(self, block: Block) -> str:
        """Return the stretch of text that a block covers."""
        return self.text[block.start : block.end]


@dataclass(slots=True)
class Writer:
    """Puts a source together, block by block, and keeps count of where each stands."""

    title: str = ""
    _pieces: list[str] = field(default_factory=list[str])
    _blocks: list[Block] = field(default_factory=list[Block])
    _pages: list[int] = field(default_factory=list[int])
    _length: int = 0

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        before: str = "",
        hint: str = "",
        is_wrapped: bool = False,
    ) -> None:
        """Append a block; `before` is a mark in front of it that is no part of it."""
        if not text.strip():
            return
        self._put((GAP if self._length else "") + before)
        start = self._length
        self._put(text)
        self._blocks.append(Block(kind, start, self._length, hint, is_wrapped))

    def start_page(self, *, is_divided: bool = False) -> None:
        """Note that a page begins with the next block, or divides the last one."""
        gap = 1 if is_divided else len(GAP)
        self._pages.append(self._length + (gap if self._length else 0))

    def continue_last(self, text: str) -> None:
        """Append lines to the last block, as a page break divided it."""
        last = self._blocks.pop()
        self._put("\n" + text)
        self._blocks.append(last._replace(end=self._length))

    @property
    def last(self) -> tuple[Block, str] | None:
        """The last block and its text, None before the first."""
        return (self._blocks[-1], self._pieces[-1]) if self._blocks else None

    def finish(self) -> Source:
        """Return the source."""
        return Source("".join(self._pieces), self._blocks, self.title, self._pages)

    def _put(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._length += len(text)


def storable(text: str) -> str:
    """Return the text without what no database keeps: NUL and halves of surrogate pairs."""
    clean = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return clean.encode("utf-8", "replace").decode("utf-8")
