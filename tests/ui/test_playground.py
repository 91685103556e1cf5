"""The playground without a browser: the form, what is refused, who may run."""

import pytest
from bson import ObjectId
from streamlit.testing.v1 import AppTest

from core.accounts.members import set_member
from core.documents import Application, ExecutionLog, Prompt
from core.execution.log import ExecutionQuery, list_executions
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.versions import NewVersion, save_version
from core.values.body import VersionBody
from core.values.scope import SYSTEM, Scope
from streamlit_app import bridge
from tests.builders import a_body
from tests.ui.conftest import Ui

TYPED = a_body(
    "{{ text }} {{ count }} {{ brief }} {{ topics }} {{ extra }}",
    required_fields=[
        {"name": "text", "description": "What it is about."},
        {"name": "count", "type": "number", "default": 25},
        {"name": "brief", "type": "boolean", "required": False, "default": True},
        {"name": "topics", "type": "array", "required": False, "default": ["a"]},
    ],
)


def a_prompt(body: VersionBody | None = None, name: str = "Greet") -> Prompt:
    """A prompt with one draft in the first application."""

    async def store() -> Prompt:
        application = await Application.find_one({})
        assert application is not None
        new = NewPrompt(application_id=application.key, name=name)
        prompt = await create_prompt(SYSTEM, new)
        await save_version(SYSTEM, prompt, NewVersion(body=body or a_body()))
        return prompt

    return bridge.run(store())


def the_rows() -> list[ExecutionLog]:
    return bridge.run(list_executions(SYSTEM, ExecutionQuery())).items


def value_key(prompt: Prompt, kind: str, name: str) -> str:
    return f"value_{prompt.key}_{kind}_{name}"


def type_json(app: AppTest, key: str, text: str) -> AppTest:
    """Let the editor of a list or an object send a text, as after a pause in typing."""
    known = f"{key}_revision" in app.session_state  # it has no `get`
    revision = app.session_state[f"{key}_revision"] if known else 0
    app.session_state[f"{key}_editor"] = {"doc": {"text": text, "revision": revision}}
    return app.run()


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.error])


@pytest.mark.usefixtures("owner")
def test_without_a_prompt_it_asks_for_one_and_shows_names_as_they_are(ui: Ui) -> None:
    a_prompt(name=":red[x] **y**")
    app = ui.open("playground")

    app.text_input(key="playground_first_text").set_value("red").run()
    app.button(key="playground_first_0").click().run()

    assert not app.exception
    assert app.button(key="run").label == "Run"


@pytest.mark.usefixtures("owner")
def test_the_demo_is_picked_where_nothing_is_set_up_and_its_run_is_free(ui: Ui) -> None:
    prompt = a_prompt()
    app = ui.open("playground", prompt=prompt.prompt_id)
    model = next(box for box in app.selectbox if box.label == "Model")
    assert model.value == "demo/echo"
    assert "Offline demo" in model.options[0]

    app.text_area(key=value_key(prompt, "string", "name")).set_value("Ada").run()
    app.button(key="run").click().run()

    assert not app.exception
    assert "Success" in texts(app)
    assert "payments: free" in texts(app)
    assert "Say hello to Ada." in texts(app)
    (row,) = the_rows()
    assert (row.status, row.version, row.metadata) == ("success", "1.0.0", {"source": "playground"})


@pytest.mark.usefixtures("owner")
def test_each_type_has_its_input_with_defaults_and_undeclared_names_are_texts(ui: Ui) -> None:
    prompt = a_prompt(TYPED)
    app = ui.open("playground", prompt=prompt.prompt_id)

    assert app.number_input(key=value_key(prompt, "number", "count")).value == 25
    assert app.toggle(key=value_key(prompt, "boolean", "brief")).value is True
    assert app.session_state[value_key(prompt, "array", "topics")] == '["a"]'
    assert app.text_area(key=value_key(prompt, "string", "text")).label == "text *"
    app.text_area(key=value_key(prompt, "string", "text")).set_value("T")
    app.text_area(key=value_key(prompt, "string", "extra")).set_value("E").run()
    app.button(key="run").click().run()

    (row,) = the_rows()
    assert row.rendered_messages[0].content == "T 25 True ['a'] E"


@pytest.mark.usefixtures("owner")
def test_a_list_that_cannot_be_read_is_told_by_name_and_nothing_runs(ui: Ui) -> None:
    prompt = a_prompt(TYPED)
    app = ui.open("playground", prompt=prompt.prompt_id)

    type_json(app, value_key(prompt, "array", "topics"), "[1,")
    assert "topics can't be read." in app.error[0].value
    app.button(key="run").click().run()

    assert len(app.error) == 2
    assert the_rows() == []


@pytest.mark.usefixtures("owner")
def test_missing_values_are_named_and_the_failed_run_is_in_the_log(ui: Ui) -> None:
    prompt = a_prompt()
    app = ui.open("playground", prompt=prompt.prompt_id)

    app.button(key="run").click().run()

    assert "No value was given for name" in app.error[0].value
    assert "Give a value for each of them." in app.error[0].value
    (row,) = the_rows()
    assert (row.status, row.error_type) == ("failed", "missing_variables")


@pytest.mark.usefixtures("owner")
def test_a_model_without_a_key_is_told_with_the_remedy(ui: Ui) -> None:
    prompt = a_prompt(a_body("Hello"))
    app = ui.open("playground", prompt=prompt.prompt_id, model="openai/gpt-4o")

    app.button(key="run").click().run()

    assert "Set OPENAI\\_API\\_KEY and start again" in app.error[0].value


@pytest.mark.usefixtures("owner")
def test_a_prompt_without_a_version_leads_to_the_editor(ui: Ui) -> None:
    async def store() -> None:
        application = await Application.find_one({})
        assert application is not None
        await create_prompt(SYSTEM, NewPrompt(application_id=application.key, name="Bare"))

    bridge.run(store())
    app = ui.open("playground", prompt="bare")

    assert not app.exception
    assert "has no version yet" in texts(app)
    assert not [button for button in app.button if button.key == "run"]


def test_viewers_see_the_form_and_no_button_to_run(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt()
    viewer = ui.add_user("grace@example.org")
    bridge.run(set_member(owner, prompt.application_id, viewer.key, "viewer"))
    ui.sign_in(viewer)

    app = ui.open("playground", prompt=prompt.prompt_id)

    assert not app.exception
    assert "Running needs the role editor." in texts(app)
    assert not [button for button in app.button if button.key == "run"]


@pytest.mark.usefixtures("owner")
def test_a_run_of_the_log_fills_the_form_once(ui: Ui) -> None:
    prompt = a_prompt(TYPED)
    app = ui.open("playground", prompt=prompt.prompt_id)
    app.text_area(key=value_key(prompt, "string", "text")).set_value("T")
    app.text_area(key=value_key(prompt, "string", "extra")).set_value("E")
    app.number_input(key=value_key(prompt, "number", "count")).set_value(7.5).run()
    app.button(key="run").click().run()
    (row,) = the_rows()

    app = ui.open("playground", prompt=prompt.prompt_id, execution=str(row.key))

    assert app.number_input(key=value_key(prompt, "number", "count")).value == 7.5
    assert app.text_area(key=value_key(prompt, "string", "text")).value == "T"
    app.text_area(key=value_key(prompt, "string", "text")).set_value("other").run()
    assert app.text_area(key=value_key(prompt, "string", "text")).value == "other"


@pytest.mark.usefixtures("owner")
def test_a_run_of_the_log_that_is_not_there_leaves_the_form_as_it_is(ui: Ui) -> None:
    prompt = a_prompt()

    app = ui.open("playground", prompt=prompt.prompt_id, execution=str(ObjectId()))

    assert not app.exception
    assert app.button(key="run").label == "Run"
