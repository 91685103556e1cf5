"""The gate in front of every page, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from core.accounts.applications import list_applications
from core.accounts.invitations import invite
from core.accounts.sessions import end_all_sessions, find_session_user
from core.documents import User
from core.values.scope import SYSTEM
from streamlit_app import bridge
from tests.ui.conftest import EMAIL, PASSWORD, Ui


def fill_in(app: AppTest, **values: str) -> None:
    for key, value in values.items():
        app.text_input(key=key).set_value(value)


def test_the_first_visit_asks_for_the_owner(ui: Ui) -> None:
    app = ui.open()

    assert app.title[0].value == "Set up this server"
    fill_in(app, full_name="Ada", new_email=EMAIL, new_password=PASSWORD)
    app.button(key="set_up_submit").click().run()

    assert not app.exception
    assert app.caption[-1].value == "Opening PromptHub..."


def test_a_password_that_is_too_short_is_told_with_what_to_do(ui: Ui) -> None:
    app = ui.open()

    fill_in(app, full_name="Ada", new_email=EMAIL, new_password="short")
    app.button(key="set_up_submit").click().run()

    assert "12 to 256 characters" in app.error[0].value
    assert app.title[0].value == "Set up this server"


def test_a_wrong_password_and_an_unknown_address_read_the_same(ui: Ui) -> None:
    ui.add_user()
    told: list[str] = []

    for email in (EMAIL, "nobody@example.org"):
        app = ui.open()
        fill_in(app, email=email, password="not the password")
        app.button(key="sign_in_submit").click().run()
        told.append(app.error[0].value)

    assert told[0] == told[1]
    assert told[0].startswith("**Email and password don't match.**")


def test_who_has_no_session_is_asked_to_sign_in(ui: Ui) -> None:
    ui.add_user()
    ui.cookie = "made up"

    assert ui.open().title[0].value == "Sign in"


@pytest.mark.usefixtures("owner")
def test_a_session_that_ended_elsewhere_ends_here_at_the_next_look(ui: Ui) -> None:
    app = ui.open("account")
    assert app.title[0].value == "Account"
    assert ui.cookie is not None
    signed_in = bridge.run(find_session_user(ui.cookie))
    assert signed_in is not None

    bridge.run(end_all_sessions(signed_in.user))
    del app.session_state["viewer"]  # as if a second had passed
    app.run()

    assert app.title[0].value == "Sign in"


@pytest.mark.usefixtures("owner")
def test_only_superusers_have_the_page_of_users(ui: Ui) -> None:
    assert ui.open("users").title[0].value == "Users"
    ui.sign_in(ui.add_user("grace@example.org"))

    assert "This page is for superusers." in ui.open("users").error[0].value


def an_invitation(ui: Ui, email: str) -> str:
    """The token of a link into the application `default`."""
    application = bridge.run(list_applications(SYSTEM))[0]
    limits = ui.runtime.limits
    made = bridge.run(invite(SYSTEM, application.key, email, "editor", days=7, limits=limits))
    assert made.token is not None
    return made.token.get_secret_value()


def test_an_invited_person_opens_the_account_of_the_address_and_belongs(ui: Ui) -> None:
    ui.add_user()
    token = an_invitation(ui, "bob@example.org")

    app = ui.open(invitation=token)
    assert "**default** with the role editor" in app.markdown[-1].value
    assert (app.text_input(key="new_email").value, app.text_input(key="new_email").disabled) == (
        "bob@example.org",
        True,
    )
    fill_in(app, full_name="Bob", new_password=PASSWORD)
    app.button(key="join_submit").click().run()

    assert app.caption[-1].value == "Opening PromptHub..."
    bob = bridge.run(User.find_first({"email": "bob@example.org"}))
    assert bob is not None
    assert list(ui.sign_in(bob).roles.values()) == ["editor"]
    again = ui.open(invitation=token)  # what the browser loads next
    assert not again.error
    assert "invitation" not in again.query_params


def test_who_has_an_account_signs_in_and_belongs(ui: Ui) -> None:
    ui.add_user()
    token = an_invitation(ui, "bob@example.org")
    bob = ui.add_user("bob@example.org")

    app = ui.open(invitation=token)
    assert app.title[0].value == "Sign in"
    assert app.text_input(key="email").value == "bob@example.org"
    assert not ui.sign_in(bob).roles
    ui.open(invitation=token)

    assert list(ui.sign_in(bob).roles.values()) == ["editor"]


def test_a_link_that_is_not_open_says_why_and_lets_people_sign_in(ui: Ui) -> None:
    ui.sign_in(ui.add_user())
    token = an_invitation(ui, "bob@example.org")

    told = ui.open(invitation=token).error[0].value
    ui.cookie = None
    app = ui.open(invitation="made up")

    assert told.startswith("**This link can't be used.** This invitation is for another address.")
    assert "This invitation is not known." in app.error[0].value
    assert app.title[0].value == "Sign in"
