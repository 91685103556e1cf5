"""The main job on a fresh server, as a newcomer does it: from the first visit to the logged run."""

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_process import App
from tests.browser.conftest import OpenPage, app_with_own_database, set_up

pytestmark = pytest.mark.browser


@pytest.fixture
def fresh_app(
    chromium: str, mongo_uri: str, provider_environment: dict[str, str]
) -> Generator[App]:
    del chromium  # without it there is nothing to start for
    yield from app_with_own_database(mongo_uri, provider_environment)


def test_write_version_publish_and_run_a_prompt(fresh_app: App, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(fresh_app.url)
    set_up(page)

    load_samples(page)
    open_prompt(page, "Text Summarizer")
    edit(page)
    save(page)
    publish(page)
    run(page)
    find_in_log(page)


def load_samples(page: Page) -> None:
    page.get_by_role("button", name="Load examples").click()
    expect(page.get_by_text("89 prompts", exact=True)).to_be_visible(timeout=60_000)


def open_prompt(page: Page, name: str) -> None:
    page.get_by_label("Search").fill(name.lower())
    expect(page.get_by_text(re.compile(r"· by .*words$"))).to_be_visible()
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def edit(page: Page) -> None:
    page.get_by_role("textbox", name="Prompt text").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" for {{ audience }}")
    expect(page.get_by_role("region", name="Preview").get_by_text("audience")).to_be_visible()
    page.get_by_role("button", name="Declare it").click()
    expect(page.get_by_role("button", name="Declare it")).to_have_count(0)
    page.get_by_role("tab", name=re.compile("Changes")).click()
    expect(page.get_by_text("+ audience")).to_be_visible()


def save(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Save draft")).click()
    page.get_by_role("button", name="Save 2.0.0").dblclick()
    expect(page).to_have_url(re.compile("version=2.0.0"))


def publish(page: Page) -> None:
    page.get_by_role("button", name="Publish...").click()
    expect(page.get_by_text("don't send audience are refused")).to_be_visible()
    page.get_by_role("button", name="Publish 2.0.0").click()
    expect(page.get_by_test_id("stMain")).to_contain_text("Published 2.0.0")


def run(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Try it")).click()
    expect(page.get_by_role("heading", name="Playground")).to_be_visible()
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="gpt-4o-mini").click()
    audience = page.get_by_role("textbox", name=re.compile("audience"))
    audience.fill("the board")
    audience.press("Control+Enter")
    expect(page.get_by_text("Paris is the capital of France.")).to_be_visible()


def find_in_log(page: Page) -> None:
    page.get_by_role("link", name="Open in the log").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("words for the board")).to_be_visible()
    drawer.get_by_role("tab", name="Timing").click()
    for words in ("openai/gpt-4o-mini", "9", "$0.000"):
        expect(drawer.get_by_text(re.compile(re.escape(words))).first).to_be_visible()


def test_the_server_keeps_the_session_in_an_http_only_cookie(
    fresh_app: App, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(fresh_app.url)
    set_up(page)

    cookies = {cookie.get("name"): cookie for cookie in page.context.cookies()}

    assert cookies["ph_session"].get("httpOnly") is True
    assert cookies["ph_session"].get("sameSite") == "Lax"
    assert "correct horse" not in Path(fresh_app.data_dir / "output.txt").read_text()
