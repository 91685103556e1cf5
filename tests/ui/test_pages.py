"""The pages of a list and the field that searches it, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest


def thirty_five() -> None:
    """A list in pages of ten that the word `few` narrows to five, and any other to nothing."""
    # ruff: noqa: PLC0415  # AppTest takes the source of the function
    import streamlit as st

    from streamlit_app.components.pages import Pages
    from streamlit_app.components.search_box import search_box

    pages = Pages("at", 10)
    text = search_box("Search", "Anything", key="find", on_change=pages.begin_again)
    found = list(range({"": 35, "few": 5}.get(text, 0)))
    st.text(f"{pages.part(found)}")
    st.text(f"{found[pages.skip : pages.skip + pages.size]}")
    pages.draw(len(found))


def opened(**address: str) -> AppTest:
    app = AppTest.from_function(thirty_five)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def rows(app: AppTest) -> str:
    """What is shown; a list that is all here and one that the database cuts show the same."""
    assert not app.exception
    whole, cut = (text.value for text in app.text)
    assert whole == cut
    return whole


@pytest.mark.parametrize(
    ("asked", "first", "count"),
    [("3", 20, 10), ("4", 30, 5), ("50", 30, 5), ("0", 0, 10), ("-1", 0, 10), ("9" * 20, 0, 10)],
)
def test_any_address_shows_a_page_that_there_is(asked: str, first: int, count: int) -> None:
    assert rows(opened(at=asked)) == str(list(range(first, first + count)))


def test_another_search_begins_at_the_first_page_and_so_does_the_list_after_it() -> None:
    app = opened(at="3")

    app.text_input(key="find").set_value(" few\0 ").run()
    assert rows(app) == str(list(range(5)))
    assert "at" not in app.query_params
    app.text_input(key="find").set_value("nothing like it").run()
    assert rows(app) == "[]"
    app.text_input(key="find").set_value("").run()

    assert rows(app) == str(list(range(10)))


def test_a_list_that_became_short_leaves_the_page_of_the_address() -> None:
    assert rows(opened(at="3", find="few")) == str(list(range(5)))
