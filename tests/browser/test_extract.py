"""Taking prompts from a page in a real browser: read, review, save, and go back to the place."""

import json
import re
import threading
from collections.abc import Generator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.app_process import App
from tests.browser.conftest import OpenPage, app_with_own_database, first_visit
from tests.fake_provider import FakeProvider

pytestmark = pytest.mark.browser

HOSTILE = "&lt;img src=http://192.0.2.1/x onerror=document.title=1&gt;"
PAGE = f"""<title>Good prompts</title><main>
<h2>Travel</h2><pre>You are a travel guide. Tell me of {{{{city}}}} in three lines. {HOSTILE}</pre>
<p>The model answers:</p><pre>Rome is old, and it is large.</pre>
<h2>Tales</h2><pre>Act as a storyteller. Tell a tale of the sea to a child.</pre>
<h2>Poems</h2><p>The best we know: a haiku about {{{{season}}}}, please. It never fails.</p>
<h2>Cooking</h2><pre>Act as a cook. Name a dish for {{{{guests}}}} guests.</pre></main>"""


HAIKU = "a haiku about {{season}}, please."


class Quiet(SimpleHTTPRequestHandler):
    """A web server that says nothing on the console."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name it has there
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[str, Path]]:
    """A web server on loopback, and the file of its page."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "good.html").write_text(PAGE, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder / "good.html"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def extracting(
    mongo_uri: str, site: tuple[str, Path], provider_environment: dict[str, str]
) -> Generator[App]:
    """A server that may fetch from the web server above."""
    environment = {
        **provider_environment,
        "PROMPTHUB_EMBEDDINGS__KIND": "off",
        "PROMPTHUB_EXTRACTION__ALLOWED_ORIGINS": json.dumps([site[0]]),
        "PROMPTHUB_EXTRACTION__HOST_DELAY_SECONDS": "0",
    }
    yield from app_with_own_database(mongo_uri, environment)


@pytest.fixture(scope="module")
def editor(extracting: App, browser: Browser) -> StorageState:
    """The cookies of who extracts."""
    return first_visit(extracting, browser)


def test_two_prompts_of_a_page_are_saved_and_lead_back_to_their_place(
    extracting: App, site: tuple[str, Path], editor: StorageState, open_page: OpenPage
) -> None:
    origin, file = site
    page = open_page(state=editor)
    page.goto(f"{extracting.url}/extract")
    page.get_by_label("Web address").last.fill(f"{origin}/good.html")
    page.get_by_role("button", name="Find prompts").click()

    expect(page.get_by_role("heading", name="Good prompts")).to_be_visible()
    expect(page.get_by_text("4 proposals · 3 likely prompts · 1 likely answer")).to_be_visible()
    expect(page.locator("mark")).to_have_count(4)
    # What the page says is shown, and nothing of it runs: `open_page` fails on foreign requests.
    expect(page.locator("mark").first).to_contain_text("<img src=http://192.0.2.1/x")

    page.locator("mark").last.click()
    expect(page).to_have_url(re.compile("at=[0-9]+-[0-9]+"))
    expect(page.locator("mark[data-chosen]")).to_contain_text("Act as a cook.")
    page.get_by_role("button", name="Drop").click()
    expect(page.get_by_text("1 dropped")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Save 2 drafts...").click()
    page.get_by_role("dialog").get_by_role("button", name="Save 2 drafts").dblclick()
    expect(page.get_by_text("Saved 2 drafts.")).to_be_visible()
    expect(page.locator("mark[data-state=saved]")).to_have_count(2)

    page.goto(f"{extracting.url}/versions?prompt=tales")
    expect(page.get_by_text("Found in Good prompts")).to_be_visible()
    file.write_text(PAGE.replace("Tell a tale of the sea", "Tell of ships"), encoding="utf-8")
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("and this text is not in it any more")).to_be_visible()
    page.get_by_role("link", name="Open the source at this place").click()
    expect(page.locator("mark[data-chosen]")).to_have_text(
        "Act as a storyteller. Tell a tale of the sea to a child."
    )
    expect(page.locator("mark[data-chosen]")).to_be_in_viewport()


def test_many_pages_are_read_behind_and_what_was_missed_is_marked_and_named(
    extracting: App,
    site: tuple[str, Path],
    editor: StorageState,
    open_page: OpenPage,
    fake_provider: FakeProvider,
) -> None:
    page = open_page(state=editor)
    page.goto(f"{extracting.url}/extract?from=Several+addresses")
    read_many(page, *site)
    mark_by_hand(page)
    suggest_names(page, fake_provider)

    dialog = page.get_by_role("dialog")
    page.get_by_role("button", name="Save 4 drafts...").click()
    dialog.get_by_label("Folder").fill("Found")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    page.keyboard.press("Control+s")
    dialog.get_by_role("button", name="Save 4 drafts").click()
    expect(page.get_by_text("Saved 4 drafts.")).to_be_visible()
    expect(page.locator("mark[data-state=saved]")).to_have_count(4)


def read_many(page: Page, origin: str, file: Path) -> None:
    """Have two addresses read, one of which is missing, and open the other."""
    # Another text: a known one is the source of before, and what was saved from it is unticked.
    more = PAGE.replace("Good", "More").replace("three", "four").replace("tale", "story")
    (file.parent / "more.html").write_text(more, encoding="utf-8")
    page.get_by_label("Addresses").fill(f"{origin}/more.html\n{origin}/missing.html")
    page.get_by_role("button", name="Find prompts").dblclick()
    expect(page.get_by_text("1 of 2 read, 1 failed").first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("answered with the status 404")).to_be_visible()
    page.get_by_role("button", name="More prompts").click()
    expect(page.locator("mark")).to_have_count(4)
    expect(page.get_by_role("link", name="192.0.2.1")).to_have_count(0)


def mark_by_hand(page: Page) -> None:
    """Mark what no rule found: by selecting it, take that back, and by pasting it."""
    select(page, "a haiku about", "please.")
    page.get_by_role("button", name="Mark as a prompt").click()
    expect(page.locator("mark[data-chosen]")).to_have_text(HAIKU)
    page.get_by_role("button", name="Unmark").click()
    expect(page.locator("mark")).to_have_count(4)

    page.get_by_role("button", name="Mark...").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Text in the source").fill("It never succeeds")
    dialog.get_by_role("button", name="Mark it").click()
    expect(dialog.get_by_text("These words don't stand in the source.")).to_be_visible()
    dialog.get_by_label("Text in the source").fill(HAIKU)
    dialog.get_by_role("button", name="Mark it").dblclick()
    expect(dialog).to_have_count(0)
    expect(page.locator("mark[data-chosen]")).to_have_text(HAIKU)
    expect(page.get_by_text("5 proposals · 4 likely prompts")).to_be_visible()


def suggest_names(page: Page, fake_provider: FakeProvider) -> None:
    """Let a model name the prompts; it has words for one of them."""
    dialog, before = page.get_by_role("dialog"), fake_provider.answer
    fake_provider.answer = json.dumps([{"id": 1, "name": "City in three lines", "tags": ["trip"]}])
    page.get_by_role("button", name="Suggest names...").click()
    dialog.get_by_role("combobox", name="Model").fill("gpt-4o")
    page.get_by_role("option", name="openai/gpt-4o", exact=True).click()
    dialog.get_by_role("button", name="Suggest names").dblclick()
    expect(page.get_by_text("Described 1 prompt.")).to_be_visible()
    fake_provider.answer = before
    expect(page.get_by_role("button", name="City in three lines")).to_be_visible()


def select(page: Page, first: str, last: str) -> None:
    """Draw the mouse over the text of the source, from the first words to the last."""
    place = page.get_by_label("Text of the source").evaluate(
        """(host, [first, last]) => {
          const part = [...host.querySelectorAll("span")].find((one) =>
            one.textContent.includes(first)).firstChild;
          const at = (offset) => {
            const range = document.createRange();
            range.setStart(part, offset);
            range.setEnd(part, offset + 1);
            part.parentElement.scrollIntoView({ block: "center" });
            return range.getBoundingClientRect();
          };
          const from = at(part.data.indexOf(first));
          const to = at(part.data.indexOf(last) + last.length - 1);
          return [from.left, from.top + 5, to.right, to.top + 5];
        }""",
        [first, last],
    )
    page.mouse.move(place[0], place[1])
    page.mouse.down()
    page.mouse.move(place[2], place[3], steps=5)
    page.mouse.up()
