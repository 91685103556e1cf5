"""Taking prompts from a page in a real browser: read, review, save, and go back to the place."""

import json
import re
import threading
from collections.abc import Generator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.app_process import App
from tests.browser.conftest import OpenPage, app_with_own_database, set_up

pytestmark = pytest.mark.browser

HOSTILE = "&lt;img src=http://192.0.2.1/x onerror=document.title=1&gt;"
PAGE = f"""<title>Good prompts</title><main>
<h2>Travel</h2><pre>You are a travel guide. Tell me of {{{{city}}}} in three lines. {HOSTILE}</pre>
<p>The model answers:</p><pre>Rome is old, and it is large.</pre>
<h2>Tales</h2><pre>Act as a storyteller. Tell a tale of the sea to a child.</pre>
<h2>Cooking</h2><pre>Act as a cook. Name a dish for {{{{guests}}}} guests.</pre></main>"""


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
def extracting(mongo_uri: str, site: tuple[str, Path]) -> Generator[App]:
    """A server that may fetch from the web server above."""
    environment = {
        "PROMPTHUB_EMBEDDINGS__KIND": "off",
        "PROMPTHUB_EXTRACTION__ALLOWED_ORIGINS": json.dumps([site[0]]),
    }
    yield from app_with_own_database(mongo_uri, environment)


def test_two_prompts_of_a_page_are_saved_and_lead_back_to_their_place(
    extracting: App, site: tuple[str, Path], open_page: OpenPage
) -> None:
    origin, file = site
    page = open_page()
    page.goto(f"{extracting.url}/extract")
    set_up(page)
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
