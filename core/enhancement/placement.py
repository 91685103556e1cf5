"""Own finding values that a model could take for instructions, because nothing sets them apart.

Source: OWASP, LLM01 Prompt Injection: segregate and identify external content.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final, Literal, NamedTuple

from core.enhancement.outline import Piece, outline
from core.templates.lint import Finding
from core.values.fields import RequiredField

_TAG: Final = re.compile(r"<(/?)([A-Za-z][\w.:-]{0,63})(?:\s[^<>]{0,200})?>")
_FENCE: Final = re.compile(
    r"^[ \t]*(`{3,}|~{3,}|\"{3}|'{3}|-{3,}|={3,}|#{3,}|\*{3,})[^\n]*$", re.MULTILINE
)
# What stands around a value directly or on its line: opening and closing mark.
_PAIRS: Final = (("\u201c", "\u201d"), ("\u00ab", "\u00bb"), ("\u201e", "\u201c"), ("[[", "]]"))
_ALIKE: Final = ('"', "`")
# Each looks at the whole template, so their number bounds the time.
_MAX_SPOTS: Final = 300
_HARMLESS_TYPES: Final = frozenset({"number", "boolean"})

Where = Literal["inside", "end", "own line", "system"]
_SAID: Final = {
    "inside": "stands within an instruction without quotes",
    "end": "stands at the end with nothing around it",
    "own line": "stands among the instructions with nothing around it",
    "system": "is part of the system prompt with nothing around it",
}


class _Spot(NamedTuple):
    """One printed value, with all text before and after it; other values leave a blank there."""

    piece: Piece
    before: str
    after: str


def find_exposed(
    source: str, *, field: str, fields: Sequence[RequiredField], trusted: Collection[str] = ()
) -> list[Finding]:
    """Return a remark for each variable that is printed with nothing around it.

    Quotes, tags such as `<text>` and fences set a value apart, and so does `tojson`. Numbers and
    booleans are no danger, nor are `trusted` texts such as includes. Each variable is remarked
    upon once, at its worst place.

    Raises:
        TemplateInvalid: the template is refused.
    """
    harmless = {one.name for one in fields if one.type in _HARMLESS_TYPES} | set(trusted)
    worst: dict[str, Finding] = {}
    for spot in islice(_spots(source), _MAX_SPOTS):
        names = sorted(spot.piece.variables - harmless)
        if not names or _is_set_apart(spot):
            continue
        where: Where = "system" if field == "system_prompt" else _where(spot)
        for name in names:
            finding = _remark(name, where, field, spot.piece.line, source)
            if name not in worst or worst[name].severity == "info" != finding.severity:
                worst[name] = finding
    return list(worst.values())


def _spots(source: str) -> Iterator[_Spot]:
    pieces = outline(source)
    texts = [piece.text if piece.is_literal else " " for piece in pieces]
    whole = "".join(texts)
    at = 0
    for piece, text in zip(pieces, texts, strict=True):
        if piece.variables:
            yield _Spot(piece, whole[:at], whole[at + 1 :])
        at += len(text)


def _is_set_apart(spot: _Spot) -> bool:
    return _is_quoted(spot) or _is_tagged(spot) or _is_fenced(spot)


def _is_quoted(spot: _Spot) -> bool:
    before = spot.before.rpartition("\n")[2]
    after = spot.after.partition("\n")[0]
    if any(before.count(mark) % 2 and mark in after for mark in _ALIKE):
        return True
    # An apostrophe is part of words too, so it counts next to the value only.
    if before.endswith("'") and after.startswith("'"):
        return True
    return any(before.rfind(a) > before.rfind(b) and b in after for a, b in _PAIRS)


def _is_tagged(spot: _Spot) -> bool:
    closing = {match[2] for match in _TAG.finditer(spot.after) if match[1]}
    still_open: list[str] = []
    for match in _TAG.finditer(spot.before):
        if not match[1]:
            still_open.append(match[2])
        elif match[2] in still_open:
            still_open.remove(match[2])
    return any(name in closing for name in still_open)


def _is_fenced(spot: _Spot) -> bool:
    before = [match[1] for match in _FENCE.finditer(spot.before)]
    after = {match[1] for match in _FENCE.finditer(spot.after)}
    return any(before.count(fence) % 2 and fence in after for fence in set(before))


def _where(spot: _Spot) -> Where:
    starts_line = not spot.before.rpartition("\n")[2].strip(" \t-*>")
    ends_line = not spot.after.partition("\n")[0].strip()
    if not re.search(r"\w", spot.after):
        return "end" if starts_line or spot.before.rstrip().endswith(":") else "inside"
    return "own line" if starts_line and ends_line else "inside"


def _remark(name: str, where: Where, field: str, line: int, source: str) -> Finding:
    lines = re.split(r"\r\n|\r|\n", source)
    found = re.search(rf"\b{re.escape(name)}\b", lines[line - 1] if line <= len(lines) else "")
    return Finding(
        "placement",
        "info" if where == "inside" else "warning",
        field,
        line,
        found.start() + 1 if found else 1,
        f"`{name}` {_SAID[where]}, so its text may be taken for an instruction.",
        f"Put it between tags, such as <{name}> and </{name}>, and say that what stands there "
        "is data.",
    )
