"""Running a prompt in a real browser: the answer arrives, stops, and is found in the log."""

import asyncio
import re
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor

import pytest
from bson import ObjectId
from playwright.sync_api import Locator, Page, StorageState, expect

from core.database.connect import connected
from core.documents import Application, ExecutionLog, Prompt
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, save_version
from core.values.scope import SYSTEM
from tests.browser.app_process import App
from tests.browser.conftest import OpenPage
from tests.builders import a_body
from tests.fake_provider import FakeProvider

pytestmark = pytest.mark.browser


class Lab:
    """A prompt of its own in the application's database, and the rows its runs leave."""

    def __init__(self, uri: str, database: str) -> None:
        self._uri, self._database = uri, database
        with ThreadPoolExecutor(1) as thread:  # Playwright keeps a loop running in this one
            self.prompt = thread.submit(lambda: asyncio.run(self._add())).result()

    def rows(self) -> list[ExecutionLog]:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(self._read())).result()

    def expect_states(self, *states: str) -> None:
        """The states of the runs, newest first, within ten seconds."""
        found: list[str] = []
        for _ in range(100):
            found = [row.status for row in self.rows()]
            if found == list(states):
                return
            time.sleep(0.1)
        assert found == list(states)

    async def _add(self) -> Prompt:
        async with connected(self._uri, self._database):
            application = await Application.find_one({})
            assert application is not None
            new = NewPrompt(application_id=application.key, name=f"Capital {ObjectId()}")
            prompt = await create_prompt(SYSTEM, new)
            body = a_body("What is the capital of {{ country }}?", system_prompt="Be brief.")
            await save_version(SYSTEM, prompt, NewVersion(body=body))
            await publish_version(SYSTEM, prompt, "1.0.0")
            return prompt

    async def _read(self) -> list[ExecutionLog]:
        async with connected(self._uri, self._database):
            rows = ExecutionLog.find({"prompt_id": self.prompt.prompt_id}, sort="-created_at")
            return await rows.to_list()


@pytest.fixture
def lab(app: App, mongo_uri: str, owner_state: StorageState) -> Lab:
    del owner_state  # its account owns the application
    return Lab(mongo_uri, app.database)


@pytest.fixture
def long_answer(fake_provider: FakeProvider) -> Generator[str]:
    """Words that take the model `slow` half a minute."""
    usual = fake_provider.answer
    fake_provider.answer = " ".join(f"word{number}" for number in range(300))
    yield fake_provider.answer
    fake_provider.answer = usual


@pytest.fixture
def open_playground(
    app: App, lab: Lab, owner_state: StorageState, open_page: OpenPage
) -> Callable[[str], Page]:
    def open_one(model: str) -> Page:
        page = open_page(state=owner_state)
        page.goto(f"{app.url}/playground?prompt={lab.prompt.prompt_id}&model=openai/{model}")
        country(page).fill("France", timeout=20_000)
        return page

    return open_one


def country(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("country"))


def run(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Run"))


def stop(page: Page) -> Locator:
    return page.get_by_role("button", name="Stop Shortcut Esc")


def test_a_run_streams_in_and_is_found_in_the_log(
    lab: Lab, open_playground: Callable[[str], Page]
) -> None:
    page = open_playground("gpt-4o-mini")

    country(page).press("Control+Enter")
    expect(page.get_by_text("Paris is the capital of France.")).to_be_visible()
    expect(page.get_by_text("9 in, 3 out")).to_be_visible()
    page.get_by_role("link", name="Open in the log").click()

    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("Success")).to_be_visible()
    expect(drawer.get_by_text("What is the capital of France?")).to_be_visible()
    drawer.get_by_role("tab", name="Timing").click()
    expect(drawer.get_by_text("openai/gpt-4o-mini")).to_be_visible()
    drawer.get_by_role("button", name="Open in playground").click()
    expect(country(page)).to_have_value("France")
    expect(page).to_have_url(re.compile("model=openai%2Fgpt-4o-mini"))
    lab.expect_states("success")


@pytest.mark.usefixtures("long_answer")
def test_stop_ends_the_call_upstream_and_keeps_what_has_come(
    lab: Lab, fake_provider: FakeProvider, open_playground: Callable[[str], Page]
) -> None:
    page = open_playground("slow")

    run(page).click()
    expect(page.get_by_text(re.compile("word0 word1 word2"))).to_be_visible()
    page.wait_for_timeout(500)
    page.keyboard.press("Escape")

    expect(page.get_by_text("Cancelled")).to_be_visible()
    expect(page.get_by_text(re.compile("word0 word1 word2"))).to_be_visible()
    expect(run(page)).to_be_visible()
    lab.expect_states("cancelled")
    assert fake_provider.chats[-1].was_disconnected


@pytest.mark.usefixtures("long_answer")
def test_leaving_the_page_ends_the_call_upstream(
    lab: Lab, fake_provider: FakeProvider, open_playground: Callable[[str], Page]
) -> None:
    page = open_playground("slow")

    run(page).click()
    expect(page.get_by_text(re.compile("word0 word1"))).to_be_visible()
    page.get_by_role("link", name="Executions").click()

    expect(page.get_by_role("heading", name="Executions")).to_be_visible()
    lab.expect_states("cancelled")
    assert fake_provider.chats[-1].was_disconnected


@pytest.mark.usefixtures("long_answer")
def test_closing_the_tab_ends_the_call_upstream(
    lab: Lab, open_playground: Callable[[str], Page]
) -> None:
    page = open_playground("slow")

    run(page).click()
    expect(page.get_by_text(re.compile("word0 word1"))).to_be_visible()
    page.close()

    lab.expect_states("cancelled")


@pytest.mark.usefixtures("long_answer")
def test_editing_meanwhile_and_a_double_click_neither_stop_nor_double_a_run(
    lab: Lab, open_playground: Callable[[str], Page]
) -> None:
    page = open_playground("slow")

    run(page).dblclick(delay=10)
    expect(page.get_by_text(re.compile("word0 word1"))).to_be_visible()
    country(page).fill("Spain")
    country(page).press("Tab")
    expect(page.get_by_text(re.compile("word0 .* word15"))).to_be_visible()

    expect(stop(page)).to_be_visible()
    lab.expect_states("running")
    page.wait_for_timeout(200)
    stop(page).click()
    lab.expect_states("cancelled")


def test_a_refresh_keeps_prompt_version_and_model(open_playground: Callable[[str], Page]) -> None:
    page = open_playground("gpt-4o")
    page.get_by_role("combobox", name=re.compile("Version")).click()
    page.get_by_role("option", name="1.0.0", exact=True).click()
    expect(page).to_have_url(re.compile("version=1.0.0"))

    page.reload()

    expect(page.get_by_role("combobox", name=re.compile("Version"))).to_have_value(
        "1.0.0", timeout=20_000
    )
    expect(page.get_by_role("combobox", name=re.compile("Model"))).to_have_value("openai/gpt-4o")


def test_a_failure_of_the_provider_is_told_and_logged(
    lab: Lab, open_playground: Callable[[str], Page]
) -> None:
    page = open_playground("fault-401")

    run(page).click()

    expect(page.get_by_text("The model did not answer.")).to_be_visible()
    expect(page.get_by_text("PROVIDER-RAW-TEXT")).to_have_count(0)
    page.get_by_role("link", name="Open in the log").click()
    expect(page.get_by_role("dialog").get_by_text("Failed")).to_be_visible()
    lab.expect_states("failed")


def test_k_and_j_walk_through_the_log(
    app: App, lab: Lab, open_playground: Callable[[str], Page]
) -> None:
    page = open_playground("gpt-4o-mini")
    for name in ("France", "Spain"):
        country(page).fill(name)
        page.wait_for_timeout(800)  # longer than a double click
        run(page).click()
        expect(page.get_by_text("Success")).to_be_visible()
    lab.expect_states("success", "success")
    newer, older = lab.rows()

    page.goto(f"{app.url}/executions?prompt={lab.prompt.prompt_id}&execution={newer.key}")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("the capital of Spain?")).to_be_visible(timeout=20_000)
    page.keyboard.press("j")

    expect(drawer.get_by_text("the capital of France?")).to_be_visible()
    expect(page).to_have_url(re.compile(f"execution={older.key}"))
    page.keyboard.press("k")
    expect(drawer.get_by_text("the capital of Spain?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(page).not_to_have_url(re.compile("execution="))
