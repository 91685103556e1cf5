"""Own what an editor says about a version while it is written; nothing here ever raises."""

import re
from typing import Literal, NamedTuple

from core.errors import Invalid, TemplateInvalid
from core.templates.program import Program, load
from core.templates.render import TEMPLATE_FIELDS, check_fields
from core.values.body import VersionBody

_TAG = re.compile(r"\{[{%#]")


# The first four come from here, the others from core.enhancement, which looks closer.
FindingCode = Literal[
    "syntax",
    "undeclared",
    "unused",
    "field",
    "unreachable",
    "duplicate",
    "window",
    "placement",
    "render",
]


class Finding(NamedTuple):
    """One remark; `line` and `column` count from 1 within `field`.

    In `required_fields` the line is the position of the declared field.
    """

    code: FindingCode
    severity: Literal["error", "warning", "info"]
    field: str
    line: int
    column: int
    message: str
    remedy: str


def lint(body: VersionBody) -> list[Finding]:
    """Return the remarks on a version: errors that keep it from being saved, and advice.

    Cheap enough for each pause in typing: unchanged templates are not parsed again.
    """
    findings: list[Finding] = []
    programs: list[Program] = []
    for field in TEMPLATE_FIELDS:
        source: str = getattr(body, field)
        try:
            program = load(source, field=field)
        except TemplateInvalid as error:
            findings.append(_refused(source, error))
            continue
        programs.append(program)
        findings += _undeclared(body, field, source, program)
    findings += _wrong_fields(body)
    if len(programs) == len(TEMPLATE_FIELDS):
        findings += _unused(body, programs)
    return findings


def _refused(source: str, error: TemplateInvalid) -> Finding:
    line = error.line or 1
    column = _column(source, line, _TAG)
    return Finding("syntax", "error", error.field, line, column, error.message, error.remedy)


def _undeclared(body: VersionBody, field: str, source: str, program: Program) -> list[Finding]:
    declared = {declared.name for declared in body.required_fields}
    declared |= {dependency.include_name or "" for dependency in body.dependencies}
    first = {use.name: use for use in reversed(program.uses)}
    return [
        Finding(
            "undeclared",
            "info" if name in program.guarded_names else "warning",
            field,
            first[name].line,
            _column(source, first[name].line, re.compile(rf"\b{name}\b")),
            f"`{name}` is used but not declared.",
            "Declare it with a type and a description, so that callers know what to give.",
        )
        for name in program.names
        if name not in declared
    ]


def _wrong_fields(body: VersionBody) -> list[Finding]:
    try:
        check_fields(body)
    except Invalid as error:
        return [Finding("field", "error", "required_fields", 1, 1, error.message, error.remedy)]
    return []


def _unused(body: VersionBody, programs: list[Program]) -> list[Finding]:
    used = {name for program in programs for name in program.names}
    return [
        Finding(
            "unused",
            "warning",
            "required_fields",
            position,
            1,
            f"`{declared.name}` is declared but not used.",
            "Use it in the prompt, or remove the field.",
        )
        for position, declared in enumerate(body.required_fields, start=1)
        # What it is made of may use the field; only those texts can tell.
        if declared.name not in used and not body.dependencies
    ]


def _column(source: str, line: int, what: re.Pattern[str]) -> int:
    """Return where `what` stands within a tag of the line; jinja2 knows only the line."""
    # The line ends that jinja2 counts.
    lines = re.split(r"\r\n|\r|\n", source)
    text = lines[line - 1] if line <= len(lines) else ""
    tag = _TAG.search(text)
    # Where the tag began on a line before, the whole line lies within it.
    match = what.search(text, tag.start() if tag else 0) or what.search(text)
    return match.start() + 1 if match else 1
