"""What is typed in the playground comes back after a refresh; a deleted example by Undo."""

import pytest
from streamlit.testing.v1 import AppTest

from core.documents import Application, Example, TypedInput
from core.prompts.examples import NewExample, save_example
from core.values.scope import Scope
from streamlit_app import bridge
from tests.ui.conftest import Ui
from tests.ui.desk import a_member
from tests.ui.test_playground import TYPED, a_prompt, type_json, value_key

WHILE_TYPING = "[1, "


def typed_ones() -> list[TypedInput]:
    return bridge.run(TypedInput.find_all().to_list())


def message(app: AppTest) -> str | None:
    return next(area for area in app.text_area if area.label == "Message *").value


@pytest.mark.usefixtures("owner")
def test_values_of_every_type_come_back_in_a_new_session_also_unfinished_ones(ui: Ui) -> None:
    prompt = a_prompt(TYPED)
    app = ui.open("playground", prompt=prompt.prompt_id)
    assert typed_ones() == []

    app.text_area(key=value_key(prompt, "string", "text")).set_value("Long *text*")
    app.number_input(key=value_key(prompt, "number", "count")).set_value(3.5)
    app.toggle(key=value_key(prompt, "boolean", "brief")).set_value(False)
    type_json(app, value_key(prompt, "array", "topics"), WHILE_TYPING)

    again = ui.open("playground", prompt=prompt.prompt_id)
    assert not again.exception
    assert again.text_area(key=value_key(prompt, "string", "text")).value == "Long *text*"
    assert again.number_input(key=value_key(prompt, "number", "count")).value == 3.5
    assert again.toggle(key=value_key(prompt, "boolean", "brief")).value is False
    assert again.session_state[value_key(prompt, "array", "topics")] == WHILE_TYPING


def test_an_example_of_a_link_goes_before_what_was_typed_unless_it_was_typed_on_it(
    ui: Ui, owner: Scope
) -> None:
    prompt = a_prompt()
    kept = bridge.run(save_example(owner, prompt, NewExample(name="Bo", values={"name": "Bo"})))
    key, link = value_key(prompt, "string", "name"), {"prompt": prompt.prompt_id}
    app = ui.open("playground", **link)
    app.text_area(key=key).set_value("Ada").run()

    app = ui.open("playground", **link, example=str(kept.key))
    assert app.text_area(key=key).value == "Bo"
    app.text_area(key=key).set_value("Bo and Ada").run()

    again = ui.open("playground", **link, example=str(kept.key))
    assert again.text_area(key=key).value == "Bo and Ada"
    again.text_area(key=key).set_value("").run()
    assert typed_ones() == []


def test_a_free_text_comes_back_but_not_where_the_log_keeps_no_words(ui: Ui, owner: Scope) -> None:
    app = ui.open("playground", mode="text")
    next(area for area in app.text_area if area.label == "Message *").set_value("Greet").run()
    assert message(ui.open("playground", mode="text")) == "Greet"
    a_member(ui, owner, "editor")
    assert message(ui.open("playground", mode="text")) == ""

    async def keep_no_words() -> None:
        await Application.collection().update_many({}, {"$set": {"log_content": "none"}})
        await TypedInput.collection().delete_many({})

    bridge.run(keep_no_words())
    app = ui.open("playground", mode="text")
    next(area for area in app.text_area if area.label == "Message *").set_value("Secret").run()
    assert typed_ones() == []


def test_inputs_of_a_comparison_come_back_too_and_are_those_of_the_playground(
    ui: Ui, owner: Scope
) -> None:
    del owner
    prompt = a_prompt()
    key = value_key(prompt, "string", "name")
    app = ui.open("compare", prompt=prompt.prompt_id)
    app.text_area(key=key).set_value("Ada").run()
    app = ui.open("compare", prompt=prompt.prompt_id, inputs="Table")
    app.text_area(key=f"compare_table_{prompt.key}").set_value("name\nBo").run()

    again = ui.open("compare", prompt=prompt.prompt_id, inputs="Table")
    assert again.text_area(key=f"compare_table_{prompt.key}").value == "name\nBo"
    assert ui.open("playground", prompt=prompt.prompt_id).text_area(key=key).value == "Ada"
    assert not again.exception


def test_a_deleted_example_comes_back_by_undo(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt()
    bridge.run(save_example(owner, prompt, NewExample(name="Bo", values={"name": "Bo"})))
    app = ui.open("playground", prompt=prompt.prompt_id)
    app.selectbox(key=f"example_{prompt.key}").select_index(0).run()

    next(menu for menu in app.menu_button if menu.key == "example_more").set_value(
        "Delete..."
    ).run()
    app.button(key="example_delete").click().run()
    assert bridge.run(Example.find_all().to_list()) == []
    app.button(key="example_undo").click().run()

    assert not app.exception
    (back,) = bridge.run(Example.find_all().to_list())
    assert (back.name, back.values) == ("Bo", {"name": "Bo"})
    assert "example_undo" not in {button.key for button in app.button}
