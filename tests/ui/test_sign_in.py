"""The gate in front of every page, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from core.accounts.sessions import end_all_sessions, find_session_user
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

    with pytest.raises(ValueError, match=r"users\.py"):
        ui.open("users")
