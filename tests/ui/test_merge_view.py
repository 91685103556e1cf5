"""The comparison of two texts: what is marked where the last line ends without a line break."""

import pytest

from streamlit_app.editor.merge_view import ended


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("One.", "One.\nTwo.", ("One.\n", "One.\nTwo.\n")),
        ("One.", "Two.\nOne.", ("One.", "Two.\nOne.")),
        ("One.\n", "One.\nTwo.", ("One.\n", "One.\nTwo.")),
        ("", "One.", ("\n", "One.\n")),
    ],
)
def test_a_line_added_at_the_end_leaves_the_last_one_unchanged(
    old: str, new: str, marked: tuple[str, str]
) -> None:
    assert ended(old, new) == marked
