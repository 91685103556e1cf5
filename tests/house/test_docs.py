"""The documentation is what the code says."""

import runpy
from pathlib import Path

import core.errors
from core.templates.filters import FILTERS, TESTS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_settings_is_up_to_date() -> None:
    generated = runpy.run_path(str(DOCS / "generate.py"))["settings_page"]()

    assert (DOCS / "settings.md").read_text() == generated


def test_every_error_is_documented() -> None:
    text = (DOCS / "errors.md").read_text()

    codes = {getattr(core.errors, name).code for name in core.errors.__all__}

    assert [code for code in sorted(codes) if f"`{code}`" not in text] == []


def test_every_filter_and_test_of_templates_is_documented() -> None:
    text = (DOCS / "templates.md").read_text()
    names = {*FILTERS, *(name for name in TESTS if name.isidentifier())}

    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
