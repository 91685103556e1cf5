"""Operations, operators and methods do what they do in jinja2, as long as they stay small."""

import jinja2
import pytest

from core.templates.render import render, render_marked
from tests.core.templates.ordinary import ORDINARY, VALUES


@pytest.mark.parametrize("source", ORDINARY)
def test_an_ordinary_template_renders_as_in_plain_jinja2(source: str) -> None:
    expected = jinja2.Environment(keep_trailing_newline=True).from_string(source).render(VALUES)  # noqa: S701 -- prompts are no HTML

    assert render(source, VALUES, field="content") == expected


@pytest.mark.parametrize("source", ORDINARY)
def test_marked_stretches_join_to_the_rendered_text(source: str) -> None:
    segments = render_marked(source, VALUES, field="content")

    assert "".join(segment.text for segment in segments) == render(source, VALUES, field="content")
