"""The editor page by role and state, without a browser."""

import pytest

from core.prompts.publishing import publish_version
from core.prompts.versions import update_draft
from core.prompts.workspace import find_draft
from core.values.body import VersionBody
from core.values.scope import Scope
from streamlit_app import bridge
from tests.ui.conftest import Ui
from tests.ui.desk import (
    a_member,
    a_prompt,
    button_keys,
    markdown,
    numbers,
    stored,
    type_text,
)


def test_the_owner_gets_the_newest_version_and_every_action(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Hello", "Hello {{ name }}", published=1)

    app = ui.open("editor", prompt="greet")

    assert not app.exception
    assert app.title[0].value == "Greet"
    assert "Draft 1.0.1" in markdown(app)
    assert {"try", "save", "publish"} <= button_keys(app)
    assert app.session_state["desk"].copy.texts["content"] == "Hello {{ name }}"


def test_an_editor_may_save_but_not_publish(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Hello")
    a_member(ui, owner, "editor")

    app = ui.open("editor", prompt="greet")

    assert {"try", "save"} <= button_keys(app)
    assert "publish" not in button_keys(app)


def test_a_viewer_reads_and_finds_no_dead_button(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Hello {{ name }}")
    a_member(ui, owner, "viewer")

    app = ui.open("editor", prompt="greet")

    assert not app.exception
    assert "Editing needs the role editor" in markdown(app)
    assert not button_keys(app) & {"try", "save", "publish", "fix_0", "declare_name"}


def test_a_stranger_is_told_that_there_is_none(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Hello")
    ui.sign_in(ui.add_user("stranger@example.org"))

    app = ui.open("editor", prompt="greet")

    assert app.error[0].value.startswith("**Not found.**")


def test_the_first_save_of_an_empty_prompt_makes_1_0_0(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner)
    app = ui.open("editor", prompt="greet")

    type_text(app, "Hello")
    app.button(key="save").click().run()

    assert not app.exception
    assert [toast.value for toast in app.toast] == ["Saved the new draft 1.0.0."]
    assert stored(owner, prompt, "1.0.0").content == "Hello"
    assert app.query_params["version"] == "1.0.0"


def test_saving_a_draft_changes_it_in_place_and_forgets_the_autosave(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello")
    app = ui.open("editor", prompt="greet")

    type_text(app, "Hello you")
    app.button(key="save").click().run()

    assert numbers(owner, prompt) == ["1.0.0"]
    assert stored(owner, prompt, "1.0.0").content == "Hello you"
    assert bridge.run(find_draft(owner, prompt)) is None
    assert "Unsaved edits" not in markdown(app)


def test_saving_what_is_stored_says_so(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Hello", published=1)
    app = ui.open("editor", prompt="greet")

    app.button(key="save").click().run()

    assert [toast.value for toast in app.toast] == ["Nothing to save: equal to 1.0.0."]


def test_a_text_that_breaks_a_rule_is_not_saved_and_the_reason_is_told(
    ui: Ui, owner: Scope
) -> None:
    prompt = a_prompt(owner, "Hello")
    app = ui.open("editor", prompt="greet")

    type_text(app, "Hello {{ name")
    app.button(key="save").click().run()

    assert not app.exception
    assert app.error
    assert stored(owner, prompt, "1.0.0").content == "Hello"
    assert not type_text(app, "Hello {{ name }}").error


def test_an_empty_text_is_not_saved(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner)
    app = ui.open("editor", prompt="greet")

    app.button(key="save").click().run()

    assert "has no text yet" in app.error[0].value
    assert numbers(owner, prompt) == []


def test_unsaved_edits_are_there_in_the_next_browser_and_can_be_discarded(
    ui: Ui, owner: Scope
) -> None:
    prompt = a_prompt(owner, "Hello")
    type_text(ui.open("editor", prompt="greet"), "Hello you")

    app = ui.open("editor", prompt="greet")

    assert app.session_state["desk"].copy.texts["content"] == "Hello you"
    assert "Unsaved edits from" in markdown(app)
    app.button(key="discard").click().run()
    assert app.session_state["desk"].copy.texts["content"] == "Hello"
    assert bridge.run(find_draft(owner, prompt)) is None


def test_typing_back_what_is_stored_forgets_the_autosave(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello")
    app = ui.open("editor", prompt="greet")

    type_text(app, "Hello you")
    type_text(app, "Hello")

    assert bridge.run(find_draft(owner, prompt)) is None


@pytest.mark.parametrize(("choice", "text"), [("take_theirs", "Theirs"), ("keep_mine", "Mine")])
def test_a_save_in_between_is_a_choice_between_both(
    ui: Ui, owner: Scope, choice: str, text: str
) -> None:
    prompt = a_prompt(owner, "Hello")
    app = ui.open("editor", prompt="greet")
    bridge.run(update_draft(owner, prompt, "1.0.0", VersionBody(content="Theirs")))
    type_text(app, "Mine")

    app.button(key="save").click().run()
    assert "changed while you were editing" in markdown(app)
    assert stored(owner, prompt, "1.0.0").content == "Theirs"
    app.button(key=choice).click().run()

    assert not app.exception
    assert "changed while you were editing" not in markdown(app)
    assert not app.error
    assert stored(owner, prompt, "1.0.0").content == text
    assert app.session_state["desk"].copy.texts["content"] == text


def test_a_publish_in_between_keeps_the_typed_text_for_a_new_draft(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello")
    app = ui.open("editor", prompt="greet")
    bridge.run(publish_version(owner, prompt, "1.0.0"))
    type_text(app, "Mine")

    app.button(key="save").click().run()
    assert "was published while you were editing" in markdown(app)
    app.button(key="keep_mine").click().run()
    app.button(key="try").click().run()

    assert not app.exception
    assert numbers(owner, prompt) == ["1.0.1", "1.0.0"]
    assert stored(owner, prompt, "1.0.1").content == "Mine"
    assert stored(owner, prompt, "1.0.0").content == "Hello"


def test_a_variable_of_the_text_is_declared_by_one_click(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Hello {{ first_name }}")
    app = ui.open("editor", prompt="greet")

    app.button(key="fix_0").click().run()

    assert [row["name"] for row in app.session_state["desk"].copy.fields] == ["first_name"]
    assert "not declared" not in markdown(app)


def test_an_unused_field_is_removed_by_one_click(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Hello {{ a }}")
    app = ui.open("editor", prompt="greet", pane="Variables")
    app.button(key="declare_a").click().run()
    type_text(app, "Hello")

    app.button(key="undeclare_a").click().run()

    assert app.session_state["desk"].copy.fields == []


def test_a_hostile_name_is_shown_as_it_is(ui: Ui, owner: Scope) -> None:
    name = "**x** :red[y] <script> $z$"
    prompt = a_prompt(owner, "Hello", name=name)

    app = ui.open("editor", prompt=prompt.prompt_id)

    assert app.title[0].value.replace("\\", "") == name
    assert "**x**" not in app.title[0].value


@pytest.mark.parametrize("pane", ["Preview", "Variables", "Model", "Changes"])
def test_every_pane_draws_for_editors_and_viewers(ui: Ui, owner: Scope, pane: str) -> None:
    a_prompt(owner, "Hello", "Hello {{ name }}", published=1)

    assert not ui.open("editor", prompt="greet", pane=pane).exception
    a_member(ui, owner, "viewer")
    assert not ui.open("editor", prompt="greet", pane=pane).exception
