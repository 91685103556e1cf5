"""Compiled templates are kept, but not without end."""

from typing import Any

import pytest

from core.errors import TemplateInvalid
from core.templates import program
from core.templates.program import load


def test_a_template_is_compiled_once() -> None:
    assert load("{{ kept }}", field="content") is load("{{ kept }}", field="system_prompt")


def test_an_error_names_the_field_it_is_asked_for() -> None:
    for field in ("content", "system_prompt"):
        with pytest.raises(TemplateInvalid) as caught:
            load("{{ broken", field=field)

        assert caught.value.field == field


def test_the_cache_is_bounded_in_number_and_size() -> None:
    cache: Any = program._CACHE  # pyright: ignore[reportPrivateUsage] -- nothing public shows the cache
    large = "x" * 60_000

    for number in range(600):
        load(f"{number}{large if number % 10 == 0 else ''}", field="content")

    assert len(cache._programs) <= 512
    assert sum(kept.size_bytes for kept in cache._programs.values()) <= 2 * 1024 * 1024
