"""Own finding instructions that a prompt gives twice."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from core.enhancement.outline import Piece, Way, are_exclusive, outline
from core.templates.lint import Finding

# Shorter sentences ("Be brief.", headings) repeat with good reason.
_MIN_WORDS: Final = 4
_SENTENCE: Final = re.compile(r"[^\n.!?]+(?:[.!?]+(?=\s|$)|[.!?]+(?=\S)[^\n.!?]*)*")
_ORNAMENTS: Final = " \t\r\n-*+#>.!?:;"
_NUMBER: Final = re.compile(r"^\d{1,3}[.)]\s")
# Beyond this many places of one sentence, the first ones tell enough.
_MAX_PLACES: Final = 50
# Stands for what an expression prints; it is no character of a text.
_HOLE: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
_NAMED_HOLE: Final = re.compile(f"{_HOLE}([^{_HOLE}]*){_HOLE}")
# The line ends that jinja2 counts.
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class _Sentence(NamedTuple):
    key: str
    shown: str
    field: str
    line: int
    column: int
    way: Way


def find_repeated(sources: dict[str, str]) -> list[Finding]:
    """Return a remark for each sentence or line that stands there before, in any of the fields.

    Compared without regard to case, spacing and list marks. The same words in two branches of
    one `if` are not repeated, for only one of them is sent.

    Raises:
        TemplateInvalid: a template is refused.
    """
    earlier: dict[str, list[_Sentence]] = {}
    findings: list[Finding] = []
    for field, source in sources.items():
        for sentence in _sentences(field, source):
            same = earlier.setdefault(sentence.key, [])
            first = next((one for one in same if not are_exclusive(one.way, sentence.way)), None)
            if first is not None:
                findings.append(_remark(sentence, first))
            if len(same) < _MAX_PLACES:
                same.append(sentence)
    return findings


def _remark(sentence: _Sentence, first: _Sentence) -> Finding:
    shown = sentence.shown if len(sentence.shown) <= 60 else f"{sentence.shown[:60]}..."  # noqa: PLR2004 -- fits a line
    place = f"line {first.line}"
    if first.field != sentence.field:
        place += f" of {first.field}"
    return Finding(
        "duplicate",
        "info",
        sentence.field,
        sentence.line,
        sentence.column,
        f"The instruction \u201c{shown}\u201d stands in {place} already.",
        "Say it once.",
    )


def _sentences(field: str, source: str) -> Iterator[_Sentence]:
    for text, line, way in _runs(outline(source)):
        for match in _SENTENCE.finditer(text):
            shown = _NUMBER.sub("", match.group().strip(_ORNAMENTS)).strip()
            key = " ".join(shown.casefold().split())
            words = [word for word in key.split() if _HOLE not in word]
            if len(words) < _MIN_WORDS:
                continue
            at_line = line + text.count("\n", 0, text.find(shown, match.start()))
            yield _Sentence(
                key,
                _NAMED_HOLE.sub(r"{{ \1 }}", shown),
                field,
                at_line,
                _column(source, at_line, shown),
                way,
            )


def _column(source: str, line: int, shown: str) -> int:
    lines = _LINE_END.split(source)
    text = lines[line - 1] if line <= len(lines) else ""
    return text.find(shown.partition(_HOLE)[0]) + 1 or 1


def _runs(pieces: list[Piece]) -> Iterator[tuple[str, int, Way]]:
    """Yield the text of neighbours in one branch, its first line and its branch."""
    text, line, way = "", 1, ()
    for piece in pieces:
        if piece.way != way:
            yield text, line, way
            text = ""
        if not text:
            line, way = piece.line, piece.way
        text += piece.text if piece.is_literal else _named_hole(piece)
    yield text, line, way


def _named_hole(piece: Piece) -> str:
    # Two sentences about different variables are not the same sentence.
    return f"{_HOLE}{'+'.join(sorted(piece.variables))}{_HOLE}"
