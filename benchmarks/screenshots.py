"""Take the screenshots of the documentation anew: `python -m benchmarks.screenshots`.

The application is started on a temporary folder with the sample library and the offline demo.
"""

import asyncio
import json
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, StorageState, ViewportSize, sync_playwright

from benchmarks.made_up import fill
from benchmarks.server import Server, running
from benchmarks.ui import CHROMIUM, FLAGS, set_up

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
WORKSHOP = """# Notes of the workshop

What worked best, with the answers we got.

## Meetings

Prompt:

```
You are the secretary of {board}. Write the minutes of this meeting from the transcript below: \
decisions first, then tasks with who does them and until when.

[transcript]
```

The model answers:

```
Decisions: the budget of the spring fair was raised to 4,000. Tasks: Maria asks for offers.
```

## Letters

Prompt:

```
Act as a friendly clerk. Answer the letter of a citizen in plain words, at most ten sentences: \
[letter]
```

## Translations

Prompt:

```
You are a translator. Translate the text into {language}, and keep names and figures as they are.
```
"""
# Placeholders of what is still to be drawn lie in the page, and a sign that a script runs.
AT_REST = """() => !document.querySelector(
    '[data-testid=stSkeleton], [data-testid=stStatusWidget]')"""
SIZE: ViewportSize = {"width": 1280, "height": 800}


def main() -> None:
    """Take every picture, light and dark where the difference matters.

    Raises:
        SystemExit: there is no Chromium on the PATH.
    """
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        raise SystemExit("Chromium is not on the PATH.")
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        state = set_up(browser, server)
        context = browser.new_context(storage_state=state, viewport=SIZE)
        page = context.new_page()
        take_story(page, server.url)
        take_compare(page, server.url)
        take_analytics(page, server)
        take_others(page, server.url)
        take_extract(page, server.url)
        take_dark(browser, server.url, context.storage_state())
        browser.close()


def take_story(page: Page, url: str) -> None:
    """Take the pictures of the main job, doing it."""
    page.goto(url)
    page.get_by_role("button", name="Load examples").click()
    page.get_by_text("89 prompts", exact=True).wait_for(timeout=60_000)
    search_until_warm(page, f"{url}/?q=prepare+for+a+job+interview")
    picture(page, "library-light")
    page.goto(f"{url}/editor?prompt=article-summary-and-comprehension")
    page.get_by_role("textbox", name="Prompt text").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nWrite for {{ audience }}, and quote one sentence.")
    page.get_by_role("button", name="Declare it").click()
    page.get_by_role("button", name="Declare it").wait_for(state="hidden")
    page.wait_for_timeout(1000)
    picture(page, "editor-light")
    page.get_by_role("button", name=re.compile("Save draft")).click()
    page.get_by_role("button", name="Save 2.0.0").click()
    page.get_by_role("button", name="Publish...").click()
    page.get_by_role("button", name="Publish 2.0.0").wait_for()
    page.wait_for_timeout(6000)  # until the toast of saving is gone
    picture(page, "publish-light")
    page.get_by_role("button", name="Publish 2.0.0").click()
    page.get_by_role("button", name=re.compile("Try it")).click()
    page.get_by_role("textbox", name=re.compile("article_title")).fill("The year in review")
    audience = page.get_by_role("textbox", name=re.compile("audience"))
    audience.fill("new colleagues")
    audience.press("Control+Enter")
    page.get_by_role("link", name="Open in the log").wait_for()
    page.wait_for_timeout(6000)
    picture(page, "playground-light")
    page.get_by_role("link", name="Open in the log").click()
    page.get_by_role("dialog").get_by_text("Success").wait_for()
    picture(page, "executions-light")


def take_compare(page: Page, url: str) -> None:
    """Take two versions that answered the same input."""
    columns = "&".join(
        f"column={quote(json.dumps({'model': 'demo/echo', 'version': version}))}"
        for version in ("1.0.0", "2.0.0")
    )
    page.goto(f"{url}/compare?prompt=article-summary-and-comprehension&{columns}")
    title = page.get_by_role("textbox", name=re.compile("article_title"))
    title.fill("The year in review", timeout=60_000)
    title.press("Tab")
    audience = page.get_by_role("textbox", name=re.compile("audience"))
    audience.fill("new colleagues")
    audience.press("Tab")
    page.get_by_role("button", name=re.compile("^Run 2 columns")).click()
    page.get_by_role("button", name=re.compile("^Set up again")).wait_for(timeout=60_000)
    picture(page, "compare-light")


def search_until_warm(page: Page, address: str) -> None:
    """Open a search by meaning; its vectors are begun a moment after the import."""
    warming = page.get_by_text("Semantic search is warming up")
    for _ in range(3):
        page.goto(address)
        page.get_by_text(re.compile("by meaning and words")).wait_for(timeout=60_000)
        page.wait_for_timeout(2000)
        warming.wait_for(state="hidden", timeout=300_000)
    page.goto(address)
    page.get_by_text(re.compile("by meaning and words")).wait_for()


def take_analytics(page: Page, server: Server) -> None:
    """Take the page of analytics after two busy months."""
    with ThreadPoolExecutor() as threads:  # Playwright's own loop runs in this thread
        threads.submit(asyncio.run, fill(server.data_dir)).result()
    page.goto(f"{server.url}/analytics")
    page.locator(".main-svg").nth(5).wait_for(timeout=60_000)  # several for each chart
    picture(page, "analytics-light")


def take_others(page: Page, url: str) -> None:
    """Take the pages that need no more than what has been made by now."""
    prompt = "prompt=article-summary-and-comprehension"
    for name, address, heading in (
        ("versions", f"versions?{prompt}", "Versions of"),
        ("feedback", "feedback", "Feedback"),
        ("applications", "applications", "Applications"),
        ("audit", "audit", "Audit"),
        ("settings", "settings", "Settings"),
    ):
        page.goto(f"{url}/{address}")
        page.get_by_role("heading", name=re.compile(heading)).first.wait_for(timeout=60_000)
        page.wait_for_timeout(2000)
        picture(page, f"{name}-light")


def take_extract(page: Page, url: str) -> None:
    """Take the review of a text with a few prompts in it, one of them open."""
    page.goto(f"{url}/extract?from=Pasted+text")
    page.get_by_label("Title").fill("Notes of the workshop")
    page.get_by_label("Text", exact=True).fill(WORKSHOP)
    page.get_by_role("button", name="Find prompts").click()
    page.locator("mark").nth(1).wait_for(timeout=60_000)
    page.get_by_text("Comparing with the library").wait_for(state="hidden", timeout=60_000)
    page.locator("mark").first.click()
    page.get_by_role("button", name="Merge with next").wait_for()
    picture(page, "extract-light")


def take_dark(browser: Browser, url: str, state: StorageState) -> None:
    """Take the library in the dark."""
    context = browser.new_context(storage_state=state, viewport=SIZE, color_scheme="dark")
    page = context.new_page()
    page.goto(url)
    page.get_by_text("89 prompts", exact=True).wait_for(timeout=20_000)
    picture(page, "library-dark")


def picture(page: Page, name: str) -> None:
    """Save what is seen when it has come to rest, and nothing is pointed at."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(1500)
    page.wait_for_function(AT_REST, timeout=60_000)
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
