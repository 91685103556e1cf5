"""Talking to an answer, examples, ratings and free texts in the playground, without a browser."""

import pytest
from bson import ObjectId
from streamlit.testing.v1 import AppTest

from core.accounts.members import set_member
from core.documents import Application, ExecutionLog, Feedback, Prompt
from core.prompts.catalogue import get_prompt
from core.prompts.examples import NewExample, list_examples, save_example
from core.prompts.versions import get_version
from core.values.scope import SYSTEM, Scope
from streamlit_app import bridge
from streamlit_app.components.playground.panel import MAX_TURNS, Panel
from streamlit_app.components.playground.turns import Turn
from tests.builders import a_body
from tests.ui.conftest import Ui
from tests.ui.test_playground import TYPED, a_prompt, texts, the_rows, type_json, value_key

pytestmark = pytest.mark.usefixtures("owner")


def run_with(app: AppTest, prompt: Prompt, name: str = "Ada") -> AppTest:
    app.text_area(key=value_key(prompt, "string", "name")).set_value(name).run()
    return app.button(key="run").click().run()


def say(app: AppTest, text: str) -> AppTest:
    return app.chat_input[0].set_value(text).run()


def said(row: ExecutionLog) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in row.rendered_messages]


def test_each_turn_is_an_execution_that_repeats_what_was_said(ui: Ui) -> None:
    prompt = a_prompt()
    app = run_with(ui.open("playground", prompt=prompt.prompt_id), prompt)

    say(app, "Shorter")
    say(app, "In German")

    third, second, first = the_rows()
    answers = [row.output_data["text"] for row in (first, second, third)]
    opening = ("user", "Say hello to Ada.")
    assert said(first) == [opening]
    assert said(second) == [opening, ("assistant", answers[0]), ("user", "Shorter")]
    assert said(third)[3:] == [("assistant", answers[1]), ("user", "In German")]
    assert third.metadata["conversation"] == [str(first.key), str(second.key)]
    assert "3 turns" in texts(app)
    assert app.query_params["execution"] == str(third.key)


def test_a_conversation_survives_a_refresh_and_goes_on(ui: Ui) -> None:
    prompt = a_prompt()
    app = run_with(ui.open("playground", prompt=prompt.prompt_id), prompt)
    say(app, "Shorter")

    app = ui.open("playground", prompt=prompt.prompt_id, execution=str(the_rows()[0].key))
    assert [text.value for text in app.text] == ["Shorter"]
    assert app.text_area(key=value_key(prompt, "string", "name")).value == "Ada"
    say(app, "In German")

    assert [text.value for text in app.text] == ["Shorter", "In German"]
    assert len(the_rows()[0].rendered_messages) == 5
    assert len(the_rows()[0].metadata["conversation"]) == 2


def test_what_was_said_last_is_edited_and_the_conversation_forgotten(ui: Ui) -> None:
    prompt = a_prompt()
    app = run_with(ui.open("playground", prompt=prompt.prompt_id), prompt)
    say(app, "Shorter")

    app.button(key="edit_last").click().run()
    area = next(area for area in app.text_area if area.label == "Your message")
    area.set_value("Longer")
    next(button for button in app.button if button.label == "Send").click().run()

    assert [text.value for text in app.text] == ["Longer"]
    assert [content for _, content in said(the_rows()[0])][2:] == ["Longer"]
    app.button(key="start_over").click().run()
    assert not app.text
    assert "execution" not in app.query_params
    assert len(the_rows()) == 3


def test_a_message_that_is_too_long_is_told_and_kept_for_editing(ui: Ui) -> None:
    prompt = a_prompt()
    app = run_with(ui.open("playground", prompt=prompt.prompt_id), prompt)

    say(app, "x" * (64 * 1024 + 1))

    assert "It is longer than 64 KiB." in app.error[0].value
    area = next(area for area in app.text_area if area.label == "Your message")
    assert len(area.value or "") == 64 * 1024 + 1
    assert len(the_rows()) == 1
    area.set_value("Shorter")
    next(button for button in app.button if button.label == "Send").click().run()
    assert len(the_rows()) == 2


def test_a_conversation_has_an_end_in_words(ui: Ui) -> None:
    prompt = a_prompt()
    app = run_with(ui.open("playground", prompt=prompt.prompt_id), prompt)
    panel: Panel = app.session_state[f"playground_panel_{prompt.key}"]
    answered = panel.turns[0].ended()._replace(execution_id=None)
    panel.turns = [Turn("More", kept=answered) for _ in range(MAX_TURNS)]

    say(app, "More")

    assert f"This conversation has {MAX_TURNS} turns" in app.error[0].value
    assert len(the_rows()) == 1


def test_an_example_fills_the_form_and_is_in_the_address(ui: Ui) -> None:
    prompt = a_prompt(TYPED)
    values = {"text": "T", "count": 3, "topics": ["x", {"y": 1}]}
    kept = bridge.run(save_example(SYSTEM, prompt, NewExample(name="Board", values=values)))
    app = ui.open("playground", prompt=prompt.prompt_id)

    box = next(box for box in app.selectbox if box.label == "Example")
    assert box.options == ["Board"]
    box.set_value(str(kept.key)).run()

    def expect_filled(app: AppTest) -> None:
        assert app.text_area(key=value_key(prompt, "string", "text")).value == "T"
        assert app.number_input(key=value_key(prompt, "number", "count")).value == 3
        topics = app.session_state[value_key(prompt, "array", "topics")]
        assert topics == '["x", {"y": 1}]'

    expect_filled(app)
    assert app.query_params["example"] == str(kept.key)
    expect_filled(ui.open("playground", prompt=prompt.prompt_id, example=str(kept.key)))


def test_an_address_with_an_example_that_is_gone_says_so(ui: Ui) -> None:
    prompt = a_prompt()

    app = ui.open("playground", prompt=prompt.prompt_id, example=str(ObjectId()))

    assert not app.exception
    assert "example" not in app.query_params


def test_values_are_saved_as_an_example_with_lists_read(ui: Ui) -> None:
    prompt = a_prompt(TYPED)
    app = ui.open("playground", prompt=prompt.prompt_id)
    app.text_area(key=value_key(prompt, "string", "text")).set_value("T").run()
    type_json(app, value_key(prompt, "array", "topics"), '["a", {"b": null}]')

    app.button(key="example_save").click().run()
    app.text_input(key="example_name").set_value("Mine")
    app.button(key="example_store").click().run()

    assert [one.name for one in bridge.run(list_examples(SYSTEM, prompt)).items] == ["Mine"]


def test_stars_are_stored_changed_and_taken_back(ui: Ui) -> None:
    prompt = a_prompt()
    app = run_with(ui.open("playground", prompt=prompt.prompt_id), prompt)
    stars = app.feedback[0]

    stars.set_value(3).run()
    (rating,) = bridge.run(Feedback.find_all().to_list())
    assert (rating.rating, rating.execution_id) == (4, the_rows()[0].key)
    app.feedback[0].set_value(1).run()
    (rating,) = bridge.run(Feedback.find_all().to_list())
    assert rating.rating == 2
    app.feedback[0].set_value(None).run()
    assert bridge.run(Feedback.find_all().to_list()) == []


def test_a_free_text_is_sent_as_it_is_and_becomes_a_prompt(ui: Ui, owner: Scope) -> None:
    app = ui.open("playground", mode="text")
    assert not app.exception
    message = next(area for area in app.text_area if area.label == "Message *")
    system = next(area for area in app.text_area if area.label == "System prompt")

    system.set_value("Be brief.")
    message.set_value("Greet {{ name }} {% now").run()
    app.button(key="run").click().run()

    (row,) = the_rows()
    assert said(row) == [("system", "Be brief."), ("user", "Greet {{ name }} {% now")]
    assert (row.status, row.prompt_id) == ("success", None)
    again = ui.open("playground", mode="text", execution=str(row.key))
    message = next(area for area in again.text_area if area.label == "Message *")
    assert message.value == "Greet {{ name }} {% now"
    say(again, "Shorter")
    assert len(the_rows()[0].rendered_messages) == 4

    message.set_value("Greet {{ name }}").run()
    again.button(key="free_save").click().run()
    again.text_input(key="free_name").set_value("Greeting")
    again.button(key="free_create").click().run()
    prompt = bridge.run(get_prompt(owner, "greeting"))
    version = bridge.run(get_version(owner, prompt, "1.0.0"))
    assert (version.content, version.system_prompt) == ("Greet {{ name }}", "Be brief.")
    assert [field.name for field in version.body.required_fields] == ["name"]


def test_viewers_pick_examples_and_cannot_change_or_rate_anything(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(a_body())
    bridge.run(save_example(owner, prompt, NewExample(name="Board", values={"name": "Bob"})))
    app = run_with(ui.open("playground", prompt=prompt.prompt_id), prompt)
    row = the_rows()[0]
    viewer = ui.add_user("grace@example.org")
    bridge.run(set_member(owner, prompt.application_id, viewer.key, "viewer"))
    ui.sign_in(viewer)

    app = ui.open("playground", prompt=prompt.prompt_id, execution=str(row.key))

    assert next(box for box in app.selectbox if box.label == "Example").options == ["Board"]
    assert "Say hello to Ada." in texts(app)
    assert not app.feedback
    assert not app.chat_input
    assert not {"example_save", "example_more", "run"} & {button.key for button in app.button}
    app = ui.open("playground", mode="text")
    assert "Running needs the role editor in an application." in texts(app)


def test_a_run_of_another_prompt_in_the_address_is_left_alone(ui: Ui) -> None:
    prompt, other = a_prompt(), a_prompt(name="Other")
    run_with(ui.open("playground", prompt=prompt.prompt_id), prompt)

    app = ui.open("playground", prompt=other.prompt_id, execution=str(the_rows()[0].key))

    assert "The answer appears here." in texts(app)
    assert not app.text_area(key=value_key(other, "string", "name")).value


def test_where_the_log_keeps_no_words_the_address_names_no_run(ui: Ui) -> None:
    prompt = a_prompt()

    async def keep_no_words() -> None:
        await Application.collection().update_many({}, {"$set": {"log_content": "none"}})

    bridge.run(keep_no_words())

    app = run_with(ui.open("playground", prompt=prompt.prompt_id), prompt)

    assert "Say hello to Ada." in texts(app)
    assert "execution" not in app.query_params


def test_an_answer_that_is_over_before_it_is_drawn_leaves_no_stop_behind() -> None:
    def page() -> None:
        import streamlit as st  # noqa: PLC0415  # the body is a script of its own
        from bson import ObjectId  # noqa: PLC0415

        from core.values.scope import SYSTEM  # noqa: PLC0415
        from streamlit_app.components.playground.conversation import (  # noqa: PLC0415
            conversation,
        )
        from streamlit_app.components.playground.panel import Panel  # noqa: PLC0415
        from streamlit_app.components.playground.turns import Ended, Turn  # noqa: PLC0415

        panel = Panel.of_session(ObjectId("6b02291d3369993003ce2fc2"))
        panel.turns = [Turn("", kept=Ended("success", "Hello"))]
        is_first = "drawn" not in st.session_state
        st.session_state["drawn"] = True
        st.button("Stop" if is_first else "Run")
        conversation(SYSTEM, panel, drawn=(panel.number, is_first), may_run=False)

    app = AppTest.from_function(page).run()

    assert not app.exception
    assert [button.label for button in app.button] == ["Run"]
