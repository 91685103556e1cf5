"""The set-up of a comparison stands in its address."""

from core.prompts.examples import NewExample, save_example
from core.values.scope import Scope
from streamlit_app import bridge
from tests.ui.conftest import Ui
from tests.ui.desk import a_prompt
from tests.ui.test_compare import ECHO, columns, run, the_comparisons, the_rows


def test_picked_examples_and_repetitions_are_shared_by_link(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "Hello {{ name }}")
    for name in ("Ada", "Bob", "Cleo"):
        new = NewExample(name=f"To {name}", values={"name": name})
        bridge.run(save_example(owner, prompt, new))

    app = ui.open()
    app.query_params["prompt"] = prompt.prompt_id
    app.query_params["column"] = columns(ECHO, ECHO)
    app.query_params["inputs"] = "Examples"
    app.query_params["examples"] = ["To Ada", "To Cleo"]
    app.query_params["repetitions"] = "2"
    run(app.switch_page("app_pages/compare.py").run())

    (made,) = the_comparisons()
    assert [values["name"] for values in made.inputs] == ["Ada", "Cleo"]
    assert made.repetitions == 2
    assert len(the_rows()) == 8
