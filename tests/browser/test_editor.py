"""The editor and the comparison in Chromium, in a small app of their own."""

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not on the PATH"),
]

APP = """
import streamlit as st
from streamlit_app.editor import Finding, code_editor, current_text, merge_view

state = st.session_state
state.setdefault("text", "Hello")
state.setdefault("revision", 0)
state.setdefault("triggers", [])
state.setdefault("changes", [])

def replace():
    state.text, state.revision = "From the server", state.revision + 1

def note():
    state.text = current_text("body", revision=state.revision)
    state.changes.append(state.text)

def editor():
    st.button("Rerun", shortcut="Ctrl+K")
    st.button("Replace", on_click=replace)
    if st.button("Save", shortcut="Ctrl+S"):
        state.triggers.append("button")
    state.text, trigger = code_editor(
        state.text, key="body", revision=state.revision, variables=["audience", "transcript"],
        label="Prompt text", on_change=note, height=200,
        findings=[Finding(1, 1, "warning", "A greeting")])
    if trigger:
        state.triggers.append(f"{trigger} {state.text}")
    st.text(f"text: {state.text}.")
    st.text(f"triggers: {state.triggers}")
    st.text(f"changes: {len(state.changes)}")
    with st.expander("Fragment", expanded=True):
        in_fragment()

@st.fragment
def in_fragment():
    text, trigger = code_editor("In", key="small", label="Small text", height=80)
    if trigger:
        state.triggers.append(f"{trigger} {text}")
        st.text(f"fragment: {trigger} {text} {len(state.triggers)}")

def changes():
    lines = "\\n".join(f"line {number}" for number in range(20))
    merge_view("You have 25 words\\n" + lines, "You have 40 words\\n" + lines, key="diff",
               old_title="1.0.0", new_title="1.1.0")

st.navigation([st.Page(editor, url_path="edit", default=True), st.Page(changes)]).run()
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("editor_app")
    (folder / "app.py").write_text(APP)
    (folder / "static").symlink_to(ROOT / "streamlit_app" / "static")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    options = {
        "server.address": "127.0.0.1",
        "server.port": port,
        "server.headless": "true",
        "server.enableStaticServing": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(folder)}
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_until_healthy(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=10)


def wait_until_healthy(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(f"{address}/_stcore/health", timeout=1).close()  # noqa: S310
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("The app of the editor did not start")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """A page that ends with no console error and no request to another host."""
    problems: list[str] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("console", lambda message: problems.extend(errors(message)))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: problems.extend(foreign(request.url, address)))
    page.goto(address)
    yield page
    context.close()
    assert problems == []


def errors(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type == "error" else []


def foreign(url: str, address: str) -> list[str]:
    return [] if url.startswith((f"{address}/", "blob:", "data:")) else [f"requested {url}"]


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
