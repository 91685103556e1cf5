"""The versions page by role and state, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from core.analytics.rollup import roll_up
from core.documents import ExecutionLog, Prompt
from core.errors import Conflict
from core.prompts.catalogue import deactivate_prompt
from core.prompts.labels import move_label
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.app_pages.versions import PAGES
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt, markdown, type_text


def test_the_history_is_told_newest_first_with_state_and_labels(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "one", "two", "three", published=2)
    bridge.run(move_label(owner, prompt, "production", "1.0.0", reason="test"))

    app = ui.open("versions", prompt="greet")

    assert not app.exception
    assert app.title[0].value == "Versions of Greet"
    assert [box.key for box in app.checkbox] == ["pick_1.0.2", "pick_1.0.1", "pick_1.0.0"]
    badges = [element.value for element in app.markdown if "-badge[" in element.value]
    assert "Published 1.0.1" in badges[0]
    assert "3 versions" in badges[0]
    assert "Draft" in badges[1]
    assert "latest" in badges[2]
    assert "production" in badges[3]


def test_a_viewer_may_compare_and_nothing_else(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "one", "two", published=1)
    a_member(ui, owner, "viewer")

    app = ui.open("versions", prompt="greet")

    assert not app.exception
    assert len(app.checkbox) == 2
    assert not app.get("menu_button")


def test_ticking_keeps_the_last_two_in_the_address(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "one", "two", "three")
    app = ui.open("versions", prompt="greet")

    app.checkbox(key="pick_1.0.0").check().run()
    assert app.query_params["compare"] == "1.0.0"
    assert "Tick another version to compare it with 1.0.0." in captions(app)
    app.checkbox(key="pick_1.0.2").check().run()

    assert not app.exception
    assert app.query_params["compare"] == "1.0.0..1.0.2"


@pytest.mark.parametrize("compare", ["1.0.0..9.9.9", "x..y", "..", "1.0.0..1.0.0"])
def test_an_address_that_names_no_two_versions_does_no_harm(
    ui: Ui, owner: Scope, compare: str
) -> None:
    a_prompt(owner, "one")

    app = ui.open("versions", prompt="greet", compare=compare)

    assert not app.exception


def test_each_version_tells_what_it_was_used_for(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "one", "two", published=1)
    bridge.run(run_twice(prompt))

    told = captions(ui.open("versions", prompt="greet"))

    assert (told.count("2 runs"), told.count("No runs")) == (1, 1)
    assert any(words.endswith(" ms") for words in told)


def test_who_runs_it_is_said_before_it_is_published(ui: Ui, owner: Scope) -> None:
    prompt = a_prompt(owner, "one", published=1)
    bridge.run(run_twice(prompt))
    app = type_text(ui.open("editor", prompt="greet"), "two")

    app.button(key="publish").click().run()

    assert "2 runs in the last 30 days: 2 by **default** with its key" in markdown(app)


def test_a_prompt_out_of_service_offers_no_act_and_takes_no_label(ui: Ui, owner: Scope) -> None:
    prompt = bridge.run(deactivate_prompt(owner, a_prompt(owner, "one", "two", published=1)))

    assert not ui.open("versions", prompt="greet").get("menu_button")
    with pytest.raises(Conflict):
        bridge.run(move_label(owner, prompt, "production", "1.0.0", reason="test"))


async def run_twice(prompt: Prompt) -> None:
    """Let the application run the first version, and count it."""
    values = {
        "application_id": prompt.application_id,
        "prompt_id": prompt.prompt_id,
        "version": "1.0.0",
        "model_provider": "openai",
        "model_name": "gpt-4o-mini",
        "status": "success",
        "latency_ms": 800,
    }
    await ExecutionLog.insert_many([ExecutionLog.model_validate(values) for _ in range(2)])
    await roll_up()


def captions(app: AppTest) -> list[str]:
    """Everything said in captions."""
    return [caption.value for caption in app.caption]


def test_long_histories_come_in_pages(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, *(f"text {number}" for number in range(PAGES.size + 1)))

    first = ui.open("versions", prompt="greet")
    second = ui.open("versions", prompt="greet", versions_page="2")

    assert len(first.checkbox) == PAGES.size
    assert [box.key for box in second.checkbox] == ["pick_1.0.0"]


def test_without_versions_the_next_step_is_told(ui: Ui, owner: Scope) -> None:
    a_prompt(owner)

    assert "No versions yet" in markdown(ui.open("versions", prompt="greet"))


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("address", ["versions", "editor"])
def test_without_a_prompt_the_way_to_the_library_is_told(ui: Ui, address: str) -> None:
    app = ui.open(address)

    assert not app.exception
    assert "Open a prompt in the library" in markdown(app)
