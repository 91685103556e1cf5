"""The feedback page without a browser: the queue, how versions stand, and the inbox."""

import json
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from streamlit.testing.v1 import AppTest

from core import clock
from core.documents import ExecutionLog, Feedback, Prompt
from core.feedback import NewRating, rate_version
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.feedback.choices import Choice
from streamlit_app.components.feedback.export import make
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt, button_keys, markdown, stored
from tests.ui.test_executions import a_run

SUGGESTED = NewRating(rating=2, comment="Long.", improvement_suggestion="=Say it in one line.")


@pytest.fixture
def prompt(owner: Scope) -> Prompt:
    return a_prompt(owner, "Say hello to {{ name }}.", published=1)


def an_answer(prompt: Prompt, text: str, *, minutes_ago: int) -> ExecutionLog:
    return a_run(
        prompt_id=prompt.prompt_id,
        output_data={"text": text},
        created_at=clock.now() - timedelta(minutes=minutes_ago),
    )


def press(app: AppTest, number: int, run: ExecutionLog) -> AppTest:
    return app.button(key=f"rate_{number}_{run.key}").click().run()


def ratings() -> list[tuple[int, str, str]]:
    found = bridge.run(Feedback.find_all().sort("created_at").to_list())
    return [(one.rating, one.comment, one.improvement_suggestion) for one in found]


def suggest(owner: Scope, prompt: Prompt) -> Feedback:
    version = stored(owner, prompt, "1.0.0")
    return bridge.run(rate_version(owner, prompt, version, SUGGESTED)).feedback


def untold(done: int, total: int) -> None:
    """Nobody watches the progress."""


def table(app: AppTest) -> list[dict[str, Any]]:
    frame: Any = app.dataframe[0].value
    return json.loads(frame.to_json(orient="records"))


@pytest.mark.usefixtures("owner")
def test_without_answers_the_queue_says_so_and_leads_to_the_playground(ui: Ui) -> None:
    app = ui.open("feedback")

    assert not app.exception
    assert "**All rated.**" in markdown(app)
    assert "rate_1" not in str(button_keys(app))


def test_one_press_saves_what_was_written_and_shows_the_next(ui: Ui, prompt: Prompt) -> None:
    old = an_answer(prompt, "Old answer", minutes_ago=9)
    new = an_answer(prompt, "New answer", minutes_ago=1)
    app = ui.open("feedback")
    assert "New answer" in markdown(app)

    app.text_area(key=f"rate_comment_{new.key}").input("Kind.").run()
    app.text_area(key=f"rate_suggestion_{new.key}").input("Name the day.").run()
    press(app, 4, new)

    assert ratings() == [(4, "Kind.", "Name the day.")]
    assert "Old answer" in markdown(app)
    assert app.text_area(key=f"rate_comment_{old.key}").value == ""


def test_back_shows_the_rating_given_and_another_number_corrects_it(ui: Ui, prompt: Prompt) -> None:
    an_answer(prompt, "Old answer", minutes_ago=9)
    new = an_answer(prompt, "New answer", minutes_ago=1)
    app = press(ui.open("feedback"), 4, new)

    app.button(key="queue_back").click().run()
    assert "You gave it 4." in "\n".join(one.value for one in app.caption)
    # The queue takes no two presses within the time of a double one.
    app.session_state["feedback_line"].grace_seconds = 0
    press(app, 2, new)

    assert [given[0] for given in ratings()] == [2]


def test_the_second_press_of_a_double_one_rates_nothing_else(ui: Ui, prompt: Prompt) -> None:
    old = an_answer(prompt, "Old answer", minutes_ago=9)
    new = an_answer(prompt, "New answer", minutes_ago=1)

    app = press(ui.open("feedback"), 5, new)
    app.session_state["feedback_line"].grace_seconds = 60
    press(app, 5, old)

    assert len(ratings()) == 1


def test_skipped_answers_come_again(ui: Ui, prompt: Prompt) -> None:
    an_answer(prompt, "Only answer", minutes_ago=1)
    app = ui.open("feedback")

    app.button(key="queue_skip").click().run()
    assert "1 answer skipped" in markdown(app)
    app.button(key="queue_again").click().run()

    assert "Only answer" in markdown(app)
    assert ratings() == []


def test_the_address_narrows_the_queue_and_a_filter_can_be_removed(
    ui: Ui, owner: Scope, prompt: Prompt
) -> None:
    other = a_prompt(owner, "Bye.", name="Other")
    an_answer(prompt, "Greeting", minutes_ago=1)

    app = ui.open("feedback", prompt=other.prompt_id)
    assert f"**Nothing to rate of {other.prompt_id}.**" in markdown(app)
    app.button(key="queue_all").click().run()

    assert "Greeting" in markdown(app)


def test_versions_show_mean_interval_and_the_drawer_of_their_ratings(
    ui: Ui, owner: Scope, prompt: Prompt
) -> None:
    suggest(owner, prompt)

    (row,) = table(ui.open("feedback", tab="versions"))
    assert (row["Prompt"], row["Version"], row["Rating"], row["Ratings"]) == (
        "Greet",
        "1.0.0",
        2.0,
        1,
    )
    assert row["95 % interval"] == "1.1 to 4.5"
    assert row["Change"] is None
    asked = f"{prompt.application_id}/{prompt.prompt_id}/1.0.0"
    app = ui.open("feedback", tab="versions", ratings=asked)

    assert not app.exception
    assert "mean of 1 rating" in markdown(app)
    assert "Long." in markdown(app)


@pytest.mark.usefixtures("owner")
def test_a_drawer_for_nothing_is_told(ui: Ui) -> None:
    app = ui.open("feedback", tab="versions", ratings=f"{ObjectId()}/nothing/1.0.0")

    assert "Not found." in app.error[0].value
    assert "No version was rated yet." in markdown(app)


def test_a_suggestion_is_marked_as_done_and_opened_again(
    ui: Ui, owner: Scope, prompt: Prompt
) -> None:
    one = suggest(owner, prompt)
    app = ui.open("feedback", tab="suggestions")
    assert "=Say it in one line." in markdown(app)

    app.button(key=f"turn_{one.key}").click().run()
    assert "No open suggestions." in markdown(app)
    app = ui.open("feedback", tab="suggestions", suggestions="Done")

    assert app.button(key=f"turn_{one.key}").label == "Open again"


def test_the_editor_shows_the_suggestion_beside_the_text(
    ui: Ui, owner: Scope, prompt: Prompt
) -> None:
    one = suggest(owner, prompt)

    app = ui.open("editor", prompt=prompt.prompt_id, suggestion=str(one.key))
    assert "=Say it in one line." in markdown(app)
    app.button(key=f"note_{one.key}").click().run()

    assert "=Say it in one line." not in markdown(app)
    stored_one = bridge.run(Feedback.get(one.key))
    assert stored_one is not None
    assert stored_one.done_by == owner.user_id


def test_the_export_is_safe_for_spreadsheets(owner: Scope, prompt: Prompt) -> None:
    suggest(owner, prompt)

    made = bridge.run(make(owner, Choice(None, prompt.prompt_id, None), untold))

    head, row = made.content.decode("utf-8-sig").splitlines()
    assert head.startswith("rated_at,application,prompt_id,version,rating,comment,suggestion")
    assert f"{prompt.prompt_id},1.0.0,2,Long.,'=Say it in one line.,,you," in row


def test_viewers_read_and_are_told_what_rating_needs(ui: Ui, owner: Scope, prompt: Prompt) -> None:
    an_answer(prompt, "An answer", minutes_ago=1)
    one = suggest(owner, prompt)
    a_member(ui, owner, "viewer")

    app = ui.open("feedback")
    assert "Rating needs the role editor" in markdown(app)
    assert "An answer" not in markdown(app)
    app = ui.open("feedback", tab="suggestions")
    assert "=Say it in one line." in markdown(app)
    assert f"turn_{one.key}" not in button_keys(app)
    assert len(table(ui.open("feedback", tab="versions"))) == 1


def test_editors_rate(ui: Ui, owner: Scope, prompt: Prompt) -> None:
    run = an_answer(prompt, "An answer", minutes_ago=1)
    a_member(ui, owner, "editor")

    press(ui.open("feedback"), 3, run)

    assert [given[0] for given in ratings()] == [3]
