"""Search in a real browser: by meaning as one types, twins told at save, duplicates cleared up."""

import re
import time
from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect
from pymongo import MongoClient

from tests.browser.app_process import App
from tests.browser.conftest import OpenPage, app_with_own_database, first_visit

pytestmark = pytest.mark.browser

# The shipped model encodes the examples in a few seconds; a busy machine takes minutes.
EMBEDDED_SECONDS = 240
EXAMPLES = 89


@pytest.fixture(scope="module")
def library(mongo_uri: str) -> Generator[App]:
    """A server with the shipped model."""
    yield from app_with_own_database(mongo_uri, {})


@pytest.fixture(scope="module")
def loaded(library: App, browser: Browser, mongo_uri: str) -> StorageState:
    """The owner's cookies, when the examples are loaded and embedded."""

    def load(page: Page) -> None:
        page.get_by_role("button", name="Load examples").click()
        expect(page.get_by_text("Imported 89 prompts.")).to_be_visible(timeout=30_000)
        wait_until_embedded(mongo_uri, library.database)

    return first_visit(library, browser, load)


def wait_until_embedded(mongo_uri: str, database: str) -> None:
    """Wait for the vectors; the notice of the page comes a moment after the import only."""
    deadline = time.monotonic() + EMBEDDED_SECONDS
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        chunks = client[database]["prompt_chunks"]
        while chunks.count_documents({"kind": "title"}) < EXAMPLES:
            assert time.monotonic() < deadline, "The examples were not embedded."
            time.sleep(0.2)


@pytest.fixture
def page(library: App, loaded: StorageState, open_page: OpenPage) -> Page:
    page = open_page(state=loaded)
    page.goto(library.url)
    expect(page.get_by_label("Search")).to_be_visible(timeout=20_000)
    return page


def test_a_prompt_is_found_by_its_meaning_while_the_caret_stays(page: Page) -> None:
    search = page.get_by_label("Search")
    # What listens for the key is there a moment after the box.
    expect(page.locator(".st-key-search_keys [data-listens]")).to_be_attached(timeout=20_000)
    page.keyboard.press("/")
    expect(search).to_be_focused()

    page.keyboard.type("what should I eat tonight", delay=60)

    expect(page.get_by_text(re.compile("by meaning and words$"))).to_be_visible()
    expect(page.get_by_text("found by its meaning").first).to_be_visible()
    expect(page.get_by_role("link", name="Chef").first).to_be_visible()
    expect(search).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?q=what\+should\+I\+eat\+tonight$"))

    page.keyboard.press("Escape")

    expect(search).to_have_value("")
    expect(search).to_be_focused()
    expect(page.get_by_text(re.compile(r"^\d+ prompts$"))).to_be_visible()
    expect(page).not_to_have_url(re.compile("q="))


def test_nonsense_finds_nothing_and_the_search_can_be_cleared(page: Page) -> None:
    page.get_by_label("Search").fill("qwxz zzkp")

    expect(page.get_by_text("No match by meaning and words")).to_be_visible()
    page.get_by_role("button", name="Clear the search").click()

    expect(page.get_by_label("Search")).to_have_value("")
    expect(page.get_by_text(re.compile(r"^\d+ prompts$"))).to_be_visible()


def test_a_tag_is_a_word_and_marked_where_it_stands(page: Page) -> None:
    page.get_by_label("Search").fill("careers")

    expect(page.get_by_text(re.compile("by meaning and words$"))).to_be_visible()
    career = page.get_by_text(re.compile("changed ")).get_by_text("career", exact=True)
    expect(career.first).to_have_css("font-weight", "600")


def test_a_twin_is_told_at_save_and_a_double_click_saves_once(library: App, page: Page) -> None:
    page.goto(f"{library.url}/editor?prompt=historian")
    text = page.get_by_role("textbox", name="Prompt text")
    content = text.inner_text()
    new_prompt(library, page, "My historian")
    page.get_by_role("textbox", name="Prompt text").click()
    page.keyboard.insert_text(content)

    page.keyboard.press("Control+s")

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Historian 1.0.0 says")).to_be_visible()
    dialog.get_by_role("button", name="Save anyway").dblclick()
    expect(page.get_by_text("Saved the new draft 1.0.0.")).to_be_visible()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Draft 1.0.0").first).to_be_visible()

    page.get_by_role("tab", name="Similar").click()
    page.get_by_role("button", name="Historian", exact=True).click()

    expect(page).to_have_url(re.compile(r"/editor\?prompt=historian&"))


def test_a_duplicate_is_compared_and_taken_out_of_service(library: App, page: Page) -> None:
    page.goto(f"{library.url}/editor?prompt=chef")
    content = page.get_by_role("textbox", name="Prompt text").inner_text()
    new_prompt(library, page, "Chef again")
    page.get_by_role("textbox", name="Prompt text").click()
    page.keyboard.insert_text(f"{content} Be brief.")
    page.keyboard.press("Control+s")
    page.get_by_role("dialog").get_by_role("button", name="Save anyway").click()
    expect(page.get_by_text("Saved the new draft 1.0.0.")).to_be_visible()

    page.goto(library.url)
    page.get_by_role("button", name="Duplicates").click()
    expect(page).to_have_url(re.compile(r"\?show=duplicates$"))
    group = page.locator("[class*=st-key-duplicates_]").filter(has_text="Chef again")
    group.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("dialog").get_by_text("Chef again 1.0.0").first).to_be_visible()
    page.keyboard.press("Escape")
    group.get_by_role("button", name="Deactivate...").last.click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").dblclick()

    expect(page.get_by_text("Deactivated Chef again.")).to_be_visible()
    expect(page.get_by_role("link", name="Chef again")).to_be_hidden()
    page.get_by_role("button", name="Back to the library").click()
    expect(page.get_by_label("Search")).to_be_visible()


def new_prompt(library: App, page: Page, name: str) -> None:
    """Create a prompt, which opens in the editor."""
    page.goto(library.url)
    expect(page.get_by_label("Search")).to_be_visible(timeout=20_000)
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Create prompt").click()
    expect(page).to_have_url(re.compile("/editor"))
    expect(page.get_by_role("textbox", name="Prompt text")).to_be_visible(timeout=20_000)
