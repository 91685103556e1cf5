"""Every page of the menu for every role: who may open it, and what may be pressed there."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import pytest
from streamlit.testing.v1 import AppTest

from core.documents import Prompt, User
from core.values.scope import Scope
from prompthub.wire.literals import Role
from streamlit_app import bridge
from streamlit_app.navigation import PAGES, PageEntry
from tests.ui.conftest import EMAIL, Ui
from tests.ui.desk import a_member, a_prompt

Who = Literal["viewer", "editor", "operator", "admin", "superuser"]
RANK: Mapping[Who, int] = {who: rank for rank, who in enumerate(get_args(Who))}


class Expected(NamedTuple):
    """What holds at an address: for whom it is, and who at least may press which button."""

    acts: Mapping[str, Who]
    least: Who = "viewer"
    of_prompt: bool = False


# A new page belongs here: with the buttons that change something, by key.
EXPECTED: Mapping[str, Expected] = {
    "library": Expected({"new": "editor", "import": "editor"}),
    "playground": Expected({"run": "editor", "example_save": "editor"}, of_prompt=True),
    "compare": Expected({}, of_prompt=True),
    "analytics": Expected({}),
    "executions": Expected({}),
    "feedback": Expected({}),
    "editor": Expected(
        {"try": "editor", "save": "editor", "publish": "operator", "fix_0": "editor"},
        of_prompt=True,
    ),
    "versions": Expected({}, of_prompt=True),
    "applications": Expected({"create": "viewer"}),
    "account": Expected({"save_name": "viewer", "change_password": "viewer"}),
    "audit": Expected({}, least="admin"),
    "settings": Expected({}, least="superuser"),
    "users": Expected({"add_user": "superuser"}, least="superuser"),
    "connections": Expected({"add_connection": "superuser"}, least="superuser"),
}


@pytest.fixture
def prompt(owner: Scope) -> Prompt:
    """A prompt with a published version and a draft, in whose text a variable is not declared."""
    return a_prompt(owner, "Hello {{ name }}", "Hi {{ name }}", published=1)


def test_every_page_says_whom_it_is_for() -> None:
    assert {page.url_path for page in PAGES} <= set(EXPECTED)


@pytest.mark.parametrize("role", get_args(Role))
def test_members_may_what_their_role_allows(
    ui: Ui, owner: Scope, prompt: Prompt, role: Role
) -> None:
    a_member(ui, owner, role)

    assert complaints(ui, role, prompt) == []


def test_superusers_may_everything(ui: Ui, prompt: Prompt) -> None:
    first = bridge.run(User.find_first({"email": EMAIL}))
    assert first is not None
    ui.sign_in(first)

    assert complaints(ui, "superuser", prompt) == []


@pytest.mark.usefixtures("owner")
def test_strangers_are_asked_to_sign_in_at_every_address(ui: Ui) -> None:
    app, cookie = ui.open(), ui.cookie

    for page in PAGES:
        ui.cookie = cookie
        app.run()
        app.switch_page(f"app_pages/{page.file}")
        ui.cookie = None

        assert [title.value for title in app.run().title] == ["Sign in"], page.url_path


def complaints(ui: Ui, who: Who, prompt: Prompt) -> list[str]:
    """Walk through all pages in one session; say what is not as expected."""
    app, found = ui.open(), list[str]()
    for page in PAGES:
        expected = EXPECTED[page.url_path]
        go_to(app, page, prompt if expected.of_prompt else None)
        told = [error.value for error in app.error]
        if app.exception or len(app.title) != 1:
            found.append(f"{page.url_path}: {app.exception} {app.title}")
        elif RANK[who] < RANK[expected.least]:
            found.extend(not_refused(app, page, told))
        else:
            found.extend(f"{page.url_path}: {one}" for one in told)
            found.extend(not_allowed_right(app, who, page, expected.acts))
    return found


def go_to(app: AppTest, page: PageEntry, prompt: Prompt | None) -> AppTest:
    app.query_params.clear()
    if prompt:
        app.query_params["prompt"] = prompt.prompt_id
    return app.switch_page(f"app_pages/{page.file}").run()


def not_refused(app: AppTest, page: PageEntry, told: list[str]) -> list[str]:
    """Complain where a closed page does not say so, or shows something all the same."""
    refused = len(told) == 1 and "Your role does not allow this." in told[0]
    buttons = {button.key for button in app.button} - {"go_to"}
    return [] if refused and not buttons else [f"{page.url_path}: {told} {buttons}"]


def not_allowed_right(
    app: AppTest, who: Who, page: PageEntry, acts: Mapping[str, Who]
) -> list[str]:
    """Complain where a button may be pressed by who must not, or not by who may."""
    pressable = {button.key for button in app.button if not button.disabled}
    return [
        f"{page.url_path}: {key} is {'' if key in pressable else 'not '}for {who}"
        for key, least in acts.items()
        if (key in pressable) != (RANK[who] >= RANK[least])
    ]
