"""The page of accounts without a browser: finding, shutting out, giving rights, passwords."""

import pytest
from streamlit.testing.v1 import AppTest

from core.documents import User
from core.values.scope import Scope
from streamlit_app import bridge
from tests.ui.conftest import PASSWORD, Ui


def stored(user: User) -> User:
    found = bridge.run(User.get(user.key))
    assert found is not None
    return found


def do(ui: Ui, act: str, user: User) -> AppTest:
    """Choose the act in the menu of the account and confirm it."""
    app = ui.open("users")
    menu = next(one for one in app.menu_button if one.key == f"more_{user.key}")
    menu.set_value(act).run()
    return app.button(f"act_{user.key}").click().run()


def told(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption, *app.error])


@pytest.mark.usefixtures("owner")
def test_an_account_is_shut_out_let_in_again_and_made_superuser(ui: Ui) -> None:
    grace = ui.add_user("grace@example.org")

    do(ui, "Deactivate...", grace)
    assert not stored(grace).is_active
    do(ui, "Activate...", grace)
    do(ui, "Make superuser...", grace)

    after = stored(grace)
    assert (after.is_active, after.is_superuser) == (True, True)
    assert after.session_epoch == grace.session_epoch + 1


def test_a_reset_password_is_another_one_and_ends_all_sessions(ui: Ui, owner: Scope) -> None:
    del owner
    grace = ui.add_user("grace@example.org")
    app = ui.open("users")
    menu = next(one for one in app.menu_button if one.key == f"more_{grace.key}")
    menu.set_value("Reset password...").run()
    assert len(app.text_input("reset_to").value or "") >= len(PASSWORD) // 2

    app.button(f"reset_{grace.key}").click().run()

    after = stored(grace)
    assert after.password_hash != grace.password_hash
    assert after.session_epoch > grace.session_epoch


@pytest.mark.usefixtures("owner")
def test_accounts_are_found_by_text_and_state(ui: Ui) -> None:
    people = [ui.add_user(f"{name}@example.org") for name in ("grace", "linus")]
    do(ui, "Deactivate...", people[0])
    app = ui.open("users")

    app.segmented_control("users_state").set_value("Inactive").run()
    assert "1 account" in told(app)
    app.text_input("users_text").set_value("linus").run()
    assert "Nobody matches. Change the text, or show all." in told(app)
    app.button("users_all").click().run()

    assert "3 accounts" in told(app)
