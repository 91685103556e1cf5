"""What is done with the runs of the log, without a browser: replayed, rated, exported, watched."""

import json
from typing import Any

import pytest

from core.documents import ExecutionLog, Feedback, Prompt
from core.errors import NotAllowed
from core.execution.log import ExecutionQuery
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.executions.export import make
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt, button_keys, markdown
from tests.ui.test_executions import a_run, table


@pytest.fixture
def prompt(owner: Scope) -> Prompt:
    return a_prompt(owner, "Say hello to {{ name }}.", "Greet {{ name }}.", published=2)


def a_failed_run(prompt: Prompt) -> ExecutionLog:
    return a_run(
        prompt_id=prompt.prompt_id,
        model_provider="demo",
        model_name="echo",
        status="failed",
        error_message="It broke.",
        output_data={},
    )


def exported(scope: Scope, kind: Any) -> str:
    made = bridge.run(make(scope, ExecutionQuery(), kind, untold))
    assert made.rows == 1
    return made.content.decode("utf-8-sig")


def untold(done: int, total: int) -> None:
    """Nobody watches the progress."""


def test_a_replay_runs_the_same_values_on_another_version(ui: Ui, prompt: Prompt) -> None:
    row = a_failed_run(prompt)
    app = ui.open("executions", execution=str(row.key), replay="1")
    assert "It broke." in markdown(app)

    app.selectbox(key=f"replay_version_{row.key}").set_value("1.0.1").run()
    app.button(key="replay_run").click().run()
    for _ in range(40):
        if "replay_open" in button_keys(app):
            break
        app.run()

    newest = bridge.run(ExecutionLog.find({"version": "1.0.1"}).to_list())
    assert [one.input_data["variables"] for one in newest] == [{"name": "Ada"}]
    assert newest[0].metadata == {"source": "replay", "replay_of": str(row.key)}
    app = ui.open("executions", execution=str(newest[0].key))
    assert app.button(key="replay_origin").label == f"Replay of run {str(row.key)[-6:]}"


def test_viewers_cannot_replay_or_rate(ui: Ui, owner: Scope, prompt: Prompt) -> None:
    row = a_run(prompt_id=prompt.prompt_id)
    a_member(ui, owner, "viewer")

    app = ui.open("executions", execution=str(row.key), replay="1")

    assert not app.exception
    assert not {"replay", "replay_run", "drawer_rate_4"} & button_keys(app)


def test_a_run_is_rated_in_its_drawer(ui: Ui, prompt: Prompt) -> None:
    row = a_run(prompt_id=prompt.prompt_id)

    app = ui.open("executions", execution=str(row.key))
    app.button(key="drawer_rate_4").click().run()

    (stored,) = bridge.run(Feedback.find_all().to_list())
    assert (stored.rating, stored.execution_id) == (4, row.key)


def test_what_the_checks_said_is_told(ui: Ui, prompt: Prompt) -> None:
    verdict = {"check": "max_length", "stage": "input", "passed": False, "reason": "Too long."}
    row = a_run(prompt_id=prompt.prompt_id, status="blocked", guardrail_verdicts=[verdict])

    app = ui.open("executions", execution=str(row.key))

    assert "**max length**" in markdown(app)
    assert [tab.label for tab in app.tabs if tab.label.startswith("Checks")] == ["Checks 1"]


def test_csv_is_safe_and_jsonl_holds_the_messages(owner: Scope, prompt: Prompt) -> None:
    a_run(prompt_id=prompt.prompt_id, output_data={"text": "=1+1"}, lease_owner="inside")

    head, line = exported(owner, "CSV").splitlines()
    assert head.startswith("time,id,application,caller,prompt_id,version,model,status")
    assert line.endswith(",'=1+1")
    found = json.loads(exported(owner, "JSONL"))

    assert found["rendered_messages"] == [{"role": "user", "content": "Say hello to Ada."}]
    assert found["output_data"] == {"text": "=1+1"}
    assert "lease_owner" not in found


def test_others_export_nothing_and_keys_never(ui: Ui, owner: Scope, prompt: Prompt) -> None:
    a_run(prompt_id=prompt.prompt_id)
    stranger = ui.sign_in(ui.add_user("grace@example.org"))

    made = bridge.run(make(stranger, ExecutionQuery(), "CSV", untold))
    assert made.rows == 0
    key = Scope(kind="application", roles=owner.roles)
    with pytest.raises(NotAllowed):
        bridge.run(make(key, ExecutionQuery(), "CSV", untold))


def test_new_runs_come_above_the_list_that_stays(ui: Ui, prompt: Prompt) -> None:
    a_run(prompt_id=prompt.prompt_id)
    app = ui.open("executions", live="true")
    assert "**No new runs**" in markdown(app)

    a_run(prompt_id="newer")
    app.run()

    assert "**1 new run**" in markdown(app)
    assert [row["Prompt"] for row in table(app)] == ["newer  1.0.0"]
    assert len(app.dataframe) == 2
    app.button(key="runs_live_show").click().run()
    assert len(app.dataframe) == 1
    assert len(table(app)) == 2
