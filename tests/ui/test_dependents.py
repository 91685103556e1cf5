"""Who is made of a version is said before it is published, labelled or deleted."""

import pytest

from core.documents import Prompt
from core.prompts.versions import NewVersion, save_version
from core.values.body import VersionBody
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.dependents import say_dependents
from tests.ui.conftest import Ui
from tests.ui.desk import a_prompt


def including(scope: Scope, part: Prompt, name: str) -> None:
    prompt = a_prompt(scope, name=name)
    body = VersionBody.model_validate(
        {
            "content": "{{ greet }}",
            "dependencies": [
                {"dependency_type": "include", "prompt_id": part.prompt_id, "version": "1.0.0"}
            ],
        }
    )
    bridge.run(save_version(scope, prompt, NewVersion(body=body)))


@pytest.mark.usefixtures("ui")
def test_versions_made_of_another_are_named(owner: Scope) -> None:
    part = a_prompt(owner, "Hello.", published=1)
    assert say_dependents(owner, part, "1.0.0") == ""

    for number in range(6):
        including(owner, part, f"Letter {number}")

    said = say_dependents(owner, part, "1.0.0")
    assert said.startswith("Made of 1.0.0: Letter ")
    assert said.endswith(" and 1 more.")
    assert say_dependents(owner, part, None) == ""


def test_the_dialog_that_publishes_names_them(ui: Ui, owner: Scope) -> None:
    part = a_prompt(owner, "Hello.", "Hello you.", published=1)
    including(owner, part, "Letter")

    app = ui.open("editor", prompt=part.prompt_id, version="1.0.1")
    app.button(key="publish").click().run()

    assert any("Made of 1.0.0: Letter 1.0.0." in element.value for element in app.markdown)
