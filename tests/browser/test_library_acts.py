"""Acting on prompts in a real browser: a copy is made once and opens."""

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
