"""The execution log without a browser: what is listed, filtered, and told of one run."""

import json
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from streamlit.testing.v1 import AppTest

from core import clock
from core.accounts.members import set_member
from core.documents import Application, ExecutionLog
from core.values.scope import Scope
from streamlit_app import bridge
from tests.ui.conftest import Ui


def a_run(**fields: Any) -> ExecutionLog:
    """A stored run of the first application."""

    async def store() -> ExecutionLog:
        application = await Application.find_one({})
        assert application is not None
        values = {
            "application_id": application.key,
            "prompt_id": "greet",
            "version": "1.0.0",
            "model_provider": "openai",
            "model_name": "gpt-4o",
            "status": "success",
            "input_data": {"model_params": {}, "variables": {"name": "Ada"}},
            "rendered_messages": [{"role": "user", "content": "Say hello to Ada."}],
            "output_data": {"text": "Hello Ada"},
            "latency_ms": 842.4,
            "attempts": 1,
            "input_tokens": 9,
            "output_tokens": 3,
            "token_count": 12,
            **fields,
        }
        return await ExecutionLog.model_validate(values).insert()

    return bridge.run(store())


def table(app: AppTest) -> list[dict[str, Any]]:
    frame: Any = app.dataframe[0].value
    return json.loads(frame.to_json(orient="records"))


def texts(app: AppTest) -> str:
    shown = [*app.markdown, *app.caption, *app.error, *app.code]
    return "\n".join(element.value for element in shown)


@pytest.mark.usefixtures("owner")
def test_the_empty_log_says_what_it_is_for(ui: Ui) -> None:
    app = ui.open("executions")

    assert not app.exception
    assert "Nothing was run yet." in texts(app)
    assert not app.selectbox


@pytest.mark.usefixtures("owner")
def test_rows_show_figures_and_a_dash_where_the_price_is_unknown(ui: Ui) -> None:
    a_run()
    a_run(cost_status="free", created_at=clock.now() - timedelta(minutes=1))

    first, second = table(ui.open("executions"))

    assert first["Prompt"] == "greet  1.0.0"
    assert (first["Latency, ms"], first["Tokens"], first["State"]) == (842, 12, ["Success"])
    assert first["Cost"] is None
    assert second["Cost"] == "free"


@pytest.mark.usefixtures("owner")
def test_filters_of_the_address_narrow_the_list_and_can_be_removed(ui: Ui) -> None:
    a_run()
    a_run(status="failed", prompt_id="other", created_at=clock.now() - timedelta(days=3))

    app = ui.open("executions", prompt="other")
    assert "Nothing matches" in texts(app)
    assert "the prompt other" in texts(app)
    app.selectbox(key="period").set_value("Last 7 days").run()
    assert [row["Prompt"] for row in table(app)] == ["other  1.0.0"]
    app.selectbox(key="status").set_value("Success").run()
    assert "Nothing matches" in texts(app)
    app.button(key="show_all_runs").click().run()

    assert len(table(app)) == 2


@pytest.mark.usefixtures("owner")
def test_a_link_names_a_span_of_time_and_an_application(ui: Ui) -> None:
    row = a_run()
    a_run(created_at=row.created_at - timedelta(days=40), prompt_id="long_ago")
    span = {
        "from": (row.created_at - timedelta(days=41)).isoformat(),
        "to": (row.created_at - timedelta(days=39)).isoformat(),
    }

    app = ui.open("executions", application=str(row.application_id), **span)

    assert [found["Prompt"] for found in table(app)] == ["long_ago  1.0.0"]
    app.button(key="runs_span").click().run()
    assert [found["Prompt"] for found in table(app)] == ["greet  1.0.0"]
    for wrong in ("soon", "2026-11-01T00:00:00"):
        assert app.selectbox(key="period").value == "Last 24 hours"
        app = ui.open("executions", **{**span, "from": wrong})
    assert len(table(app)) == 1


@pytest.mark.usefixtures("owner")
def test_pages_are_served_by_the_database(ui: Ui) -> None:
    for _ in range(16):
        a_run()

    app = ui.open("executions", runs_page="2")

    assert "16 runs" in texts(app)
    assert len(table(app)) == 1


@pytest.mark.usefixtures("owner")
def test_the_address_opens_the_detail_with_the_cause_first(ui: Ui) -> None:
    row = a_run(status="failed", error_type="provider_error", error_message="It :red[broke].")

    app = ui.open("executions", execution=str(row.key))

    assert not app.exception
    assert "**It \\:red\\[broke\\].**" in texts(app)
    assert app.button(key="open_in_playground").label == "Open in playground"
    command = next(code.value for code in app.code if code.value.startswith("curl"))
    assert "/api/v1/execute/greet/1.0.0" in command
    assert '"name": "Ada"' in command


@pytest.mark.usefixtures("owner")
def test_an_execution_that_is_not_there_is_told(ui: Ui) -> None:
    a_run()

    for asked in (str(ObjectId()), "no-id"):
        app = ui.open("executions", execution=asked)
        assert "Not found." in app.error[0].value
        assert len(table(app)) == 1


@pytest.mark.usefixtures("owner")
def test_content_that_is_not_kept_is_said_so(ui: Ui) -> None:
    row = a_run(input_data={"model_params": {}}, rendered_messages=[], output_data={})

    app = ui.open("executions", execution=str(row.key))

    assert "Content is not kept for this application." in texts(app)
    assert not [code for code in app.code if code.value.startswith("curl")]


def test_viewers_read_the_log_of_their_applications_only(ui: Ui, owner: Scope) -> None:
    row = a_run()
    grace = ui.add_user("grace@example.org")
    ui.sign_in(grace)
    assert "Nothing was run yet." in texts(ui.open("executions", execution=str(row.key)))

    bridge.run(set_member(owner, row.application_id, grace.key, "viewer"))
    ui.sign_in(grace)
    app = ui.open("executions", execution=str(row.key))

    assert len(table(app)) == 1
    assert not [button for button in app.button if button.key == "open_in_playground"]
