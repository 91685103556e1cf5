"""What the editor says while a version is written."""

import time
from typing import Any

from core.templates.lint import Finding, lint
from core.values.body import VersionBody
from core.values.fields import RequiredField


def a_body(content: str, *fields: str, **changes: Any) -> VersionBody:
    return VersionBody(
        content=content,
        required_fields=tuple(RequiredField(name=name) for name in fields),
        **changes,
    )


def places(findings: list[Finding]) -> list[tuple[str, str, str, int, int]]:
    return [(f.code, f.severity, f.field, f.line, f.column) for f in findings]


def test_a_sound_version_has_no_findings() -> None:
    body = a_body("Hi {{ name }}", "name", "goal", metaprompt="{{ goal }}")

    assert lint(body) == []


def test_an_undeclared_variable_is_found_where_it_is_first_used() -> None:
    findings = lint(a_body("tone\ntone {{ x }} {{ tone }}\n{{ tone }}", "x"))

    assert places(findings) == [("undeclared", "warning", "content", 2, 17)]
    assert findings[0].message == "`tone` is used but not declared."
    assert findings[0].remedy


def test_an_undeclared_variable_with_a_default_is_only_mentioned() -> None:
    findings = lint(a_body("{{ tone|default('calm') }}"))

    assert places(findings) == [("undeclared", "info", "content", 1, 4)]


def test_a_declared_field_that_is_not_used_is_found() -> None:
    findings = lint(a_body("{{ a }}", "a", "b"))

    assert places(findings) == [("unused", "warning", "required_fields", 2, 1)]


def test_a_broken_template_is_found_in_its_field_and_line() -> None:
    findings = lint(a_body("{{ a }}", "a", system_prompt="fine\n  {% macro m() %}"))

    assert places(findings) == [("syntax", "error", "system_prompt", 2, 3)]
    assert findings[0].message == "Macros are not available."


def test_fields_are_not_called_unused_while_a_template_is_broken() -> None:
    assert [f.code for f in lint(a_body("{{ a", "a"))] == ["syntax"]


def test_fields_that_cannot_be_saved_are_found() -> None:
    body = a_body("{{ a }}", "a", "a")

    assert [(f.code, f.severity) for f in lint(body)] == [("field", "error")]


def test_the_line_ends_of_other_systems_count_once() -> None:
    findings = lint(a_body("one\r\ntwo\r\n{{ tone }}"))

    assert (findings[0].line, findings[0].column) == (3, 4)


def test_an_expression_over_several_lines_is_found() -> None:
    findings = lint(a_body("{{\n  tone\n}}"))

    assert (findings[0].line, findings[0].column) == (2, 3)


def test_linting_the_same_text_again_is_quick() -> None:
    body = a_body("word {{ name }} " * 500, "name")
    lint(body)

    started = time.perf_counter()
    for _ in range(20):
        lint(body)

    assert time.perf_counter() - started < 1
