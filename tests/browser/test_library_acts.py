"""Acting on prompts in a real browser: a file with a preview, a copy."""

import json
import re
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.app_process import App
from tests.browser.conftest import OpenPage, app_with_own_database, set_up

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def library(mongo_uri: str) -> Generator[App]:
    """A server of its own, whose prompts no other test changes."""
    yield from app_with_own_database(mongo_uri, {"PROMPTHUB_EMBEDDINGS__KIND": "off"})


@pytest.fixture(scope="module")
def loaded(library: App, browser: Browser) -> StorageState:
    """The owner's cookies, after the examples were loaded."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(library.url)
    set_up(page)
    page.get_by_role("button", name="Load examples").click()
    expect(page.get_by_text("Imported 89 prompts.")).to_be_visible(timeout=30_000)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(library: App, loaded: StorageState, open_page: OpenPage) -> Page:
    """The owner's page, with the examples in the library."""
    page = open_page(state=loaded)
    page.goto(library.url)
    expect(page.get_by_label("Search")).to_be_visible(timeout=20_000)
    return page


def test_an_export_is_previewed_and_imported_where_it_is_new(page: Page) -> None:
    version = {"version": "1.0.0", "body": {"content": "Hi."}, "is_published": True}
    prompts = [
        {"prompt_id": "brought", "name": "Brought", "current_version": "1.0.0"},
        {"prompt_id": "broken", "name": ""},
    ]
    file = {"schema": 1, "prompts": [{**one, "versions": [version]} for one in prompts]}
    page.get_by_role("button", name="Import").click()

    page.locator("input[type=file]").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": json.dumps(file).encode()}
    )

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 new · ")).to_be_visible()
    expect(dialog.get_by_text("1 can't be taken")).to_be_visible()
    expect(dialog.get_by_text("at least 1 item")).to_be_visible()
    dialog.get_by_role("button", name="Import 1 prompt").dblclick()
    expect(page.get_by_text("Imported 1 prompt, 1 could not be taken.")).to_be_visible()
    expect(page.get_by_role("link", name="Brought")).to_be_visible()


def test_a_prompt_is_duplicated_once_and_opens(page: Page) -> None:
    page.get_by_label("Search").fill("historian")
    expect(page.get_by_text(re.compile("· by words$"))).to_be_visible()
    page.locator("[class*=st-key-row_] button").first.click()
    page.get_by_text("Duplicate...").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("Copy of Historian")

    dialog.get_by_role("button", name="Create copy").dblclick()

    expect(page).to_have_url(re.compile(r"/editor\?prompt=copy-of-historian&"))
    page.get_by_role("link", name="Library").first.click()
    page.get_by_label("Search").fill("copy of historian")
    expect(page.get_by_role("link", name=re.compile("^Copy of"))).to_have_count(1)
