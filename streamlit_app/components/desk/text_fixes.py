"""Own the changes to a text that put a finding right without thinking."""

import re
from typing import NamedTuple

from core.templates.lint import Finding

# The line ends that jinja2 counts.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_PRINTED = re.compile(r"\{\{-?\s*([A-Za-z][A-Za-z0-9_]*)[^{}]*\}\}")
_SECOND_SENTENCE = re.compile(r"[.!?]\s+\S")


class TextFix(NamedTuple):
    """What the button says, and the text after it."""

    label: str
    text: str


def fix_of(finding: Finding, text: str) -> TextFix | None:
    """Return how the text where the finding stands is put right; None where one must think."""
    lines = [line for line in _LINE.findall(text) if line]
    if not 1 <= finding.line <= len(lines):
        return None
    line = lines[finding.line - 1]
    match finding.code:
        case "placement":
            fixed, label = _set_apart(line, finding.column), "Set it apart"
        case "duplicate":
            fixed, label = _taken_out(line), f"Remove line {finding.line}"
        case _:
            return None
    if fixed is None:
        return None
    after = [*lines[: finding.line - 1], fixed, *lines[finding.line :]]
    return TextFix(label, "".join(after))


def _set_apart(line: str, column: int) -> str | None:
    """Put the value at the column between tags of its name, on lines of their own if it has one."""
    printed = next(
        (one for one in _PRINTED.finditer(line) if one.start() < column <= one.end()), None
    )
    if printed is None:
        return None
    name, stands_alone = printed.group(1), line.strip() == printed.group()
    between = "\n" if stands_alone else ""
    tagged = f"<{name}>{between}{printed.group()}{between}</{name}>"
    return line[: printed.start()] + tagged + line[printed.end() :]


def _taken_out(line: str) -> str | None:
    """Take out a line that says one sentence and no more."""
    return None if "{%" in line or _SECOND_SENTENCE.search(line) else ""
