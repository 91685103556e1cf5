"""Differences of versions in words."""

import pytest

from core.prompts.diff import compare
from core.values.fields import RequiredField
from streamlit_app.components.change_list import say_change, say_lines, why_bump
from tests.builders import a_body


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("a\nb", "a\nc", "1 line changed"),
        ("a", "a\nb\nc", "2 lines added"),
        ("a\nb\nc", "x\ny\nz\nw", "3 lines changed, 1 added"),
        ("a\nb", "a", "1 line removed"),
        ("a", "a\n", "only white space"),
    ],
)
def test_lines_are_counted(before: str, after: str, words: str) -> None:
    assert say_lines(before, after) == words


def test_a_new_required_field_breaks_callers_and_is_said_so() -> None:
    changes = compare(a_body(), a_body(required_fields=[RequiredField(name="topic")]))

    assert [say_change(change) for change in changes] == [":orange-badge[+ topic]"]
    assert why_bump(changes) == "callers that don't send `topic` are refused"


def test_a_parameter_is_told_with_both_values() -> None:
    changes = compare(a_body(), a_body(model_params={"temperature": 0.3}))

    assert [say_change(change) for change in changes] == ["temperature not set → **0.3**"]
    assert why_bump(changes) == "callers can go on as they do"


def test_text_alone_breaks_nobody() -> None:
    assert why_bump(compare(a_body("a"), a_body("b"))) == "only the text changed"


def test_what_people_wrote_is_never_markdown() -> None:
    changes = compare(a_body(), a_body(model_params={"stop": ["**x**", ":red[y]"]}))

    assert "**x**" not in say_change(changes[0])
    assert ":red[" not in say_change(changes[0])


def test_what_a_version_is_made_of_is_told_with_both_versions() -> None:
    made = {"dependency_type": "guardrail", "prompt_id": "house", "version": "1.0.0"}
    changes = compare(
        a_body(dependencies=[made]), a_body(dependencies=[{**made, "version": "1.1.0"}])
    )

    assert [say_change(change) for change in changes] == ["guardrail house 1.0.0 → **1.1.0**"]


def test_a_variable_that_is_only_in_the_text_is_told_as_what_breaks_callers() -> None:
    changes = compare(a_body("Hello"), a_body("Hello {{ tone }}"))

    assert why_bump(changes) == "callers must send a variable that isn't declared"


def test_checks_are_named_as_in_the_editor() -> None:
    checks = {"pre_validation": {"enabled": True, "validators": ["secrets"]}}

    changes = compare(a_body(), a_body(guardrail_config=checks))

    assert [say_change(change) for change in changes] == [
        "Check what is sent: off → **on**",
        "Look for: not set → **secrets**",
    ]
