"""The page of applications by role: what each may see and change, and what is refused in words."""

from decimal import Decimal

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from core.accounts.applications import (
    NewApplication,
    create_application,
    get_application,
    list_applications,
)
from core.accounts.invitations import list_invitations
from core.accounts.members import list_members
from core.documents import Application
from core.values.scope import SYSTEM, Scope
from prompthub.wire.literals import Role
from streamlit_app import bridge
from streamlit_app.components.applications.fresh_key import ready_curl
from tests.ui.conftest import Ui
from tests.ui.desk import a_member, button_keys, markdown


def first(scope: Scope) -> Application:
    return bridge.run(list_applications(scope))[0]


def detail(ui: Ui, scope: Scope, tab: str = "Overview") -> AppTest:
    app = ui.open("applications", application=str(first(scope).key), tab=tab)
    assert not app.exception
    return app


def field(app: AppTest, application: Application, name: str) -> str:
    del app
    return f"app_{name}_{application.key}_{application.revision}"


def test_the_list_shows_only_what_one_belongs_to(ui: Ui, owner: Scope) -> None:
    bridge.run(create_application(owner, NewApplication(name="Hidden desk")))
    assert "2 applications" in [one.value for one in ui.open("applications").caption]
    a_member(ui, owner, "viewer")

    app = ui.open("applications")

    assert not app.exception
    assert "1 application" in [one.value for one in app.caption]


def test_who_is_in_none_is_told_what_one_is_for(ui: Ui, owner: Scope) -> None:
    del owner
    ui.sign_in(ui.add_user("eve@example.org"))

    app = ui.open("applications")

    assert "You are in no application yet" in markdown(app)
    assert "create" in button_keys(app)


@pytest.mark.parametrize("role", ["viewer", "editor", "operator"])
def test_other_roles_read_the_facts_and_change_nothing(ui: Ui, owner: Scope, role: Role) -> None:
    scope = a_member(ui, owner, role)

    app = detail(ui, scope, "Danger")

    assert "every model that is offered" in markdown(app)
    assert not app.text_input
    assert button_keys(app) & {"new_key", "deactivate", "transfer"} == set()
    assert "leave" in button_keys(app)


def test_somebody_elses_application_is_refused_in_words(ui: Ui, owner: Scope) -> None:
    application = first(owner)
    ui.sign_in(ui.add_user("eve@example.org"))

    for asked in (str(application.key), "nonsense"):
        app = ui.open("applications", application=asked)
        assert "There is no such application, or it is not yours." in app.error[0].value


def test_an_admin_changes_limits_budget_and_log(ui: Ui, owner: Scope) -> None:
    app = detail(ui, owner, "Models & limits")
    application = first(owner)
    app.number_input(field(app, application, "rate")).set_value(30)
    app.button("save_limits").click().run()
    application = first(owner)
    app = detail(ui, owner, "Budget")
    app.number_input(field(app, application, "budget")).set_value(12.5)
    app.checkbox(field(app, application, "hard_stop")).check()
    app.button("save_budget").click().run()
    application = first(owner)
    app = detail(ui, owner, "Log")
    app.number_input(field(app, application, "days")).set_value(30)
    app.button("save_log").click().run()

    assert not app.exception
    after = first(owner)
    assert after.limits.executions_per_minute == 30
    assert (after.limits.monthly_budget_usd, after.limits.hard_stop) == (Decimal("12.5"), True)
    assert (after.retention_days, after.log_content) == (30, "full")
    assert "deleted after 30 days" in markdown(app)


def test_a_role_is_changed_and_a_refused_name_is_told(ui: Ui, owner: Scope) -> None:
    a_member(ui, owner, "viewer")
    ui.sign_in(bridge.run(list_members(owner, first(owner).key))[0].user)
    app = detail(ui, owner, "Members")
    application = first(owner)
    person = bridge.run(list_members(owner, application.key))[1].user

    app.selectbox(f"role_{person.key}_viewer_0").select("operator").run()
    assert not app.exception
    members = bridge.run(list_members(owner, application.key))
    assert [one.role for one in members] == ["admin", "operator"]

    app = detail(ui, owner)
    application = first(owner)
    app.text_input(field(app, application, "name")).set_value("  ")
    app.button("save_details").click().run()
    assert not app.exception
    assert app.error
    assert bridge.run(get_application(owner, application.key)).name == "default"


def test_an_invitation_shows_its_link_once_and_is_taken_back(ui: Ui, owner: Scope) -> None:
    app = detail(ui, owner, "Members")
    key = first(owner).key
    app.text_input("invite_email").set_value("Bob@Example.org")

    app.button(f"invite_{key}").click().run()

    assert not app.exception
    assert any("/?invitation=" in one.value for one in app.code)
    (invitation,) = bridge.run(list_invitations(SYSTEM, key))
    assert invitation.email == "bob@example.org"
    app.button("put_link_away").click().run()
    assert not app.code
    app.button(f"revoke_{invitation.key}").click().run()
    app.button(f"revoke_{invitation.key}").click()
    app.button(f"revoke_it_{invitation.key}").click().run()
    assert bridge.run(list_invitations(SYSTEM, key)) == []


def test_the_curl_line_names_the_key_and_the_server(ui: Ui, owner: Scope) -> None:
    del ui, owner
    assert ready_curl(SecretStr("ph_x"), "greet") == (
        "curl -H 'X-API-Key: ph_x' 'http://127.0.0.1:8501/api/v1/prompts/greet/versions/latest'"
    )


def test_the_account_page_signs_the_other_sessions_out(ui: Ui, owner: Scope) -> None:
    del owner
    user = bridge.run(list_members(SYSTEM, first(SYSTEM).key))[0].user
    ui.sign_in(user)
    app = ui.open("account")
    assert "sign_out_others" in button_keys(app)

    app.button("sign_out_others").click().run()

    assert not app.exception
    assert "sign_out_others" not in button_keys(app)
