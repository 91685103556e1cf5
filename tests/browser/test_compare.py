"""Comparing in a real browser: models stream together, one fails, blind rating, the shared link."""

import json
import re
from collections.abc import Callable, Generator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, StorageState, expect
from pymongo import MongoClient

from tests.browser.app_process import App
from tests.browser.conftest import OpenPage
from tests.browser.test_playground import Lab
from tests.fake_provider import FakeProvider

pytestmark = pytest.mark.browser
MODELS = ("gpt-4o-mini", "slow", "gpt-4o", "fault-401")


@pytest.fixture
def lab(app: App, mongo_uri: str, owner_state: StorageState) -> Lab:
    del owner_state  # its account owns the application
    return Lab(mongo_uri, app.database)


@pytest.fixture
def slow_words(fake_provider: FakeProvider) -> Generator[None]:
    """An answer that takes the model `slow` a few seconds."""
    usual, seconds = fake_provider.answer, fake_provider.slow_seconds
    fake_provider.slow_seconds = 0.25
    fake_provider.answer = " ".join(f"word{number}" for number in range(40))
    yield
    fake_provider.answer, fake_provider.slow_seconds = usual, seconds


@pytest.fixture
def open_setup(
    app: App, lab: Lab, owner_state: StorageState, open_page: OpenPage
) -> Callable[[], Page]:
    def open_one() -> Page:
        columns = "&".join(
            f"column={quote(json.dumps({'model': f'openai/{model}', 'version': '1.0.0'}))}"
            for model in MODELS
        )
        page = open_page(state=owner_state)
        page.goto(f"{app.url}/compare?prompt={lab.prompt.prompt_id}&{columns}")
        page.get_by_role("textbox", name=re.compile("country")).fill("France", timeout=40_000)
        return page

    return open_one


def comparisons(app: App, uri: str, lab: Lab) -> list[dict[str, Any]]:
    with MongoClient[dict[str, Any]](uri) as client:
        wanted = {"columns.prompt_id": lab.prompt.prompt_id}
        return list(client[app.database]["comparisons"].find(wanted))


@pytest.mark.usefixtures("slow_words")
def test_models_stream_together_one_fails_and_a_double_click_makes_one(
    app: App, lab: Lab, mongo_uri: str, open_setup: Callable[[], Page]
) -> None:
    page = open_setup()

    page.get_by_role("button", name=re.compile("^Run 4 columns")).dblclick(delay=10)

    expect(page.get_by_role("button", name=re.compile("^Stop .*Esc"))).to_be_visible()
    expect(page.get_by_text("The model did not answer.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Set up again"))).to_be_visible()
    expect(page.get_by_text(re.compile("word0 .*word39"))).to_have_count(3)
    expect(page.get_by_role("button", name="Try again")).to_have_count(1)
    assert len(comparisons(app, mongo_uri, lab)) == 1
    assert len(lab.rows()) == 4


def test_a_run_is_led_to_although_something_else_is_clicked_in_the_same_moment(
    app: App, lab: Lab, mongo_uri: str, open_setup: Callable[[], Page]
) -> None:
    page = open_setup()
    run = page.get_by_role("button", name=re.compile("^Run 4 columns"))
    other = page.get_by_role("button", name="Increment").element_handle()

    run.evaluate("(it, other) => { it.click(); setTimeout(() => other.click(), 1) }", other)

    expect(page).to_have_url(re.compile(r"\?comparison="))
    expect(page.get_by_role("button", name=re.compile("^Set up again"))).to_be_visible()
    assert len(comparisons(app, mongo_uri, lab)) == 1


@pytest.mark.usefixtures("slow_words")
def test_stop_keeps_what_has_come(lab: Lab, open_setup: Callable[[], Page]) -> None:
    page = open_setup()
    page.get_by_role("textbox", name=re.compile("country")).press("Control+Enter")
    expect(page.get_by_text(re.compile("word0 .*word39"))).to_have_count(2)

    page.wait_for_timeout(1600)  # longer than a double click
    page.keyboard.press("Escape")

    expect(page.get_by_text("Stopped.")).to_be_visible()
    expect(page.get_by_text(re.compile("word0 .*word39"))).to_have_count(2)
    assert sorted(row.status for row in lab.rows()) == [
        "cancelled",
        "failed",
        "success",
        "success",
    ]


def test_blind_until_all_are_rated_and_reopened_by_link(
    open_setup: Callable[[], Page], open_page: OpenPage, owner_state: StorageState
) -> None:
    page = open_setup()
    page.get_by_text("Blind", exact=True).click()
    expect(page).to_have_url(re.compile("blind=true"))
    page.get_by_role("button", name=re.compile("^Run 4 columns")).click()

    expect(page.get_by_text("Answer A", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Set up again"))).to_be_visible()
    expect(page.get_by_text("gpt-4o", exact=True)).to_have_count(0)
    expect(page.get_by_text("first text")).to_have_count(0)
    expect(page.get_by_text("0 of 3 answers rated")).to_be_visible()
    link = page.url

    other = open_page(state=owner_state)
    other.goto(link)
    expect(other.get_by_text("Answer D", exact=True)).to_be_visible(timeout=40_000)
    stars = other.get_by_test_id("stFeedback")
    for at in range(3):
        expect(other.get_by_text(f"{at} of 3 answers rated")).to_be_visible()
        expect(other.get_by_text("Answer D", exact=True)).to_be_visible()
        stars.nth(at).get_by_role("radio").nth(3).click(force=True)
    expect(other.get_by_role("heading", name="Figures")).to_be_visible()
    expect(other.get_by_text("gpt-4o", exact=True).first).to_be_visible()

    other.get_by_role("button", name="Saved").click()
    other.locator("[class*=st-key-name_] a").first.click()
    expect(other).to_have_url(
        re.compile(r"\?comparison=")
    )  # kept by the browser: F5 shows the same
    other.go_back()
    expect(other.get_by_role("heading", name="Saved comparisons")).to_be_visible()
