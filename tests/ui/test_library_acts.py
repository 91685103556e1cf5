"""Acting on prompts in the library: figures beside them, several at once, and the way back."""

from datetime import timedelta

import pytest
from bson import ObjectId
from streamlit.testing.v1 import AppTest

from core import clock
from core.documents import ExecutionLog, Prompt
from core.prompts.catalogue import get_prompt
from core.prompts.listing import PromptMark
from core.values.scope import Scope
from prompthub.wire.literals import Role
from streamlit_app import bridge
from streamlit_app.components.library.ticks import Ticks
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt, button_keys, markdown
from tests.ui.test_library import captions


def a_run(prompt: Prompt) -> ExecutionLog:
    return ExecutionLog.model_validate(
        {
            "application_id": prompt.application_id,
            "prompt_id": prompt.prompt_id,
            "version": "1.0.0",
            "prompt_version_id": ObjectId(),
            "model_provider": "openai",
            "model_name": "gpt-4o-mini",
            "status": "success",
            "created_at": clock.now() - timedelta(minutes=1),
            "latency_ms": 840.0,
            "cost_usd": "0.002",
            "cost_status": "priced",
        }
    )


def ticked(app: AppTest, *prompts: Prompt) -> AppTest:
    """Tick prompts and go over to the table, which takes over the ticks when it is first drawn."""
    app.session_state["library_ticks"] = Ticks((one.key, PromptMark.of(one)) for one in prompts)
    app.session_state["view"] = "Table"
    return app.run()


def menus(app: AppTest) -> list[list[str]]:
    return [list(menu.proto.options) for menu in app.get("menu_button") if menu.proto.options]


def test_each_row_tells_what_its_prompt_was_used_for(ui: Ui, owner: Scope) -> None:
    used = a_prompt(owner, "Hi.", name="Used")
    a_prompt(owner, "Ho.", name="New")
    bridge.run(ExecutionLog.insert_many([a_run(used) for _ in range(3)]))

    app = ui.open(sort="Name")

    shown = captions(app).splitlines()
    assert not app.exception
    unused = shown.index("No runs")
    assert shown[unused + 1].startswith("default")  # no dashes for what nobody ran
    runs = shown.index("3 runs", unused)
    time, cost, stars = shown[runs + 1 : runs + 4]
    assert (cost, stars) == (r"\$0.0020", "—")
    assert time.endswith(" ms")


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("viewer", ["Versions", "Runs"]),
        ("editor", ["Versions", "Runs", "Duplicate..."]),
        ("operator", ["Versions", "Runs", "Duplicate...", "Deactivate..."]),
    ],
)
def test_the_menu_of_a_row_holds_what_the_role_allows(
    ui: Ui, owner: Scope, role: Role, words: list[str]
) -> None:
    a_prompt(owner, "Hi.")
    a_member(ui, owner, role)

    (offered,) = menus(ui.open())

    assert [option.split(": ")[1] for option in offered] == words


@pytest.mark.parametrize(
    ("role", "keys"),
    [
        ("viewer", set[str]()),
        ("editor", {"bulk_tag"}),
        ("operator", {"bulk_tag", "bulk_deactivate"}),
    ],
)
def test_the_bar_below_the_table_holds_what_the_role_allows(
    ui: Ui, owner: Scope, role: Role, keys: set[str]
) -> None:
    prompts = [a_prompt(owner, "Hi.", name=name) for name in ("One", "Two")]
    a_member(ui, owner, role)

    app = ticked(ui.open(), *prompts)

    assert not app.exception
    assert "**2 selected**" in markdown(app)
    assert button_keys(app) & {"bulk_tag", "bulk_deactivate"} == keys
    assert ("needs the role editor" in captions(app)) == (role == "viewer")


def test_tags_of_many_are_changed_and_put_back(ui: Ui, owner: Scope) -> None:
    prompts = [a_prompt(owner, "Hi.", name=name) for name in ("One", "Two")]
    app = ticked(ui.open(), *prompts)
    app.session_state["bulk_tags"] = ["legal"]

    app.button("bulk_tag").click().run()

    assert "Changed the tags of 2 prompts." in markdown(app)
    assert [tags(owner, one) for one in prompts] == [["legal"], ["legal"]]
    assert "selected" not in markdown(app)

    app.button("library_undo").click().run()

    assert [tags(owner, one) for one in prompts] == [[], []]
    assert "library_undo" not in button_keys(app)


def test_no_tag_is_told_in_words(ui: Ui, owner: Scope) -> None:
    app = ticked(ui.open(), a_prompt(owner, "Hi."))

    app.button("bulk_tag").click().run()

    assert "Choose or type at least one." in app.error[0].value


def tags(owner: Scope, prompt: Prompt) -> list[str]:
    return bridge.run(get_prompt(owner, prompt.prompt_id)).tags
