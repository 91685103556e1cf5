"""Watching and governing in a real browser: live runs, files of lists, suggestions, sessions."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, StorageState, expect

from core import clock
from core.documents import ExecutionLog, Feedback, PromptVersion
from tests.browser.app_process import App
from tests.browser.conftest import OpenPage, expect_signed_in, sign_in
from tests.browser.test_watch import Log

pytestmark = pytest.mark.browser


@pytest.fixture
def log(app: App, mongo_uri: str, owner_state: StorageState) -> Log:
    del owner_state  # its account owns the application
    return Log(mongo_uri, app.database)


def exported(page: Page, kind: str = "") -> str:
    """Make the file that the dialog offers, download it, close the dialog, return its text."""
    page.get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog")
    offer = dialog.get_by_role("button", name=re.compile("^Download"))
    if kind:
        dialog.get_by_role("radio", name=kind).click()
    expect(dialog.get_by_role("button", name="Make the file")).to_be_visible()
    expect(offer).to_be_hidden()  # what was made before was of other rows
    dialog.get_by_role("button", name="Make the file").dblclick()
    with page.expect_download() as download:
        offer.click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    if kind:
        dialog.get_by_role("radio", checked=False).click()
        expect(offer).to_be_hidden()  # the same rows, but not of this kind
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    return text


def test_new_runs_come_live_and_the_log_is_taken_away_as_a_file(
    app: App, log: Log, owner_state: StorageState, open_page: OpenPage
) -> None:
    log.add_run("=Before()", minutes_ago=5)
    page = open_page(state=owner_state)
    page.goto(f"{app.url}/executions?prompt={log.prompt.prompt_id}")
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()

    page.get_by_text("Live", exact=True).click()
    expect(page.get_by_text("No new runs")).to_be_visible()
    log.add_run("Came live", minutes_ago=0, created_at=clock.now())
    expect(page.get_by_text("1 new run", exact=True)).to_be_visible()
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    page.get_by_role("button", name="Show them in the list").click()
    expect(page.get_by_text("2 runs", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("live=true"))
    page.get_by_text("Live", exact=True).click()
    expect(page.get_by_text("No new runs")).to_be_hidden()

    rows = list(csv.DictReader(io.StringIO(exported(page, "CSV"))))
    assert [row["answer"] for row in rows] == ["Came live", "'=Before()"]
    lines = [json.loads(line) for line in exported(page, "JSONL").splitlines()]
    assert [line["output_data"]["text"] for line in lines] == ["Came live", "=Before()"]


def test_a_suggestion_is_read_beside_the_text_and_closed(
    app: App, log: Log, owner_state: StorageState, open_page: OpenPage
) -> None:
    log.add_run("Paris", minutes_ago=3)
    rated = log.runs()[0]
    log.run(lambda: suggest(rated, "Name the capital in one word."))
    page = open_page(state=owner_state)
    page.goto(f"{app.url}/feedback?tab=suggestions&prompt={log.prompt.prompt_id}")
    expect(page.get_by_text("1 suggestion open")).to_be_visible()
    assert "Name the capital in one word." in exported(page)

    page.get_by_role("link", name="Open in editor").click()
    expect(page.get_by_role("textbox", name="Prompt text")).to_be_visible()
    expect(page.get_by_text("Name the capital in one word.")).to_be_visible()
    page.get_by_role("button", name="Mark as done").click()
    page.goto(f"{app.url}/feedback?tab=suggestions&prompt={log.prompt.prompt_id}")
    expect(page.get_by_text("No open suggestions for")).to_be_visible()


async def suggest(run: ExecutionLog, words: str) -> Feedback:
    version = await PromptVersion.find({"version": run.version}, sort="-created_at").first_or_none()
    assert version is not None
    found = Feedback(
        prompt_version_id=version.key,
        application_id=run.application_id,
        execution_id=run.key,
        user_id=run.key,
        rating=2,
        improvement_suggestion=words,
    )
    return await found.insert()


def test_the_trail_is_narrowed_by_letters_of_an_application_and_exported(
    app: App, log: Log, owner_state: StorageState, open_page: OpenPage
) -> None:
    del log  # its prompts are in the trail
    page = open_page(state=owner_state)
    page.goto(f"{app.url}/audit")
    page.get_by_role("button", name="All applications").click()
    page.get_by_role("textbox", name="Name of an application").fill("defa")
    page.get_by_role("button", name="default", exact=True).click()
    expect(page).to_have_url(re.compile("application="))
    expect(page.get_by_text(re.compile("^[0-9]+ events$"))).to_be_visible()

    rows = list(csv.DictReader(io.StringIO(exported(page, "CSV"))))
    assert {row["application"] for row in rows} == {"default"}
    assert "version.publish" in {row["action"] for row in rows}


def test_another_browser_is_signed_out_from_the_account_page(
    app: App, owner_state: StorageState, open_page: OpenPage
) -> None:
    other = open_page()
    other.goto(app.url)
    sign_in(other)
    expect_signed_in(other)
    page = open_page(state=owner_state)
    page.goto(f"{app.url}/account")

    expect(page.get_by_text("This one")).to_be_visible()
    page.get_by_role("button", name="Sign out of the others").click()
    expect(page.get_by_text(re.compile("Signed [0-9]+ other session"))).to_be_visible()
    other.goto(app.url)
    expect(other.get_by_label("Password", exact=True)).to_be_visible()
    page.reload()
    expect_signed_in(page)
