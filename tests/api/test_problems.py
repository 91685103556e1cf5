"""Errors become problem+json in one place."""

import runpy
from pathlib import Path

import pytest

from core import errors
from core.api.problems import describe, status_of, title_of
from core.errors import NotFound, PromptHubError, TemplateInvalid

DOCS = Path(__file__).parents[2] / "docs"
KINDS: list[type[PromptHubError]] = [getattr(errors, name) for name in errors.__all__]


def test_the_page_of_errors_is_up_to_date() -> None:
    generated = runpy.run_path(str(DOCS / "generate.py"))["errors_page"]()

    assert (DOCS / "errors.md").read_text() == generated


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_status_as_its_tree_says_and_a_title(kind: type[PromptHubError]) -> None:
    tree = errors.__doc__ or ""

    line = next(line for line in tree.splitlines() if f"{kind.__name__} " in f"{line} ")

    if kind is not PromptHubError:
        assert str(status_of(kind)) in line
    assert title_of(kind)


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in KINDS]

    assert len(codes) == len(set(codes))


def test_a_problem_holds_the_facts_beside_its_members() -> None:
    problem = describe(TemplateInvalid("There is no end.", field="content", line=3))

    assert problem == {
        "type": "urn:prompthub:error:template_invalid",
        "title": "A template does not parse, uses something refused, or outgrew its budget",
        "status": 422,
        "detail": "There is no end.",
        "code": "template_invalid",
        "field": "content",
        "line": 3,
    }


def test_facts_never_replace_the_members_of_a_problem() -> None:
    problem = describe(PromptHubError("Words.", status=200, code="fine"))

    assert (problem["status"], problem["code"]) == (500, "internal_error")


def test_facts_that_say_nothing_are_left_out() -> None:
    assert "field" not in describe(NotFound("prompt", "greeting"))
