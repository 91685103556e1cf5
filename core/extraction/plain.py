"""Own reading plain text and Markdown: fences, headings, lists, quotes and paragraphs."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from core.extraction.blocks import Block, BlockKind, Source, storable

_FENCE: Final = re.compile(r" {0,3}(```+|~~~+)[ ]*([\w+#.-]*)[^`\n]*$")
_HEADING: Final = re.compile(r" {0,3}(#{1,6}[ \t]+)")
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+\u2022]|\d{1,3}[.)])[ \t]+")
_QUOTE: Final = re.compile(r" {0,3}>[ ]?")
_INDENTED: Final = re.compile(r"(?: {4}|\t)")


def read_plain(text: str, *, title: str = "") -> Source:
    """Return the blocks of a text; the text itself stays as it is, but for its line ends."""
    clean = storable(text).removeprefix("\ufeff")
    return Source(clean, list(_Lines(clean).blocks()), title)


class _Lines:
    """The lines of a text with their offsets, read block by block."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks that hold something."""
        at = 0
        while at < len(self._lines):
            if not self._lines[at].strip():
                at += 1
                continue
            end, block = self._read(at)
            if block.start < block.end:
                yield block
            at = end

    def _read(self, at: int) -> tuple[int, Block]:
        """Return the block that begins at a line, and the line after it."""
        line = self._lines[at]
        if fence := _FENCE.match(line):
            return self._fence(at, fence[1], fence[2].lower())
        if heading := _HEADING.match(line):
            return at + 1, self._block("heading", at, at + 1, len(heading[0]))
        if item := _ITEM.match(line):
            return self._item(at, len(item[0]))
        if quote := _QUOTE.match(line):
            end = self._while(at, lambda one: bool(_QUOTE.match(one)))
            return end, self._block("quote", at, end, len(quote[0]))
        if _INDENTED.match(line) and (at == 0 or not self._lines[at - 1].strip()):
            end = self._while(at, lambda one: bool(_INDENTED.match(one)))
            return end, self._block("code", at, end, len(line) - len(line.lstrip()))
        end = self._while(at + 1, lambda one: bool(one.strip()) and not _begins_other(one))
        return end, self._block("paragraph", at, end)

    def _fence(self, at: int, mark: str, language: str) -> tuple[int, Block]:
        close = re.compile(rf" {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
        end = at + 1
        while end < len(self._lines) and not close.match(self._lines[end]):
            end += 1
        if end == at + 1:
            return end + 1, Block("code", 0, 0)
        return end + 1, self._block("code", at + 1, end, hint=language)

    def _item(self, at: int, mark: int) -> tuple[int, Block]:
        """Return a list item with the lines that are set in below it."""

        def belongs(line: str) -> bool:
            return line.startswith((" ", "\t")) and bool(line.strip()) and not _begins_other(line)

        end = self._while(at + 1, belongs)
        return end, self._block("item", at, end, mark)

    def _while(self, at: int, belongs: Callable[[str], bool]) -> int:
        """Return the first line from `at` on that does not belong."""
        while at < len(self._lines) and belongs(self._lines[at]):
            at += 1
        return at

    def _block(
        self, kind: BlockKind, first: int, after: int, mark: int = 0, hint: str = ""
    ) -> Block:
        """Return the block of some lines, without its mark and the space around it."""
        start, end = self._starts[first] + mark, self._starts[after] - 1
        while end > start and self._text[end - 1].isspace():
            end -= 1
        return Block(kind, min(start, end), end, hint)


def _begins_other(line: str) -> bool:
    return any(pattern.match(line) for pattern in (_FENCE, _HEADING, _ITEM, _QUOTE))
