"""The editor and the comparison in Chromium, in a small app of their own."""

import re
from collections.abc import Generator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.editor_app import running_editor


@pytest.fixture(scope="module")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    del chromium  # without it there is nothing to start for
    with running_editor(tmp_path_factory.mktemp("editor_app")) as address:
        yield address


@pytest.fixture
def page(open_page: OpenPage, address: str) -> Page:
    page = open_page()
    page.goto(address)
    return page


def open_editor(page: Page, label: str = "Prompt text") -> Locator:
    editor = page.get_by_role("textbox", name=label)
    editor.click(timeout=30_000)
    page.keyboard.press("Control+End")
    return editor


def expect_text(page: Page, text: str) -> None:
    expect(page.get_by_text(f"text: {text}.", exact=True)).to_be_visible()


def test_typed_text_arrives(page: Page) -> None:
    open_editor(page)

    page.keyboard.type(" you")

    expect_text(page, "Hello you")
    expect(page.get_by_text("changes: 1")).to_be_visible()


def test_typing_goes_on_while_the_page_reruns(page: Page) -> None:
    editor = open_editor(page)

    for word in ("one", "two", "three", "four", "five"):
        page.keyboard.press("Control+s")  # sends at once, so that echoes arrive while typing
        page.keyboard.type(f" {word}", delay=30)
        page.keyboard.press("Control+k")

    expect(editor).to_be_focused()
    expect(editor).to_have_text("Hello one two three four five")
    expect_text(page, "Hello one two three four five")


def test_a_new_revision_replaces_the_text_and_typing_goes_on_from_there(page: Page) -> None:
    editor = open_editor(page)
    page.keyboard.type(" you")
    expect_text(page, "Hello you")

    page.get_by_role("button", name="Replace").click()
    expect(editor).to_have_text("From the server")
    open_editor(page)
    page.keyboard.type("!")

    expect_text(page, "From the server!")


def test_ctrl_s_sends_the_newest_text_once_and_not_also_the_page_shortcut(page: Page) -> None:
    open_editor(page)

    page.keyboard.type(" you")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("triggers: ['save Hello you']")).to_be_visible()
    page.keyboard.type("!")
    expect_text(page, "Hello you!")
    page.get_by_role("button", name="Rerun").click()
    page.keyboard.press("Control+k")

    expect(page.get_by_text("triggers: ['save Hello you']", exact=True)).to_be_visible()


def test_typing_right_after_ctrl_s_does_not_lose_the_save(page: Page) -> None:
    open_editor(page)

    page.keyboard.type(" you")
    page.keyboard.press("Control+s")
    page.keyboard.press("Control+k")
    page.keyboard.type(" all")

    expect_text(page, "Hello you all")
    expect(page.get_by_text(re.compile(r"^triggers: \['save Hello you[^',]*'\]$"))).to_be_visible()


def test_ctrl_enter_runs_inside_a_fragment(page: Page) -> None:
    open_editor(page, "Small text")

    page.keyboard.type(" a fragment")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("fragment: run In a fragment 1")).to_be_visible()


def test_a_declared_variable_is_offered_between_the_braces_only(page: Page) -> None:
    editor = open_editor(page)

    page.keyboard.type(" au")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.type(" {{au")
    expect(page.get_by_role("option", name="audience")).to_be_visible()
    page.wait_for_timeout(100)  # the editor takes no choice in the first 75 ms of a list
    page.keyboard.press("Enter")

    expect(editor).to_have_text("Hello au {{ audience }}")


def test_escape_then_tab_leaves_the_editor(page: Page) -> None:
    editor = open_editor(page)

    page.keyboard.press("Tab")
    expect(editor).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")

    expect(editor).not_to_be_focused()


def test_text_and_focus_survive_a_change_of_theme(page: Page) -> None:
    editor = open_editor(page)
    page.keyboard.type(" you")

    page.emulate_media(color_scheme="dark")
    page.keyboard.type("!")

    expect(editor).to_be_focused()
    expect_text(page, "Hello you!")


def test_text_is_there_again_after_a_visit_to_another_page(page: Page) -> None:
    editor = open_editor(page)
    page.keyboard.type(" you")

    page.get_by_role("link", name="changes").click(delay=80)  # as long as a finger takes
    expect(page.get_by_role("region")).to_be_visible()
    page.get_by_role("link", name="editor").click()

    expect(editor).to_have_text("Hello you")
    expect_text(page, "Hello you")


def test_a_finding_is_marked_and_explained(page: Page) -> None:
    open_editor(page)

    expect(page.locator(".cm-lintRange-warning")).to_have_text("Hello")
    page.locator(".cm-lint-marker-warning").hover()

    expect(page.get_by_text("A greeting")).to_be_visible()


def test_the_comparison_shows_both_sides_and_stacks_them_where_it_is_narrow(page: Page) -> None:
    page.get_by_role("link", name="changes").click()

    sides = page.get_by_role("region", name="1.0.0 compared with 1.1.0").locator(".cm-content")
    expect(sides).to_have_count(2)
    expect(sides.first.locator(".cm-changedText")).to_have_text("25")
    expect(sides.last.locator(".cm-changedText")).to_have_text("40")
    expect(page.get_by_text(re.compile("unchanged lines")).first).to_be_visible()

    page.set_viewport_size({"width": 500, "height": 900})
    expect(sides).to_have_count(1)
    expect(sides.locator(".cm-deletedText")).to_have_text("25")
