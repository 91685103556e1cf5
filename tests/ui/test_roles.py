"""Every page of the menu for every role: who may open it, and what may be pressed there."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import pytest
from streamlit.testing.v1 import AppTest

from core.documents import ExecutionLog, Prompt, User
from core.values.scope import Scope
from prompthub.wire.literals import Role
from streamlit_app import bridge
from streamlit_app.navigation import PAGES, PageEntry
from tests.ui.conftest import EMAIL, Ui
from tests.ui.desk import a_member, a_prompt, stored

Who = Literal["viewer", "editor", "operator", "admin", "superuser"]
RANK: Mapping[Who, int] = {who: rank for rank, who in enumerate(get_args(Who))}


class Expected(NamedTuple):
    """What holds at an address: for whom it is, and who at least may press which button.

    `acts` are buttons by key or by how keys begin, `menu` options of menus by their words.
    """

    acts: Mapping[str, Who]
    least: Who = "viewer"
    of_prompt: bool = False
    menu: Mapping[str, Who] = {}


# A new page belongs here: with the buttons that change something, by key.
EXPECTED: Mapping[str, Expected] = {
    "library": Expected(
        {"new": "editor", "import": "editor", "show_duplicates": "viewer"},
        menu={"Versions": "viewer", "Duplicate...": "editor", "Deactivate...": "operator"},
    ),
    "playground": Expected({"run": "editor", "example_save": "editor"}, of_prompt=True),
    "compare": Expected({"compare_add": "viewer", "compare_run": "editor"}, of_prompt=True),
    "analytics": Expected({}),
    "executions": Expected({"runs_export": "viewer"}),
    "feedback": Expected({"feedback_export": "viewer", "rate_5": "editor", "queue_skip": "editor"}),
    "extract": Expected({"extract_start": "editor"}),
    "editor": Expected(
        {
            "try": "editor",
            "save": "editor",
            "publish": "operator",
            "fix_0": "editor",
            "boost": "editor",
        },
        of_prompt=True,
        menu={"Versions": "viewer", "Details...": "editor", "Deactivate...": "operator"},
    ),
    "versions": Expected(
        {},
        of_prompt=True,
        menu={
            "Delete the draft...": "editor",
            "Publish...": "operator",
            "Move a label to it...": "operator",
        },
    ),
    "applications": Expected({"create": "viewer"}),
    "account": Expected(
        {"save_name": "viewer", "change_password": "viewer", "sign_out_everywhere": "viewer"}
    ),
    "audit": Expected({"audit_export": "admin"}, least="admin"),
    "settings": Expected({}, least="superuser"),
    "users": Expected({"add_user": "superuser"}, least="superuser"),
    "connections": Expected({"add_connection": "superuser"}, least="superuser"),
}


@pytest.fixture
def prompt(owner: Scope) -> Prompt:
    """A prompt that was run, with a draft in whose text a variable is not declared."""
    prompt = a_prompt(owner, "Hello {{ name }}", "Hi {{ name }}", published=1)
    run = {
        "application_id": prompt.application_id,
        "prompt_id": prompt.prompt_id,
        "prompt_version_id": stored(owner, prompt, "1.0.0").key,
        "version": "1.0.0",
        "model_provider": "openai",
        "model_name": "gpt-4o-mini",
        "status": "success",
        "output_data": {"text": "Hi"},
    }
    bridge.run(ExecutionLog.model_validate(run).insert())
    return prompt


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
            found.extend(not_allowed_right(app, who, page, expected))
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


def not_allowed_right(app: AppTest, who: Who, page: PageEntry, expected: Expected) -> list[str]:
    """Complain where something may be done by who must not, or not by who may."""
    pressable = [str(button.key) for button in app.button if not button.disabled]
    # AppTest does not know menus: their options, with an icon before the words, are in the message.
    offered = {text for menu in app.get("menu_button") for text in menu.proto.options}
    words = {text.rpartition(": ")[2] for text in offered}
    can = {act: any(f"{key}_".startswith(f"{act}_") for key in pressable) for act in expected.acts}
    can |= {option: option in words for option in expected.menu}
    return [
        f"{page.url_path}: {act} is {'' if can[act] else 'not '}for {who}"
        for act, least in (*expected.acts.items(), *expected.menu.items())
        if can[act] != (RANK[who] >= RANK[least])
    ]
