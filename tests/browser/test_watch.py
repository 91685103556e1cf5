"""Watching answers in a real browser: rate them by keyboard, find a failed one and replay it."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from bson import ObjectId
from playwright.sync_api import Page, StorageState, expect

from core import clock
from core.database.connect import connected
from core.documents import Application, ExecutionLog, Feedback, Prompt
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, save_version
from core.values.scope import SYSTEM
from tests.browser.app_process import App
from tests.browser.conftest import OpenPage
from tests.builders import a_body

pytestmark = pytest.mark.browser

T = TypeVar("T")


class Log:
    """A prompt with two versions in the application's database, and the runs of it."""

    def __init__(self, uri: str, database: str) -> None:
        self._uri, self._database = uri, database
        self.prompt = self.run(self._add)

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async def bound() -> T:
            async with connected(self._uri, self._database):
                return await work()

        with ThreadPoolExecutor(1) as thread:  # Playwright keeps a loop running in this one
            return thread.submit(lambda: asyncio.run(bound())).result()

    def add_run(self, text: str, *, minutes_ago: int, **fields: Any) -> None:
        values = {
            "application_id": self.prompt.application_id,
            "prompt_id": self.prompt.prompt_id,
            "version": "1.0.0",
            "model_provider": "openai",
            "model_name": "gpt-4o-mini",
            "status": "success",
            "input_data": {"model_params": {}, "variables": {"country": "France"}},
            "output_data": {"text": text} if text else {},
            "created_at": clock.now() - timedelta(minutes=minutes_ago),
            **fields,
        }
        self.run(ExecutionLog.model_validate(values).insert)

    def runs(self) -> list[ExecutionLog]:
        found = ExecutionLog.find({"prompt_id": self.prompt.prompt_id}, sort="-created_at")
        return self.run(found.to_list)

    def ratings(self) -> list[int]:
        async def read() -> list[int]:
            wanted = {"prompt_id": self.prompt.prompt_id}
            runs = await ExecutionLog.find(wanted, sort="-created_at").to_list()
            found = [await Feedback.find_one({"execution_id": run.key}) for run in runs]
            return [one.rating for one in found if one]

        return self.run(read)

    async def _add(self) -> Prompt:
        application = await Application.find_one({})
        assert application is not None
        new = NewPrompt(application_id=application.key, name=f"Watched {ObjectId()}")
        prompt = await create_prompt(SYSTEM, new)
        for text in ("Capital of {{ country }}?", "Name the capital of {{ country }}."):
            saved = await save_version(SYSTEM, prompt, NewVersion(body=a_body(text)))
            await publish_version(SYSTEM, prompt, saved.version.version)
        return prompt


@pytest.fixture
def log(app: App, mongo_uri: str, owner_state: StorageState) -> Log:
    del owner_state  # its account owns the application
    return Log(mongo_uri, app.database)


def test_a_reviewer_rates_by_keyboard_and_back_corrects_one(
    app: App, log: Log, owner_state: StorageState, open_page: OpenPage
) -> None:
    for number, text in enumerate(("First answer", "Second answer", "Third answer")):
        log.add_run(text, minutes_ago=number + 1)
    page: Page = open_page(state=owner_state)
    page.goto(f"{app.url}/feedback?prompt={log.prompt.prompt_id}")

    for text, key in (("First answer", "4"), ("Second answer", "2"), ("Third answer", "5")):
        expect(page.get_by_text(text)).to_be_visible()
        page.wait_for_timeout(2000)  # sooner it counts as the same key once more
        page.keyboard.press(key)
    expect(page.get_by_text("You rated 3 answers.")).to_be_visible()
    # That of the last answer goes when all of the end is drawn.
    expect(page.get_by_role("button", name="Back")).to_have_count(1)
    page.keyboard.press("b")
    expect(page.get_by_text("You gave it 5.")).to_be_visible()
    page.wait_for_timeout(2000)
    page.keyboard.press("1")

    expect(page.get_by_text("You rated 3 answers.")).to_be_visible()
    assert log.ratings() == [4, 2, 1]


def test_an_operator_finds_a_failed_run_and_replays_it_on_another_version(
    app: App, log: Log, owner_state: StorageState, open_page: OpenPage
) -> None:
    log.add_run("Fine", minutes_ago=1)
    log.add_run("", minutes_ago=2, status="failed", error_message="The model broke.")
    failed = log.runs()[1]
    page: Page = open_page(state=owner_state)
    page.goto(f"{app.url}/executions?prompt={log.prompt.prompt_id}")
    expect(page.get_by_text("2 runs")).to_be_visible()

    page.get_by_role("combobox", name="State").click()
    page.get_by_role("option", name="Failed").click()
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    # The row below the head; the table is drawn on a canvas, and what scrolls lies over it.
    table = page.get_by_test_id("stDataFrame").locator("canvas").first
    table.click(position={"x": 40, "y": 36 + 18}, force=True)
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("The model broke.")).to_be_visible()
    drawer.get_by_role("button", name="Replay on...").click()
    drawer.get_by_role("combobox", name="Version").click()
    page.get_by_role("option", name=re.compile("^1.0.1")).click()
    drawer.get_by_role("button", name=re.compile("^Run")).click()
    expect(drawer.get_by_text("Paris is the capital of France.")).to_be_visible()
    drawer.get_by_role("button", name="Open the new run").click()

    expect(drawer.get_by_text(f"Replay of run {str(failed.key)[-6:]}").first).to_be_visible()
    newest = log.runs()[0]
    assert (newest.version, newest.status) == ("1.0.1", "success")
    assert newest.metadata["replay_of"] == str(failed.key)
