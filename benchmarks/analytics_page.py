"""Open the page of analytics over a million executions.

Run it with `python -m benchmarks.analytics_page [ROWS]`. A time ends when the
last chart and the table below can be seen.
"""

import asyncio
import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.analytics import DAYS, ROWS, write
from benchmarks.figures import show
from benchmarks.server import Server, running
from benchmarks.ui import CHROMIUM, FLAGS, set_up, timed
from core import clock
from core.analytics.rollup import rebuild
from core.database.open import opened
from core.documents import Application
from core.settings import Settings

REPETITIONS = 5
ADDRESSES = ("?span=24+h", "?span=30+d", "?span=90+d", "?span=1+y", "?span=2+y")


def main(rows: int) -> None:
    """Fill the database of a running server and print how long the page takes.

    Raises:
        SystemExit: there is no Chromium on the PATH.
    """
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        raise SystemExit("Chromium is not on the PATH.")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            state = set_up(browser, server)
        asyncio.run(fill(server, rows))  # outside of Playwright, whose loop would be in the way
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            measure(browser.new_context(storage_state=state).new_page(), server)


async def fill(server: Server, rows: int) -> None:
    """Store the executions beside the running application, and count them."""
    async with opened(Settings().mongo, server.data_dir):
        application = await Application.find_one({})
        if application is None:
            raise LookupError("The first account came without its application.")
        await write(rows, application)
        # What lies so far back is not looked at again by itself.
        await rebuild(clock.now() - timedelta(days=DAYS), clock.now())


def measure(page: Page, server: Server) -> None:
    """Open each period again and again."""
    for address in ADDRESSES:
        last = page.locator("[class*='st-key-usage_prompt'] [data-testid=stDataFrame]").first
        taken = [
            timed(lambda: page.goto(f"{server.url}/analytics{address}"), last)  # noqa: B023 # called at once
            for _ in range(REPETITIONS)
        ]
        show(f"/analytics{address}", taken)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2] or [str(ROWS)]))
