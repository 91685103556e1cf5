"""The library in a real browser: examples, live search, a new prompt, the table, files."""

import json
import re
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.app_process import App
from tests.browser.conftest import OpenPage, app_with_own_database, first_visit

pytestmark = pytest.mark.browser

HEADER, ROW = 38, 36


@pytest.fixture(scope="module")
def library(mongo_uri: str) -> Generator[App]:
    """A server of its own, as an empty library is one no other test has written to."""
    yield from app_with_own_database(mongo_uri, {"PROMPTHUB_EMBEDDINGS__KIND": "off"})


@pytest.fixture(scope="module")
def loaded(library: App, browser: Browser) -> StorageState:
    """The owner's cookies, after a double click on the examples of the empty library."""

    def load(page: Page) -> None:
        page.get_by_role("button", name="Load examples").dblclick()
        expect(page.get_by_text("Imported 89 prompts.")).to_be_visible(timeout=20_000)

    return first_visit(library, browser, load)


@pytest.fixture
def page(library: App, loaded: StorageState, open_page: OpenPage) -> Page:
    """The owner's page, with the examples in the library."""
    page = open_page(state=loaded)
    page.goto(library.url)
    expect(page.get_by_label("Search")).to_be_visible(timeout=20_000)
    return page


def test_a_double_click_loads_the_examples_once(page: Page) -> None:
    expect(page.get_by_text("89 prompts", exact=True)).to_be_visible()


def test_results_follow_the_typing_and_the_address_can_be_shared(page: Page) -> None:
    page.get_by_label("Search").press_sequentially("commit message", delay=20)

    expect(page.get_by_text(re.compile(r"· by words$"))).to_be_visible()
    expect(page.get_by_role("link", name="Commit Message Generator")).to_be_visible()
    expect(page.get_by_text("commit message", exact=True).first).to_have_css("font-weight", "600")
    expect(page).to_have_url(re.compile(r"\?q=commit\+message$"))

    page.reload()

    expect(page.get_by_label("Search")).to_have_value("commit message", timeout=10_000)
    page.get_by_role("link", name="Commit Message Generator").click()
    expect(page).to_have_url(re.compile(r"/editor\?prompt=commit-message-generator&"))


def test_a_page_of_the_list_is_in_the_address_and_a_filter_begins_again(page: Page) -> None:
    page.get_by_role("button", name="Page 3").click()
    expect(page).to_have_url(re.compile(r"\?page=3$"))

    page.get_by_text("Published", exact=True).first.click()

    expect(page).to_have_url(re.compile(r"\?state=Published$"))


def test_n_starts_a_prompt_that_opens_in_the_editor_once(page: Page) -> None:
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_be_focused()

    page.keyboard.type("Plan **a** trip")
    expect(dialog.get_by_role("textbox", name="Id")).to_have_attribute("placeholder", "plan-a-trip")
    dialog.get_by_role("button", name="Create prompt").dblclick()

    expect(page).to_have_url(re.compile(r"/editor\?prompt=plan-a-trip&"))
    page.get_by_role("link", name="Library").first.click()
    page.get_by_label("Search").fill("plan a trip")
    expect(page.get_by_text(re.compile("· by words$"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^Plan"))).to_have_count(1)


def test_ticked_prompts_are_deactivated_and_restored(page: Page) -> None:
    page.get_by_text("Table", exact=True).click()
    tick(page, 0)
    tick(page, 2)
    expect(page.get_by_text("2 selected")).to_be_visible()

    page.get_by_role("button", name="Deactivate...").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate 2 prompts").dblclick()

    expect(page.get_by_text("Deactivated 2 prompts.")).to_be_visible()
    expect(page.get_by_text("2 selected")).to_be_hidden()
    page.get_by_text("Inactive", exact=True).first.click()
    expect(page.get_by_text("2 inactive prompts")).to_be_visible()
    page.get_by_text("Cards", exact=True).click()
    page.get_by_role("button", name="Restore").first.click()
    expect(page.get_by_text("1 inactive prompt", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Restored "))).to_be_visible()


def test_a_file_is_looked_at_before_it_is_imported(page: Page) -> None:
    lines = [
        json.dumps({"id": f"own-{n}", "name": f"Own {n}", "content": "Hi {{ name }}"})
        for n in range(30)
    ]
    page.get_by_role("button", name="Import").click()

    page.locator("input[type=file]").set_input_files(
        {
            "name": "own.jsonl",
            "mimeType": "application/jsonl",
            "buffer": "\n".join([*lines, "no json"]).encode(),
        }
    )

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Line 31 is no JSON object.")).to_be_visible()
    dialog.get_by_role("button", name="Import 30 prompts").dblclick()
    expect(page.get_by_text("Imported 30 prompts.")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("link", name=re.compile("^Own ")).first).to_be_visible()


def tick(page: Page, row: int) -> None:
    """Tick a row of the table, which is drawn on a canvas."""
    canvas = page.get_by_test_id("stDataFrame").locator("canvas").first
    expect(canvas).to_be_visible()
    # What scrolls lies over the canvas, so that only the mouse itself reaches it.
    canvas.click(position={"x": 16, "y": HEADER + ROW * row + ROW // 2}, force=True)


def test_enter_in_go_to_opens_the_first_prompt_found(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()

    page.keyboard.type("historian")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/editor\?prompt=historian&"))


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
