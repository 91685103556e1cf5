"""Measure what pages cost the server: switching, changing a filter, and memory over many runs.

Run it with `python -m benchmarks.pages` (1,000 prompts, 100,000 executions, about five minutes), or
with two other numbers, and the names of pages to look at those alone. A run is asked for by the
websocket, as the browser does, and ends with the script; processor time is that of the
application, its database server left out.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import httpx2

from benchmarks.library import make_records
from benchmarks.made_up import store_rows
from benchmarks.page_session import PageSession, page_session
from benchmarks.server import running
from core.accounts.sessions import start_session
from core.analytics.rollup import roll_up
from core.database.open import opened
from core.documents import Application, User
from core.prompts.bulk import import_prompts
from core.settings import Settings
from core.values.scope import SYSTEM
from streamlit_app.navigation import PAGES, PageEntry

PROMPTS: Final = 1_000
ROWS: Final = 100_000
REPETITIONS: Final = 20
RERUNS: Final = 500
# Figures are looked at while the rest is measured, also in a file.
tell = partial(print, flush=True)
OWNER: Final = {"email": "ada@example.org", "password": "correct horse battery staple"}


class Asked(NamedTuple):
    """What a page is opened with, and the addresses of its filters that are measured."""

    query: str = ""
    filters: tuple[str, ...] = ()


def addresses(prompt: str) -> dict[str, Asked]:
    """Return how the pages are asked; a page that is not named is opened as it is."""
    of_prompt = f"prompt={prompt}"
    return {
        "library": Asked("", ("q=job+interview", "sort=Name", "page=7", "view=Table")),
        "playground": Asked(of_prompt, (f"{of_prompt}&model=demo%2Fecho",)),
        "compare": Asked(of_prompt, ()),
        "analytics": Asked("", ("span=7+d", "span=90+d", of_prompt)),
        "executions": Asked(
            "period=All+time",
            ("period=Last+7+days", "period=All+time&status=Failed", f"period=All+time&{of_prompt}"),
        ),
        "feedback": Asked("", ("tab=versions", "tab=suggestions", of_prompt)),
        "editor": Asked(of_prompt, (f"{of_prompt}&version=1.0.0",)),
        "versions": Asked(of_prompt, ()),
        "applications": Asked("", ("app_q=def", "app_state=Active")),
        "audit": Asked("since=All+time", ("since=Last+year", "actor=ada%40example.org")),
        "users": Asked("", ("users_text=ada", "users_state=Superusers")),
        "settings": Asked("", ("view=Values",)),
    }


def main() -> None:
    """Print the figures of the pages asked for, and of all pages also the memory."""
    counts = [int(text) for text in sys.argv[1:3]] or [PROMPTS, ROWS]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(folder) as server:
            account = {**OWNER, "full_name": "Ada Lovelace"}
            httpx2.post(f"{server.url}/api/v1/auth/register", json=account).raise_for_status()
        began = time.perf_counter()
        cookie, prompt = asyncio.run(prepare(folder, prompts=counts[0], rows=counts[1]))
        tell(
            f"{counts[0]:,} prompts, {counts[1]:,} executions, "
            f"made in {time.perf_counter() - began:.0f} s"
        )
        with running(folder) as server:
            port = int(server.url.rsplit(":", 1)[1])
            with page_session(port, server.pid, cookie) as session:
                session.wait_until_idle()  # texts are embedded behind the pages
                measure_pages(session, addresses(prompt))
                if len(chosen_pages()) == len(PAGES):
                    measure_memory(session, addresses(prompt))
                tell(f"load average {os.getloadavg()[0]:.1f}")


def chosen_pages() -> list[PageEntry]:
    """Return the pages named on the command line, without names all of the menu."""
    names = sys.argv[3:]
    return [page for page in PAGES if not names or page.url_path in names]


async def prepare(folder: Path, *, prompts: int, rows: int) -> tuple[str, str]:
    """Fill the database and count it up; return the cookie of a session, and a prompt to open."""
    async with opened(Settings().mongo, folder):
        application = await Application.find_one({})
        user = await User.find_one({})
        if application is None or user is None:
            raise RuntimeError("The first account came without its application.")
        records = make_records(prompts)
        await import_prompts(SYSTEM, application.key, records)
        await store_rows(application.key, rows, [record.key for record in records[:40]])
        while await roll_up():
            pass
        opened_session = await start_session(user, user_agent="a measurement", days=1)
        return opened_session.cookie.get_secret_value(), records[0].key


def measure_pages(session: PageSession, asked: dict[str, Asked]) -> None:
    """Print a row for each page: the switch to it from the account, and a change of its filters."""
    for page in chosen_pages():
        way = asked.get(page.url_path, Asked())
        session.run(page.url_path, way.query)  # imports and first compiles are no part of it
        for _ in range(REPETITIONS):
            session.run("account", "")
            session.run(page.url_path, way.query, note="switch")
        for number in range(REPETITIONS if way.filters else 0):
            query = way.filters[number % len(way.filters)]
            session.run(page.url_path, query, note="filter")
            session.run(page.url_path, way.query)
        for what, taken in session.take_notes().items():
            elapsed, computed = (statistics.median(part) for part in zip(*taken, strict=True))
            slowest = max(one.elapsed_ms for one in taken)
            tell(
                f"{page.url_path:<14} {what:<8} p50 {elapsed:7.0f} ms"
                f"   of processor time {computed:7.0f} ms   slowest {slowest:7.0f} ms"
            )


def measure_memory(session: PageSession, asked: dict[str, Asked]) -> None:
    """Run all pages in turn, many times, and print the memory on the way."""
    for number in range(RERUNS + 1):
        page = PAGES[number % len(PAGES)].url_path
        session.run(page, asked.get(page, Asked()).query)
        if number % 100 == 0:
            tell(f"memory after {number:>4} runs: {session.memory_mib():.0f} MiB")


if __name__ == "__main__":
    main()
