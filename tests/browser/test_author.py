"""An author in a real browser: a conflict brought together, published once; a text boosted."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, StorageState, expect

from core.documents import Prompt
from tests.browser.app_process import App
from tests.browser.conftest import OpenPage
from tests.browser.test_prompt_editor import Shelf, expect_toast, write
from tests.fake_provider import FakeProvider

pytestmark = pytest.mark.browser

TEXT = "Summarize the meeting.\n\nBe brief.\n\nEnd with the decisions."
REWRITE = "<improved_content>\nList the decisions of the meeting.\n</improved_content>"


@pytest.fixture
def shelf(app: App, mongo_uri: str, owner_state: StorageState) -> Shelf:
    del owner_state  # its account owns the application
    return Shelf(mongo_uri, app.database)


@pytest.fixture
def open_draft(app: App, owner_state: StorageState, open_page: OpenPage) -> Callable[..., Page]:
    """Open the first version of a prompt in a browser of its own."""

    def open_one(prompt: Prompt) -> Page:
        page = open_page(state=owner_state)
        page.goto(f"{app.url}/editor?prompt={prompt.prompt_id}&version=1.0.0")
        expect(page.get_by_role("heading", name=prompt.name)).to_be_visible()
        return page

    return open_one


def test_two_authors_in_one_draft_keep_the_work_of_both_and_publish_it_once(
    shelf: Shelf, open_draft: Callable[..., Page]
) -> None:
    prompt = shelf.add(TEXT, is_published=False)
    mine, theirs = open_draft(prompt), open_draft(prompt)
    write(theirs, " Name who decided.")
    expect(theirs.get_by_role("region", name="Preview")).to_contain_text("who decided")
    # Both are the same person here, whose unsaved edits are kept once; theirs are saved first.
    theirs.get_by_role("button", name="Save draft").dblclick()
    expect_toast(theirs, "Saved 1.0.0.")

    mine.get_by_role("textbox", name="Prompt text").click()
    mine.keyboard.press("Control+Home")
    mine.keyboard.type("Read it twice. ")
    expect(mine.get_by_role("region", name="Preview")).to_contain_text("Read it twice.")
    mine.keyboard.press("Control+s")
    expect(mine.get_by_text("1.0.0 changed while you were editing")).to_be_visible()
    expect(mine.get_by_role("radio", name="Both")).to_be_checked()
    joined = mine.get_by_role("region", name="Theirs compared with Both")
    expect(joined).to_contain_text(f"Read it twice. {TEXT.splitlines()[0]}")
    mine.get_by_role("button", name="Save as picked").click()
    expect(mine.get_by_text("changed while you were editing")).to_have_count(0)
    mine.get_by_role("button", name="Publish...").click()
    mine.get_by_role("button", name="Publish 1.0.0").dblclick()
    expect_toast(mine, "Published 1.0.0.")

    (only,) = shelf.versions(prompt)
    assert only.is_published
    assert only.content == f"Read it twice. {TEXT} Name who decided."


def test_a_proposal_is_held_against_the_text_taken_and_taken_back(
    shelf: Shelf, open_draft: Callable[..., Page], fake_provider: FakeProvider
) -> None:
    prompt, before = shelf.add(TEXT, is_published=False), fake_provider.answer
    page = open_draft(prompt)
    fake_provider.answer = REWRITE

    page.get_by_role("button", name="Boost...").click()
    page.get_by_role("combobox", name="Model").fill("openai/gpt-4o-mini")
    page.get_by_role("combobox", name="Model").press("Enter")
    page.get_by_role("button", name="Ask for a proposal").click()
    page.get_by_role("button", name="Take the proposal").dblclick()
    fake_provider.answer = before

    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("List the decisions of the meeting.")
    page.get_by_role("button", name="Undo").click()
    expect(preview).to_contain_text("Be brief.")
    assert shelf.versions(prompt)[0].content == TEXT
