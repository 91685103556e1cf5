"""Talking in the playground in a real browser: three turns, drafts, examples, copied code."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page, StorageState, expect
from pymongo import MongoClient

from core.accounts.applications import regenerate_key
from core.database.connect import connected
from core.values.scope import SYSTEM
from tests.browser.app_process import App
from tests.browser.conftest import OpenPage
from tests.browser.test_playground import Lab, country, run, stop
from tests.fake_provider import FakeProvider

pytestmark = pytest.mark.browser
SAY = "Say something to the answer"


@pytest.fixture
def lab(app: App, mongo_uri: str, owner_state: StorageState) -> Lab:
    del owner_state  # its account owns the application
    return Lab(mongo_uri, app.database)


@pytest.fixture
def open_playground(
    app: App, lab: Lab, owner_state: StorageState, open_page: OpenPage
) -> Callable[[str], Page]:
    def open_one(model: str) -> Page:
        page = open_page(state=owner_state)
        page.goto(f"{app.url}/playground?prompt={lab.prompt.prompt_id}&model=openai/{model}")
        expect(country(page)).to_be_visible(timeout=60_000)
        return page

    return open_one


@pytest.fixture
def usual_answer(fake_provider: FakeProvider) -> Generator[None]:
    """Put back what a test changes of the provider."""
    usual, seconds = fake_provider.answer, fake_provider.slow_seconds
    yield
    fake_provider.answer, fake_provider.slow_seconds = usual, seconds


def say(page: Page, text: str) -> None:
    field = page.get_by_placeholder(SAY)
    expect(field).to_be_enabled()
    field.fill(text)
    field.press("Enter")


def stored(app: App, uri: str, collection: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    with MongoClient[dict[str, Any]](uri) as client:
        return list(client[app.database][collection].find(wanted))


def wait_for(page: Page, is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It did not come within twenty seconds.")


@pytest.mark.usefixtures("usual_answer")
def test_three_turns_the_last_one_stopped_come_back_after_a_refresh(
    lab: Lab, fake_provider: FakeProvider, open_playground: Callable[[str], Page]
) -> None:
    fake_provider.slow_seconds = 0.01
    page = open_playground("slow")
    country(page).fill("France")
    run(page).click()
    expect(page.get_by_text("Paris is the capital of France.")).to_be_visible()
    fake_provider.answer = "Shorter: Paris."
    say(page, "Shorter")
    expect(page.get_by_text("Shorter: Paris.")).to_be_visible()

    fake_provider.answer = " ".join(f"word{number}" for number in range(300))
    fake_provider.slow_seconds = 0.1
    say(page, "Now at length")
    expect(page.get_by_text(re.compile("word0 word1 word2"))).to_be_visible()
    page.wait_for_timeout(800)  # longer than a double click
    stop(page).click()

    expect(page.get_by_text("Cancelled")).to_be_visible()
    lab.expect_states("cancelled", "success", "success")
    sent = [one["content"].strip() for one in fake_provider.chats[-1].body["messages"]]
    assert sent[-4:] == [
        "Paris is the capital of France.",
        "Shorter",
        "Shorter: Paris.",
        "Now at length",
    ]
    page.reload()
    expect(page.get_by_text("3 turns")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Shorter: Paris.")).to_be_visible()
    expect(page.get_by_text(re.compile("word0 word1 word2"))).to_be_visible()


def test_what_is_typed_outlives_a_refresh_and_a_double_click_saves_one_example(
    app: App, mongo_uri: str, lab: Lab, open_playground: Callable[[str], Page]
) -> None:
    page = open_playground("gpt-4o-mini")
    place = {"place_id": lab.prompt.key}

    country(page).press_sequentially("New Zeal")  # and stays in the field
    wait_for(page, lambda: bool(stored(app, mongo_uri, "typed_values", place)))
    country(page).press_sequentially("and")
    expect(country(page)).to_have_value("New Zealand")
    wait_for(
        page,
        lambda: (
            [one["values"] for one in stored(app, mongo_uri, "typed_values", place)]
            == [{"country": "New Zealand"}]
        ),
    )
    page.reload()

    expect(country(page)).to_have_value("New Zealand", timeout=60_000)
    page.get_by_role("button", name="Save as example...").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Far away")
    dialog.get_by_role("button", name="Save example").dblclick(delay=10)
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("combobox", name=re.compile("Example"))).to_have_value("Far away")
    found = stored(app, mongo_uri, "examples", {"prompt_key": lab.prompt.key})
    assert [one["values"] for one in found] == [{"country": "New Zealand"}]


def test_the_program_that_is_copied_runs_against_this_server(
    app: App, mongo_uri: str, lab: Lab, open_playground: Callable[[str], Page]
) -> None:
    page = open_playground("gpt-4o-mini")
    country(page).fill('Fran\'ce "x"')
    page.get_by_role("button", name="Copy as code").click()
    code = page.get_by_test_id("stCode").get_by_role("code").first
    expect(code).to_contain_text("import httpx")
    expect(code).to_contain_text('ce \\"x\\"')

    async def a_key() -> str:
        async with connected(mongo_uri, app.database):
            created = await regenerate_key(SYSTEM, lab.prompt.application_id)
            return created.api_key.get_secret_value()

    with ThreadPoolExecutor(1) as thread:  # Playwright keeps a loop running in this one
        key = thread.submit(lambda: asyncio.run(a_key())).result()
    ran = subprocess.run(
        [sys.executable, "-c", code.inner_text()],
        env={**os.environ, "PROMPTHUB_API_KEY": key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "Paris is the capital of France.\n"
    (row,) = lab.rows()
    assert row.rendered_messages[-1].content == 'What is the capital of Fran\'ce "x"?'
