"""The button that opens a search without a browser: what of a name stands on it."""

import pytest

from streamlit_app.components.search_list import fitted


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("All prompts", "All prompts"),
        ("Article Summary and Comprehension", "Article Summary and Com…"),
        ("Article Summary and Comma rest", "Article Summary and Com…"),
        ("", ""),
    ],
)
def test_a_name_is_cut_to_one_line_of_the_button(label: str, shown: str) -> None:
    assert fitted(label, 240) == shown
