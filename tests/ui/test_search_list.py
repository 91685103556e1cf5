"""The button that opens a search without a browser: what of a name stands on it."""

import pytest

from streamlit_app.components.search_list import fitted
from tests.ui.conftest import Ui


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


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("page", ["playground", "compare"])
def test_an_empty_choice_of_prompts_leads_to_where_they_are_written(ui: Ui, page: str) -> None:
    app = ui.open(page)

    assert "There is no prompt yet." in [one.value for one in app.caption]
    assert "Write or import one in the library" in [one.proto.label for one in app.get("page_link")]
