"""Writing a prompt in a real browser: preview, fields, saving, comparing, publishing."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from bson import ObjectId
from playwright.sync_api import Locator, Page, StorageState, expect

from core.database.connect import connected
from core.documents import Application, Prompt, PromptVersion
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, list_versions, save_version
from core.values.body import VersionBody
from core.values.scope import SYSTEM
from tests.browser.app_process import App
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

T = TypeVar("T")
TEXT = "Summarize the meeting.\n\nBe brief."


class Shelf:
    """Prompts in the application's database, read and written behind its back."""

    def __init__(self, uri: str, database: str) -> None:
        self._uri, self._database = uri, database

    def add(self, text: str = TEXT, *, is_published: bool = True) -> Prompt:
        return self._run(lambda: _add(text, is_published=is_published))

    def versions(self, prompt: Prompt) -> list[PromptVersion]:
        return self._run(lambda: list_versions(SYSTEM, prompt, skip=0, limit=50)).items

    def _run(self, act: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async def run() -> T:
            async with connected(self._uri, self._database):
                return await act()

        # Playwright keeps a loop running in this thread.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(run())).result()


async def _add(text: str, *, is_published: bool) -> Prompt:
    application = await Application.find_one({})
    assert application is not None
    new = NewPrompt(application_id=application.key, name=f"Summarize {ObjectId()}")
    prompt = await create_prompt(SYSTEM, new)
    await save_version(SYSTEM, prompt, NewVersion(body=VersionBody(content=text)))
    if is_published:
        await publish_version(SYSTEM, prompt, "1.0.0")
    return prompt


@pytest.fixture
def shelf(app: App, mongo_uri: str, owner_state: StorageState) -> Shelf:
    del owner_state  # its account owns the application
    return Shelf(mongo_uri, app.database)


@pytest.fixture
def open_prompt(app: App, owner_state: StorageState, open_page: OpenPage) -> Callable[..., Page]:
    def open_one(prompt: Prompt, address: str = "editor", **options: object) -> Page:
        page = open_page(state=owner_state, **options)
        page.goto(f"{app.url}/{address}?prompt={prompt.prompt_id}")
        expect(page.get_by_role("heading", name=prompt.name)).to_be_visible(timeout=20_000)
        return page

    return open_one


def write(page: Page, text: str) -> Locator:
    """Type at the end of the prompt's text."""
    editor = page.get_by_role("textbox", name="Prompt text")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)
    return editor


def preview(page: Page) -> Locator:
    return page.get_by_role("region", name="Preview")


def expect_toast(page: Page, words: str) -> None:
    expect(page.get_by_test_id("stToast").filter(has_text=words)).to_be_visible()


def test_from_a_published_text_to_the_next_published_one(
    shelf: Shelf, open_prompt: Callable[..., Page]
) -> None:
    prompt = shelf.add()
    page = open_prompt(prompt)

    write(page, " For {{ audience }}.")
    expect(preview(page).get_by_text("audience", exact=True)).to_be_visible()
    page.get_by_role("button", name="Declare it").click()
    expect(page.get_by_role("button", name="Declare it")).to_have_count(0)
    page.get_by_role("tab", name=re.compile("Changes")).click()
    expect(page.get_by_text("+ audience")).to_be_visible()
    page.get_by_role("button", name=re.compile("Save draft")).click()
    page.get_by_role("button", name="Save 2.0.0").click()
    expect_toast(page, "Saved the new draft 2.0.0.")
    expect(page).to_have_url(re.compile("version=2.0.0"))
    page.get_by_role("button", name="Publish...").click()
    expect(page.get_by_text("don't send audience are refused")).to_be_visible()
    page.get_by_label("What changed and why").fill("Names the audience")
    page.get_by_role("button", name="Publish 2.0.0").click()

    expect_toast(page, "Published 2.0.0. latest moved from 1.0.0.")
    expect(page.get_by_test_id("stMain")).to_contain_text("Published 2.0.0 from 1.0.0")
    newest, first = shelf.versions(prompt)
    assert (newest.version, newest.is_published) == ("2.0.0", True)
    assert newest.change_description == "Names the audience"
    assert newest.content == f"{TEXT} For {{{{ audience }}}}."
    assert [field.name for field in newest.required_fields] == ["audience"]
    assert first.content == TEXT


def test_a_double_click_on_save_makes_one_version(
    shelf: Shelf, open_prompt: Callable[..., Page]
) -> None:
    prompt = shelf.add()
    page = open_prompt(prompt)
    write(page, " Twice.")
    page.get_by_role("button", name=re.compile("Save draft")).click()

    page.get_by_role("button", name=re.compile("Save 1.0.1")).dblclick()

    expect_toast(page, "Saved the new draft 1.0.1.")
    page.wait_for_timeout(1000)  # a second save would need about 100 ms
    assert [version.version for version in shelf.versions(prompt)] == ["1.0.1", "1.0.0"]


def test_typing_survives_a_refresh_and_goes_on_after_a_save(
    shelf: Shelf, open_prompt: Callable[..., Page]
) -> None:
    prompt = shelf.add(is_published=False)
    page = open_prompt(prompt)

    write(page, " One.")
    expect(page.get_by_text("Unsaved edits")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Unsaved edits from")).to_be_visible(timeout=20_000)
    editor = write(page, " Two.")
    page.keyboard.press("Control+s")
    page.keyboard.type(" Three.", delay=40)

    expect_toast(page, "Saved 1.0.0.")
    expect(editor).to_contain_text("One. Two. Three.")
    expect(page.get_by_text(re.compile("Unsaved edits$")).first).to_be_visible()
    page.wait_for_timeout(1500)  # the toast of the first save hides that of a second one
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Unsaved edits")).to_have_count(0)
    assert [version.content for version in shelf.versions(prompt)] == [f"{TEXT} One. Two. Three."]


def test_two_versions_are_compared_side_by_side_and_the_address_has_it(
    shelf: Shelf, open_prompt: Callable[..., Page]
) -> None:
    prompt = shelf.add()
    page = open_prompt(prompt)
    write(page, " More.")
    page.get_by_role("button", name=re.compile("Save draft")).click()
    page.get_by_role("button", name=re.compile("Save 1.0.1")).click()
    expect_toast(page, "Saved the new draft 1.0.1.")

    page = open_prompt(prompt, "versions")
    for number in ("1.0.0", "1.0.1"):
        # The box that can be seen lies over the one that is named.
        page.get_by_role("checkbox", name=f"Compare {number}").check(force=True)
    sides = page.get_by_role("region", name="1.0.0 compared with 1.0.1")
    expect(sides).to_be_visible()
    expect(page.get_by_text("1 line changed")).to_be_visible()
    page.reload()

    expect(sides).to_be_visible(timeout=20_000)
    page.keyboard.press("Escape")
    expect(sides).to_have_count(0)
    expect(page).not_to_have_url(re.compile("compare="))


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 800)])
def test_the_pages_fit_their_width(
    shelf: Shelf, open_prompt: Callable[..., Page], scheme: str, width: int
) -> None:
    prompt = shelf.add()

    for address in ("editor", "versions"):
        page = open_prompt(prompt, address, scheme=scheme, width=width)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("it => it.scrollWidth - it.clientWidth") <= 0


def test_a_label_moves_an_old_text_comes_back_and_a_draft_goes(
    shelf: Shelf, open_prompt: Callable[..., Page]
) -> None:
    prompt = shelf.add()
    page = open_prompt(prompt)
    write(page, " Second.")
    page.get_by_role("button", name="Publish...").click()
    page.get_by_role("button", name="Publish 1.0.1").click()
    expect_toast(page, "Published 1.0.1.")
    page = open_prompt(prompt, "versions")

    act(page, 1, "Move a label to it...")
    page.get_by_role("button", name="Move the label").click()
    expect_toast(page, "production now serves 1.0.0.")
    act(page, 1, "Roll back to it...")
    page.get_by_label("Reason").fill("Too long")
    page.get_by_role("button", name="Roll back to 1.0.0").click()
    expect_toast(page, "Published 1.0.2 with the text of 1.0.0.")

    newest = shelf.versions(prompt)[0]
    assert (newest.content, newest.change_description) == (TEXT, "Too long")
    page = open_prompt(prompt)
    write(page, " Third.")
    page.get_by_role("button", name=re.compile("Save draft")).click()
    page.get_by_role("button", name=re.compile("Save 1.0.3")).click()
    expect_toast(page, "Saved the new draft 1.0.3.")
    page = open_prompt(prompt, "versions")
    act(page, 0, "Delete the draft...")
    typed = page.get_by_label(re.compile("to confirm"))
    typed.fill("1.0.3")
    typed.press("Enter")
    page.get_by_role("button", name="Delete 1.0.3").click()
    expect_toast(page, "Deleted draft 1.0.3.")
    assert [version.version for version in shelf.versions(prompt)] == ["1.0.2", "1.0.1", "1.0.0"]


def act(page: Page, row: int, name: str) -> None:
    """Choose from the menu of a row of the timeline."""
    page.get_by_role("button", name="Actions").nth(row).click()
    page.get_by_text(name).click()


def test_the_last_words_typed_are_there_after_another_page(
    shelf: Shelf, open_prompt: Callable[..., Page]
) -> None:
    prompt = shelf.add()
    page = open_prompt(prompt)

    write(page, " On the way out.")
    page.get_by_role("link", name="Executions").click()
    expect(page.get_by_role("heading", name="Executions")).to_be_visible()
    page.go_back()
    text = page.get_by_role("textbox", name="Prompt text")
    expect(text).to_contain_text("On the way out.")


def test_a_closed_tab_with_words_just_typed_is_asked_about(
    shelf: Shelf, open_prompt: Callable[..., Page]
) -> None:
    page = open_prompt(shelf.add())
    text = page.get_by_role("textbox", name="Prompt text")

    write(page, " And more.")
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(text).to_contain_text("And more.")
