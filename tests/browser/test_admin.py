"""An admin makes an application, hands its key and a link out, and governs who may do what."""

import re
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, StorageState, expect
from pymongo import MongoClient

from tests.browser.app_process import App
from tests.browser.conftest import PASSWORD, OpenPage, expect_signed_in
from tests.fake_provider import FakeProvider

pytestmark = pytest.mark.browser


def create(page: Page, app: App, name: str) -> None:
    """Make an application by a double click; the page goes on to its key."""
    page.goto(f"{app.url}/applications")
    page.get_by_role("button", name="New application").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill(name)
    button = dialog.get_by_role("button", name="Create application")
    expect(button).to_be_enabled()
    button.evaluate("it => [0, 30, 60].forEach(ms => setTimeout(() => it.click(), ms))")
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def join(guest: Page, link: str) -> None:
    """Follow the link of an invitation and open the account."""
    guest.goto(link)
    guest.get_by_label("Full name").fill("Grace Hopper")
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_role("button", name="Create account and join").click()
    expect_signed_in(guest)


def connect(page: Page, app: App, provider: FakeProvider) -> None:
    """Add a connection on its page."""
    page.goto(f"{app.url}/connections")
    page.get_by_role("button", name="Add connection...").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Address").fill(provider.url)
    dialog.get_by_role("textbox", name="Name").fill("models-of-support")
    dialog.get_by_role("textbox", name="Name").press("Enter")
    expect(dialog.get_by_text("Its models are called models-of-support/…")).to_be_visible()
    dialog.get_by_role("button", name="Add connection").click()
    expect(page.get_by_text("Added models-of-support.")).to_be_visible()


def disconnect(app: App, mongo_uri: str) -> None:
    """Take the connection out again: other tests of this server expect none."""
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        gone = client[app.database]["connections"].delete_many({"name": "models-of-support"})
    assert gone.deleted_count == 1


def test_a_key_works_at_once_and_an_invited_person_gets_a_role(
    app: App,
    mongo_uri: str,
    fake_provider: FakeProvider,
    owner_state: StorageState,
    open_page: OpenPage,
) -> None:
    page = open_page(state=owner_state)
    create(page, app, "Support desk")
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        assert client[app.database]["applications"].count_documents({"name": "Support desk"}) == 1

    key = page.get_by_text(re.compile("^ph_[A-Za-z0-9_-]{43}$")).inner_text()
    address = f"{app.url}/api/v1/prompts/greet/versions/latest"
    keys = [{"X-API-Key": one} for one in (key, key[:-1] + "~")]
    # Nothing is published here: the key is let in, and a wrong one is not.
    assert [httpx2.get(address, headers=one).status_code for one in keys] == [404, 401]
    page.get_by_role("button", name="I have stored it").click()
    expect(page.get_by_text(key)).to_have_count(0)
    expect(page.get_by_text(re.compile("key used just now"))).to_be_visible()

    page.get_by_role("tab", name="Members").click()
    page.get_by_role("textbox", name="Email").fill("grace@example.org")
    page.get_by_role("button", name="Invite", exact=True).click()
    link = page.get_by_text(re.compile(r"/\?invitation=")).inner_text()
    guest = open_page()
    join(guest, link)
    guest.goto(f"{app.url}/settings")
    expect(guest.get_by_text("Your role does not allow this.")).to_be_visible()

    page.reload()
    role = page.get_by_role("combobox", name=re.compile("Role of grace"))
    role.click()
    page.get_by_role("option", name="operator").click()
    expect(page.get_by_text("Grace Hopper is an operator now.")).to_be_visible()

    connect(page, app, fake_provider)
    disconnect(app, mongo_uri)
    page.goto(f"{app.url}/audit")
    expect(page.get_by_text(re.compile("[0-9]+ events"))).to_be_visible()
