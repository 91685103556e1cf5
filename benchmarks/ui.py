"""Measure pages in headless Chromium: load cold and warm, filter, search, switch.

Run it with `python -m benchmarks.ui`. A time ends when the text that was asked for can be seen.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, StorageState, sync_playwright

from benchmarks.figures import show
from benchmarks.library import make_records
from benchmarks.server import Server, running
from core.database.open import opened
from core.documents import Application
from core.prompts.bulk import import_prompts
from core.settings import Settings
from core.values.scope import SYSTEM

LIBRARY_SIZE = 1040
COLD_LOADS = 8
REPETITIONS = 20
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
EMPTY, FULL = "Write your first prompt", f"{LIBRARY_SIZE:,} prompts"
TRANSFERRED = """() => performance.getEntriesByType('resource')
    .concat(performance.getEntriesByType('navigation'))
    .reduce((sum, entry) => [sum[0] + entry.transferSize, sum[1] + 1], [0, 0])"""


def main() -> None:
    """Print every figure, of an empty library and of a large one."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        print("Chromium is not on the PATH: pages are not measured.")
        return
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            state = set_up(browser, server)
            measure_loads(browser, server, state, EMPTY, "no prompts")
        # Outside of Playwright, whose loop would be in the way.
        asyncio.run(fill(server))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = measure_loads(browser, server, state, FULL, f"{LIBRARY_SIZE} prompts")
            measure_reruns(page)


def set_up(browser: Browser, server: Server) -> StorageState:
    """Make the owner's account by the first visit and return the cookies."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.url)
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill("correct horse battery staple")
    page.get_by_role("button", name="Create account and open the library").click()
    text(page, EMPTY).wait_for()
    return context.storage_state()


async def fill(server: Server) -> None:
    """Bring in the large library beside the running application."""
    async with opened(Settings().mongo, server.data_dir):
        application = await Application.find_one({"name": "default"})
        if application is None:
            raise RuntimeError("The first account came without its application.")
        await import_prompts(SYSTEM, application.key, make_records(LIBRARY_SIZE))


def measure_loads(
    browser: Browser, server: Server, state: StorageState, shown: str, size: str
) -> Page:
    """Load the library in new browsers, then again and again in one; return its page."""
    page, cold = load_cold(browser, server, state, shown)
    show(f"library, {size}: cold load", cold)
    transferred, requests = page.evaluate(TRANSFERRED)
    print(f"{'':<52} {transferred / 1e6:.2f} MB in {requests} requests")
    warm = [timed(page.reload, text(page, shown)) for _ in range(REPETITIONS)]
    show(f"library, {size}: warm reload", warm)
    return page


def load_cold(
    browser: Browser, server: Server, state: StorageState, shown: str
) -> tuple[Page, list[float]]:
    """Return the page of the last of several browsers without cache, and what each load took."""
    page, taken = browser.new_page(), list[float]()
    for _ in range(COLD_LOADS):
        page.close()
        page = browser.new_context(storage_state=state).new_page()
        taken.append(timed(lambda: page.goto(server.url), text(page, shown)))  # noqa: B023 # called at once
    return page, taken


def measure_reruns(page: Page) -> None:
    """Filter, search and switch pages in the large library."""
    draft = page.get_by_role("radio", name="Draft").or_(page.get_by_role("button", name="Draft"))
    nothing, everything = text(page, f"0 of {FULL}"), text(page, FULL)
    filtered: list[float] = []
    switched: list[float] = []
    for _ in range(REPETITIONS):
        filtered.append(timed(draft.first.click, nothing))
        filtered.append(timed(draft.first.click, everything))
    show("library: filter by a click", filtered)
    for _ in range(REPETITIONS):
        account = page.get_by_role("heading", name="Executions")
        switched.append(timed(page.get_by_role("link", name="Executions").click, account))
        switched.append(timed(page.get_by_role("link", name="Library").click, everything))
    show("switch between two pages", switched)


def timed(act: Callable[[], object], awaited: Locator) -> float:
    """Return the milliseconds from the act until what it asks for can be seen."""
    started = time.perf_counter()
    act()
    awaited.wait_for()
    return (time.perf_counter() - started) * 1000


def text(page: Page, words: str) -> Locator:
    """Return the place of these words and no others."""
    return page.get_by_text(words, exact=words != EMPTY).first


if __name__ == "__main__":
    main()
