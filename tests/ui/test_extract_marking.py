"""Marking prompts that no rule found, on the page of extraction without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from core.accounts.applications import list_applications
from core.documents import Prompt, SourceReview, SourceText
from core.extraction.sources import take_text
from core.prompts.versions import get_version
from core.values.scope import Scope
from streamlit_app import bridge
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, button_keys

FOUND = "Act as a storyteller. I will give you a topic, and you tell a tale of it."
UNSEEN = "A haiku about {season},\n   please."
TEXT = f"""# Poems

Our favourite of all times is this one: {UNSEEN} It never fails.

```
{FOUND}
```

It never fails, or so they say.
"""


@pytest.fixture
def source(ui: Ui, owner: Scope) -> SourceText:
    application = bridge.run(list_applications(owner))[0]
    return bridge.run(take_text(owner, application.key, TEXT, ui.runtime.extractor, title="Book"))


def review(ui: Ui, source: SourceText) -> AppTest:
    return ui.open("extract", source=str(source.key))


def at(text: str) -> int:
    return TEXT.index(text)


def mark(app: AppTest, words: str) -> AppTest:
    """Paste the words in the dialog; a run of the whole page, as each is here, closes it."""
    app.button(key="mark_ask").click().run()
    app.text_area(key="mark_text").input(words)
    return app.button(key="mark_it").click().run()


def test_a_pasted_stretch_becomes_a_proposal_that_is_saved_as_it_stands(
    ui: Ui, owner: Scope, source: SourceText
) -> None:
    app = mark(review(ui, source), "A haiku about {season}, please.")

    assert not app.exception
    assert app.query_params["at"] == f"{at(UNSEEN)}-{at(UNSEEN) + len(UNSEEN)}"
    assert app.checkbox(key=f"tick_{at(UNSEEN)}").value
    again = review(ui, source)
    assert "A haiku about" in again.button(key=f"open_{at(UNSEEN)}").label
    again.checkbox(key=f"tick_{at(FOUND)}").uncheck().run()
    again.button(key="extract_ask").click().run()
    again.button(key="extract_save").click().run()

    prompt = bridge.run(Prompt.find_all().to_list())[0]
    version = bridge.run(get_version(owner, prompt, "1.0.0"))
    assert version.content == "A haiku about {{ season }},\n   please."
    assert f"tick_{at(UNSEEN)}" not in {box.key for box in again.checkbox}


def test_a_mark_is_taken_away_and_comes_back_with_undo(ui: Ui, source: SourceText) -> None:
    app = mark(review(ui, source), UNSEEN)
    app.button(key=f"drop_{at(UNSEEN)}").click().run()
    assert f"open_{at(UNSEEN)}" not in button_keys(app)
    assert bridge.run(SourceReview.find_all().count()) == 0

    app.button(key="extract_undo").click().run()
    assert f"open_{at(UNSEEN)}" in button_keys(app)
    app.button(key="extract_undo").click().run()

    assert f"open_{at(UNSEEN)}" not in button_keys(app)
    assert "extract_undo" not in button_keys(app)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "nothing to look for"),
        ("A haiku about {winter}", "don't stand in the source"),
        ("It never fails", "stand in the source 2 times"),
        ("tell a tale of it.", "in the proposal \u201cPoems\u201d already"),
    ],
)
def test_what_cannot_be_marked_is_told_and_hinders_nothing(
    ui: Ui, source: SourceText, words: str, message: str
) -> None:
    app = mark(review(ui, source), words)

    assert message in app.error[0].value
    mark(app, UNSEEN)
    assert not app.error
    assert f"open_{at(UNSEEN)}" in button_keys(app)


def test_marking_the_same_again_leads_to_it(ui: Ui, source: SourceText) -> None:
    app = mark(mark(review(ui, source), UNSEEN), UNSEEN)

    assert not app.error
    assert f"drop_{at(UNSEEN)}" in button_keys(app)


def test_viewers_mark_nothing(ui: Ui, owner: Scope, source: SourceText) -> None:
    a_member(ui, owner, "viewer")

    assert "mark_ask" not in button_keys(review(ui, source))
