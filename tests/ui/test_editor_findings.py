"""What the editor finds in a text and puts right, and what it keeps when somebody leaves."""

import pytest

from core.templates.lint import Finding, FindingCode
from core.values.scope import Scope
from streamlit_app.components.desk.text_fixes import fix_of
from tests.ui.conftest import Ui
from tests.ui.desk import a_prompt, markdown

EXPOSED = "Summarize this for the board.\n{{ notes }}\nKeep to five lines."


def test_a_value_among_the_instructions_is_set_apart_by_one_click(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, EXPOSED)
    app = ui.open("editor", prompt="greet")
    app.button(key="fix_0").click().run()  # declares it
    assert "may be taken for an instruction" in markdown(app)

    app.button(key="fix_0").click().run()

    assert "<notes>\n{{ notes }}\n</notes>" in app.session_state["desk"].copy.texts["content"]
    assert "may be taken for an instruction" not in markdown(app)


def test_what_was_typed_last_is_kept_when_another_page_is_opened(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Hello")
    app = ui.open("editor", prompt="greet")
    revision = app.session_state["desk"].revision
    app.session_state["text_content"] = {"doc": {"text": "Hello again", "revision": revision}}

    app.switch_page("app_pages/library.py").run()

    assert not app.exception
    elsewhere = ui.open("editor", prompt="greet")
    assert elsewhere.session_state["desk"].copy.texts["content"] == "Hello again"


@pytest.mark.parametrize(
    ("code", "line", "column", "text", "after"),
    [
        ("placement", 1, 14, "Translate {{ text }} now.", "Translate <text>{{ text }}</text> now."),
        ("placement", 2, 4, "To do:\r\n{{ a }}", "To do:\r\n<a>\n{{ a }}\n</a>"),
        ("duplicate", 2, 1, "Always be brief here.\n- Always be brief here.\nEnd", None),
        ("duplicate", 1, 12, "Be kind. Always be brief here.", "keep"),
        ("unreachable", 1, 1, "{% if false %}x{% endif %}", "keep"),
        ("placement", 9, 1, "Only one line", "keep"),
    ],
)
def test_only_what_is_clear_is_put_right(
    code: FindingCode, line: int, column: int, text: str, after: str | None
) -> None:
    fix = fix_of(Finding(code, "info", "content", line, column, "", ""), text)

    if after == "keep":
        assert fix is None
    else:
        assert fix is not None
        assert fix.text == (after or "Always be brief here.\nEnd")
