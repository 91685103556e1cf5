"""The page of the audit trail: who sees what of it, its filters, one event, the export."""

import ast
import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

import core
from core.accounts.applications import ApplicationChanges, list_applications, update_application
from core.audit import AuditQuery, list_events, record
from core.values.scope import SYSTEM, Scope
from streamlit_app import bridge
from streamlit_app.components.audit.export import as_csv, as_json_lines, make
from streamlit_app.components.audit.wording import ACTIONS
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, a_prompt


def rows(ui: Ui, **query: str) -> list[dict[str, str]]:
    app = ui.open("audit", **query)
    assert not app.exception
    return records(app, 0) if app.dataframe else []


def records(app: AppTest, index: int) -> list[dict[str, str]]:
    table: Any = app.dataframe[index].value
    return table.to_dict("records")


def test_the_newest_comes_first_in_words(ui: Ui, owner: Scope) -> None:
    a_prompt(owner, "Hi", name="Greet", published=1)

    told = [(row["Who"], row["What"], row["On"]) for row in rows(ui)]

    assert told[:2] == [
        ("ada@example.org", "Published a version", "greet"),
        ("ada@example.org", "Created a prompt", "greet"),
    ]


def test_filters_come_from_the_address_and_an_empty_list_says_which_to_remove(
    ui: Ui, owner: Scope
) -> None:
    a_prompt(owner, "Hi", published=1)

    shown = rows(ui, action="Published a version")
    app = ui.open("audit", actor="nobody@example.org", action="Published a version")

    assert [row["What"] for row in shown] == ["Published a version"]
    said = "\n".join(one.value for one in app.markdown)
    assert "Nothing matches. Remove the person “nobody@example.org”" in said
    assert app.button("audit_all").click().run().dataframe


def test_an_admin_sees_the_own_application_and_others_are_refused_in_words(
    ui: Ui, owner: Scope
) -> None:
    bridge.run(record(SYSTEM, "user.update", "user:of-somebody"))
    a_member(ui, owner, "admin")
    assert {row["Application"] for row in rows(ui)} == {"default"}
    a_member(ui, owner, "operator")

    app = ui.open("audit")

    assert "Your role does not allow this." in app.error[0].value
    assert not app.dataframe


def test_an_event_shows_each_fact_before_and_after(ui: Ui, owner: Scope) -> None:
    application = bridge.run(list_applications(owner))[0]
    bridge.run(update_application(owner, application.key, ApplicationChanges(name="Desk")))
    event = bridge.run(list_events(owner, AuditQuery(action="application.update"))).items[0]

    app = ui.open("audit", event=str(event.key))

    assert not app.exception
    tables = [records(app, index) for index in range(len(app.dataframe))]
    (facts,) = [one for one in tables if "Fact" in one[0]]
    assert facts == [{"Fact": "name", "Before": "default", "After": "Desk"}]


def test_an_event_of_nobody_elses_is_not_found(ui: Ui, owner: Scope) -> None:
    bridge.run(record(SYSTEM, "user.update", "user:of-somebody"))
    event = bridge.run(list_events(SYSTEM, AuditQuery(action="user.update"))).items[0]
    a_member(ui, owner, "admin")

    app = ui.open("audit", event=str(event.key))

    assert "Not found." in app.error[0].value


def test_the_export_has_every_event_and_no_formula(ui: Ui, owner: Scope) -> None:
    del ui
    bridge.run(record(owner, "prompt.create", "prompt:x", reason="=1+1", after={"name": "Zoë"}))
    query = AuditQuery(action="prompt.create")

    table = bridge.run(make(owner, query, as_csv, lambda _, __: None))
    lines = bridge.run(make(owner, query, as_json_lines, lambda _, __: None))

    assert "'=1+1" in table.content.decode()
    (event,) = [json.loads(line) for line in lines.content.decode().splitlines()]
    assert (event["reason"], event["after"]) == ("=1+1", {"name": "Zoë"})
    assert (table.rows, lines.rows) == (1, 1)


def test_every_action_that_core_records_has_words() -> None:
    recorded = set[str]()
    for file in Path(core.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                ("record", "make_event")
            ):
                recorded |= {
                    one.value
                    for one in ast.walk(node)
                    if isinstance(one, ast.Constant)
                    and isinstance(one.value, str)
                    and one.value.replace("_", "").replace(".", "", 1).isalpha()
                    and "." in one.value.strip(".")
                }

    assert len(recorded) > 20
    assert recorded - ACTIONS.keys() == set()
