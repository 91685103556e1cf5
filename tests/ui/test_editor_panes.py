"""Checks, parts, cost and conflicts in the editor, without a browser."""

from core.prompts.versions import update_draft
from core.prompts.workspace import find_draft
from core.values.body import VersionBody
from core.values.scope import Scope
from streamlit_app import bridge
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt, button_keys, markdown, stored, type_text


def test_checks_are_set_tried_and_saved_with_the_version(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Answer {{ question }}")
    app = ui.open("editor", prompt="greet", pane="Checks")
    desk = app.session_state["desk"]

    app.toggle(key=desk.key("check_checks_input")).set_value(True).run()
    app.button_group(key=desk.key("check_picked")).set_value(["secrets"]).run()
    app.text_area(key="trial_text").set_value("My key is AKIAIOSFODNN7EXAMPLE").run()
    app.button(key="trial_run").click().run()

    assert not app.exception
    assert "would be blocked** by 1 check" in markdown(app)
    draft = bridge.run(find_draft(owner, prompt))
    assert draft is not None
    assert draft.body["checks"]["picked"] == ["secrets"]
    app.button(key="save").click().run()
    policy = stored(owner, prompt, "1.0.0").guardrail_config
    assert policy.pre_validation.enabled
    assert policy.pre_validation.validators == ("secrets",)


def test_a_schema_that_is_no_json_is_told_and_not_saved(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Answer {{ question }}")
    app = ui.open("editor", prompt="greet", pane="Checks")
    desk = app.session_state["desk"]

    app.toggle(key=desk.key("check_checks_output")).set_value(True).run()
    app.text_area(key=desk.key("check_schema")).set_value("{type").run()

    assert "is no JSON" in app.error[0].value
    app.button(key="save").click().run()
    assert not stored(owner, prompt, "1.0.0").guardrail_config.post_validation.enabled


def test_a_part_is_read_in_the_preview_and_removed_again(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Write plainly.", name="House style", published=1)
    prompt = a_prompt(owner, "{{ house_style }} Say hello.")
    part = {"dependency_type": "include", "prompt_id": "house-style", "version": "latest"}
    body = VersionBody.model_validate(
        {"content": "{{ house_style }} Say hello.", "dependencies": [part]}
    )
    bridge.run(update_draft(owner, prompt, "1.0.0", body))

    app = ui.open("editor", prompt="greet", pane="Parts")

    assert not app.exception
    assert "latest → 1.0.0" in markdown(app)
    assert "undeclared" not in markdown(app)


def test_the_cost_is_told_for_the_model_chosen(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello")
    body = VersionBody(content="Hello", model="demo/echo")
    bridge.run(update_draft(owner, prompt, "1.0.0", body))

    app = ui.open("editor", prompt="greet", pane="Model")

    assert "demo/echo is free" in markdown(app)


def test_a_viewer_reads_checks_and_parts_and_boosts_nothing(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Hello {{ name }}")
    a_member(ui, owner, "viewer")

    checks = ui.open("editor", prompt="greet", pane="Checks")
    parts = ui.open("editor", prompt="greet", pane="Parts")

    assert not checks.exception
    assert not parts.exception
    assert not checks.toggle
    assert not button_keys(checks) & {"boost", "save"}
    assert "part_add" not in button_keys(parts)


def test_edits_of_both_are_saved_as_picked(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "one\ntwo\nthree")
    app = ui.open("editor", prompt="greet")
    type_text(app, "ONE\ntwo\nthree")
    theirs = VersionBody(content="one\ntwo\nTHREE", model="openai/gpt-4o")
    bridge.run(update_draft(owner, prompt, "1.0.0", theirs))

    app.button(key="save").click().run()
    assert "choose by field" in markdown(app)
    app.button(key="merge").click().run()

    assert not app.exception
    saved = stored(owner, prompt, "1.0.0")
    assert (saved.content, saved.model) == ("ONE\ntwo\nTHREE", "openai/gpt-4o")
