"""Own reading PDF files: lines with their fonts, put together to headings, code and paragraphs."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple

from core.extraction.blocks import Source, Writer, storable

MAX_PAGES: Final = 2_000
# A book of 1,000 pages holds about two million.
MAX_CHARACTERS: Final = 5_000_000
HEADER: Final = b"%PDF-"
# Readers look for the header this far into a file. Source: ISO 32000-1, implementation note 13.
HEADER_WITHIN: Final = 1_024

_MONO: Final = re.compile(
    r"mono|courier|consol|menlo|monaco|typewriter|cmtt|inconsolata|fixed|code|terminal",
    re.IGNORECASE,
)
_FIXED_PITCH: Final = 1
_SYMBOLS: Final = 0x2190
_BOLD: Final = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_ITEM: Final = re.compile(r"(?:[-*\u2022\u25cf\u25aa\u2013]|\d{1,3}[.)])\s+")
_UNFINISHED: Final = re.compile(r"[^.!?:;\"'\u201d\u2019)\]}`>]$")
_HEADING_CHARACTERS: Final = 120
_HEADING_RATIO: Final = 1.12
# Steps from line to line, in the usual step: an empty line between makes two.
_NEXT_PARAGRAPH: Final = 1.12
_NEXT_CODE: Final = 2.25
_STEPS: Final = (0.5, 3.0)

Failure = Literal["not_pdf", "encrypted", "broken", "scanned", "too_long", "empty"]
LineKind = Literal["body", "bold", "code"]


class Unreadable(Exception):
    """The file cannot be read; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure: Failure = failure


class Line(NamedTuple):
    """A line of a page: its text, the kind of its font, its height and where it stands.

    `ends_in_code` tells that at least its last word is set in a font of code.
    """

    text: str
    kind: LineKind
    height: float
    bottom: float
    ends_in_code: bool


def read_pdf(data: bytes) -> Source:
    """Return the text of a file with the offsets of its pages.

    Raises:
        Unreadable: it is no PDF file, broken, encrypted, without text, or too long.
    """
    if HEADER not in data[:HEADER_WITHIN]:
        raise Unreadable("not_pdf")
    pages = _read_pages(data)
    if not any(pages):
        raise Unreadable("scanned")
    writer = Writer(title="")
    usual = _measure(pages)
    for page in pages:
        _write_page(writer, page, usual)
    return writer.finish()


def _read_pages(data: bytes) -> list[list[Line]]:
    import pypdfium2  # noqa: PLC0415 - only the reading process needs it

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        failure = "encrypted" if "password" in str(error).lower() else "broken"
        raise Unreadable(failure) from None
    if not 0 < len(document) <= MAX_PAGES:
        raise Unreadable("too_long" if len(document) else "broken")
    pages: list[list[Line]] = []
    left = MAX_CHARACTERS
    try:
        for number in range(len(document)):
            page = document[number].get_textpage()
            left -= page.count_chars()
            if left < 0:
                raise Unreadable("too_long")
            pages.append(list(_read_lines(page)))
    except pypdfium2.PdfiumError:
        raise Unreadable("broken") from None
    return pages


def _read_lines(page: Any) -> Iterator[Line]:
    import pypdfium2.raw as pdfium  # noqa: PLC0415 - as above

    first = 0
    units: list[int] = []
    for at in range(page.count_chars()):
        unit = pdfium.FPDFText_GetUnicode(page.raw, at)
        if unit not in {10, 13}:
            units.append(unit)
            continue
        if units:
            yield from _line(page, first, units)
        first, units = at + 1, []
    if units:
        yield from _line(page, first, units)


def _line(page: Any, first: int, units: Sequence[int]) -> Iterator[Line]:
    text = "".join(map(chr, units)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    # U+FFFE is how PDFium writes the hyphen at which a word was broken.
    text = storable(text.replace("\ufffe", "\u2010")).rstrip()
    # Arrows and pictures are often borrowed from another font.
    shown = [first + at for at, unit in enumerate(units) if ord(" ") < unit < _SYMBOLS]
    shown = shown or [first + at for at, unit in enumerate(units) if unit > ord(" ")]
    if not shown or not text:
        return
    sample = (shown[0], shown[len(shown) // 2], shown[-1])
    fonts = [_font(page, at) for at in sample]
    kind: LineKind = "body"
    set_as_code = [bool(flags & _FIXED_PITCH or _MONO.search(name)) for name, flags in fonts]
    if all(set_as_code):
        kind = "code"
    elif all(_BOLD.search(name) for name, _ in fonts):
        kind = "bold"
    _, bottom, _, top = page.get_charbox(shown[0], loose=True)
    yield Line(text, kind, max(top - bottom, 0.1), bottom, set_as_code[-1])


def _font(page: Any, at: int) -> tuple[str, int]:
    import ctypes  # noqa: PLC0415 - as above

    import pypdfium2.raw as pdfium  # noqa: PLC0415 - as above

    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(page.raw, at, name, 128, ctypes.byref(flags))
    return name.value.decode("utf-8", "replace"), flags.value


class Layout(NamedTuple):
    """What is usual in a file: the height of text, and the steps from line to line in heights."""

    height: float
    step: float
    code_step: float


def _measure(pages: Sequence[Sequence[Line]]) -> Layout:
    heights: Counter[float] = Counter()
    steps: Counter[float] = Counter()
    code_steps: Counter[float] = Counter()
    for page in pages:
        for line in page:
            if line.kind == "body":
                heights[round(line.height, 1)] += len(line.text)
        for before, line in pairwise(page):
            step = round(_step(before, line), 1)
            if before.kind == line.kind and _STEPS[0] <= step <= _STEPS[1]:
                (code_steps if line.kind == "code" else steps)[step] += 1
    return Layout(_most(heights, 0.0), _most(steps, 1.5), _most(code_steps, 1.2))


def _most(counts: Counter[float], otherwise: float) -> float:
    return counts.most_common(1)[0][0] if counts else otherwise


def _step(before: Line, line: Line) -> float:
    return (before.bottom - line.bottom) / before.height


def _write_page(writer: Writer, lines: Sequence[Line], usual: Layout) -> None:
    divided = _is_divided(writer, lines)
    writer.start_page(is_divided=divided)
    for group in _grouped(lines, usual):
        text = "\n".join(line.text for line in group)
        kind = _kind(group[0], usual)
        if divided:
            writer.continue_last(text)
        elif kind == "item" and (mark := _ITEM.match(text)):
            writer.add("item", text[mark.end() :], before=mark[0], is_wrapped=True)
        elif kind == "heading":
            writer.add("heading", text.replace("\n", " "), is_wrapped=True)
        else:
            writer.add("code" if kind == "code" else "paragraph", text, is_wrapped=True)
        divided = False


def _is_divided(writer: Writer, lines: Sequence[Line]) -> bool:
    """Tell whether the page break goes through a block of code."""
    if writer.last is None or not lines or lines[0].kind != "code":
        return False
    block, text = writer.last
    return block.kind == "code" and _UNFINISHED.search(text) is not None


def _kind(line: Line, usual: Layout) -> Literal["heading", "item", "paragraph", "code"]:
    if line.kind == "code":
        return "code"
    is_large = line.height > usual.height * _HEADING_RATIO
    if (line.kind == "bold" or is_large) and len(line.text) <= _HEADING_CHARACTERS:
        return "heading"
    return "item" if _ITEM.match(line.text) else "paragraph"


def _grouped(lines: Sequence[Line], usual: Layout) -> Iterator[list[Line]]:
    """Yield the lines that belong together."""
    group: list[Line] = []
    for line in lines:
        if group and not _continues(group[-1], line, usual, _kind(group[0], usual)):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _continues(before: Line, line: Line, usual: Layout, kind: str) -> bool:
    """Tell whether a line goes on with what the one before it is part of."""
    step, own = _step(before, line), _kind(line, usual)
    if own == "code" and kind in {"paragraph", "item"}:
        # A quotation within a sentence that goes on in the next line.
        return before.ends_in_code and 0 <= step <= usual.step * _NEXT_PARAGRAPH
    limit = usual.code_step * _NEXT_CODE if kind == "code" else usual.step * _NEXT_PARAGRAPH
    is_like_it = abs(before.height - line.height) < before.height * 0.1
    follows = own == kind or (kind == "item" and own == "paragraph")
    return 0 <= step <= limit and is_like_it and follows and own != "item"
