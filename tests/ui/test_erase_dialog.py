"""Erasing without a browser: who is offered it, what is asked first, what is shown afterwards."""

from collections.abc import Mapping

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import MenuButton

from core.accounts.applications import list_applications
from core.accounts.members import set_member
from core.documents import AuditEvent, ExecutionLog, User
from core.values.scope import Scope
from prompthub.wire.literals import Role
from streamlit_app import bridge
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, button_keys
from tests.ui.test_executions import a_run, texts


def the_event(action: str) -> AuditEvent:
    (event,) = bridge.run(AuditEvent.find({"action": action}).to_list())
    return event


def stored(row: ExecutionLog) -> ExecutionLog:
    found = bridge.run(ExecutionLog.get(row.key))
    assert found is not None
    return found


def fill_in(app: AppTest, key: str, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        app.text_input(f"{key}_{name}").set_value(value)


def menu_of(app: AppTest, user: User) -> MenuButton[str]:
    return next(one for one in app.menu_button if one.key == f"more_{user.key}")


@pytest.mark.usefixtures("owner")
def test_a_run_loses_its_words_after_its_name_was_typed_and_the_drawer_says_so(ui: Ui) -> None:
    row = a_run()
    key = f"erase_{row.key}"

    app = ui.open("executions", execution=str(row.key)).button("erase").click().run()
    assert app.button(key).disabled
    fill_in(app, key, {"typed": str(row.key)[-6:], "reason": "Asked for by the caller"})
    app.run()
    app.button(key).click().run()

    after = stored(row)
    assert (after.rendered_messages, after.output_data) == ([], {})
    assert (after.token_count, after.latency_ms) == (12, 842.4)
    assert the_event("execution.erase").reason == "Asked for by the caller"
    # The drawer is open again, tells it, and offers it no more.
    assert "erase" not in app.query_params
    assert "What was said in it was erased just now; its figures stay." in texts(app)
    assert "caller erased" in texts(app)
    assert "erase" not in button_keys(app)


def test_cancel_leads_back_to_the_run(ui: Ui, owner: Scope) -> None:
    row = a_run(user_id=owner.user_id)

    app = ui.open("executions", execution=str(row.key), erase="1")
    app.button(f"erase_{row.key}_cancel").click().run()

    assert "open_in_playground" in button_keys(app)
    assert stored(row).erased_at is None


@pytest.mark.parametrize(("role", "offered"), [("viewer", 0), ("operator", 0), ("admin", 1)])
def test_only_admins_are_offered_to_erase_a_run(
    ui: Ui, owner: Scope, role: Role, offered: int
) -> None:
    row = a_run()
    a_member(ui, owner, role)

    app = ui.open("executions", execution=str(row.key), erase="1")

    assert (f"erase_{row.key}" in button_keys(app)) == bool(offered)


@pytest.mark.usefixtures("owner")
def test_a_run_that_is_not_over_is_not_erased(ui: Ui) -> None:
    row = a_run(status="running")

    assert "erase" not in button_keys(ui.open("executions", execution=str(row.key)))


def test_a_superuser_erases_what_a_person_said(ui: Ui, owner: Scope) -> None:
    grace = ui.add_user("grace@example.org")
    application = bridge.run(list_applications(owner))[0]
    bridge.run(set_member(owner, application.key, grace.key, "editor"))
    row = a_run(user_id=grace.key)
    key = f"erase_{grace.key}"

    app = ui.open("users")
    menu_of(app, grace).set_value("Erase data...").run()
    assert app.button(key).disabled
    fill_in(app, key, {"typed": "grace@example.org", "reason": "Left us"})
    menu_of(app, grace).set_value("Erase data...").run()
    app.button(key).click().run()

    assert stored(row).user_id is None
    event = the_event("user.erase")
    assert (event.reason, (event.after or {})["executions"]) == ("Left us", 1)
    assert any("1 run, 0 ratings, 0 examples, 0 sources" in toast.value for toast in app.toast)
