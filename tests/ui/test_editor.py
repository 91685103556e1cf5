"""The Python side of the editor: what a page gets, without a browser."""

# ruff: noqa: PLC0415 (AppTest runs the body of a page alone)

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from streamlit_app.editor import Finding, code_editor, current_text, merge_view


def page() -> None:
    import streamlit as st

    from streamlit_app.editor import code_editor

    revision: int = st.session_state.get("revision", 0)
    text, trigger = code_editor("Hello", key="body", revision=revision, label="Prompt text")
    st.text(text)
    st.text(str(trigger))


def diff_page() -> None:
    from streamlit_app.editor import Finding, code_editor, merge_view

    code_editor(
        "{{ a",
        key="body",
        label="Prompt text",
        variables=("a", "b"),
        findings=[Finding(1, 4, "error", "}} is missing")],
    )
    merge_view("old", "new", key="changes", old_title="1.0.0", new_title="1.1.0")


def shown(app: AppTest) -> list[str]:
    assert not app.exception
    return [element.value for element in app.text]


def sent(text: str, revision: int, trigger: str | None = None) -> dict[str, Any]:
    """The state as the browser sends it."""
    state: dict[str, Any] = {"doc": {"text": text, "revision": revision}}
    if trigger:
        state["command"] = {"name": trigger, "id": "1", "revision": revision}
    return state


def test_the_editor_returns_the_text_of_the_page_until_something_is_typed() -> None:
    app = AppTest.from_function(page).run()

    assert shown(app) == ["Hello", "None"]


def test_typed_text_wins_over_the_text_of_the_page() -> None:
    app = AppTest.from_function(page).run()

    app.session_state["body"] = sent("Hello you", revision=0)

    assert shown(app.run()) == ["Hello you", "None"]


def test_a_new_revision_wins_over_typed_text() -> None:
    app = AppTest.from_function(page).run()
    app.session_state["body"] = sent("Hello you", revision=0)
    app.run()

    app.session_state["revision"] = 1

    assert shown(app.run()) == ["Hello", "None"]


@pytest.mark.parametrize("trigger", ["save", "run"])
def test_a_shortcut_is_returned_once(trigger: str) -> None:
    app = AppTest.from_function(page).run()
    app.session_state["body"] = sent("Hello you", revision=0, trigger=trigger)

    first, second = shown(app.run()), shown(app.run())

    assert first == ["Hello you", trigger]
    assert second == ["Hello you", "None"]


def test_a_shortcut_pressed_in_an_earlier_session_is_not_repeated() -> None:
    app = AppTest.from_function(page)

    app.session_state["body"] = sent("Hello you", revision=0, trigger="run")

    assert shown(app.run()) == ["Hello you", "None"]


def test_a_shortcut_for_a_replaced_text_is_dropped() -> None:
    app = AppTest.from_function(page).run()

    app.session_state["body"] = sent("Hello you", revision=0, trigger="save")
    app.session_state["revision"] = 1

    assert shown(app.run()) == ["Hello", "None"]


@pytest.mark.parametrize(
    "state", [None, "x", {}, {"doc": None}, {"doc": {"text": 1}}, {"command": "save"}]
)
def test_a_state_that_is_no_text_is_ignored(state: object) -> None:
    app = AppTest.from_function(page).run()

    app.session_state["body"] = state

    assert shown(app.run()) == ["Hello", "None"]


def test_findings_and_changes_mount() -> None:
    app = AppTest.from_function(diff_page).run()

    assert not app.exception
    assert len(app.get("bidi_component")) == 2


def test_the_public_names_are_what_pages_import() -> None:
    assert all(callable(name) for name in (code_editor, current_text, merge_view))
    assert Finding(1, 0, "info", "x")._asdict() == {
        "line": 1,
        "column": 0,
        "severity": "info",
        "message": "x",
    }
