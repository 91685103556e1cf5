"""A superuser connects a server of models, tries it, runs a prompt on it, and deletes it again."""

import re

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser.app_process import App
from tests.browser.conftest import OpenPage
from tests.browser.test_playground import Lab
from tests.fake_provider import FakeProvider

pytestmark = pytest.mark.browser

KEY = "sk-0123456789abcdefWXYZ"


@pytest.fixture
def lab(app: App, mongo_uri: str, owner_state: StorageState) -> Lab:
    del owner_state  # its account owns the application
    return Lab(mongo_uri, app.database)


def choose(page: Page, act: str) -> Locator:
    """Open the menu of the one stored connection and return the dialog of the act."""
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_text(act, exact=True).click()
    return page.get_by_role("dialog")


def add(page: Page, address: str) -> None:
    page.get_by_role("button", name="Add connection...").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Address").fill(address)
    dialog.get_by_role("textbox", name=re.compile("^Key")).fill(KEY)
    dialog.get_by_role("textbox", name="Name").fill("mine")
    dialog.get_by_role("textbox", name="Name").press("Enter")
    expect(dialog.get_by_text("Its models are called mine/…")).to_be_visible()
    dialog.get_by_role("button", name="Add connection").click()
    expect(dialog).to_be_hidden()


def test_a_connection_is_added_tried_used_and_deleted(
    app: App, lab: Lab, fake_provider: FakeProvider, owner_state: StorageState, open_page: OpenPage
) -> None:
    page = open_page(state=owner_state)
    page.goto(f"{app.url}/connections")
    expect(page.get_by_text("key from OPENAI_API_KEY")).to_be_visible(timeout=20_000)

    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("The server offers 3 models.")).to_be_visible()

    add(page, fake_provider.url)
    expect(page.get_by_text("key …WXYZ")).to_be_visible()
    page.get_by_role("button", name="Test", exact=True).first.click()
    expect(page.get_by_text("The server offers 3 models.")).to_have_count(2)

    dialog = choose(page, "Edit...")
    expect(dialog.get_by_role("textbox", name="New key")).to_have_value("")
    dialog.get_by_role("button", name="Fetch from the server").click()
    expect(dialog.get_by_text("The server lists 3 models")).to_be_visible()
    dialog.get_by_role("combobox", name=re.compile("Models to offer")).click()
    page.get_by_role("option", name="gpt-4o-mini").click()
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="Save connection").click()
    expect(page.get_by_text(re.compile(r"1 model\s+·\s+key …WXYZ"))).to_be_visible()

    run = open_page(state=owner_state)
    run.goto(f"{app.url}/playground?prompt={lab.prompt.prompt_id}&model=mine/gpt-4o-mini")
    run.get_by_role("textbox", name=re.compile("country")).fill("France", timeout=20_000)
    run.get_by_role("textbox", name=re.compile("country")).press("Control+Enter")
    expect(run.get_by_text(fake_provider.answer)).to_be_visible()
    assert fake_provider.chats[-1].headers["authorization"] == f"Bearer {KEY}"

    dialog = choose(page, "Delete...")
    dialog.get_by_role("textbox").fill("mine")
    dialog.get_by_role("textbox").press("Enter")
    dialog.get_by_role("button", name="Delete connection").click()
    expect(page.get_by_text("No connection is stored yet")).to_be_visible()
