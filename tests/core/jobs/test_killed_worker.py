"""kill -9 of a worker in mid-job: another goes on, and nothing is done twice that was done."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from core.accounts.access import scope_of_user
from core.documents import Job, SourceText
from core.extraction.bulk import start_bulk
from core.jobs.queue import get_job
from core.values.scope import SYSTEM
from tests.builders import a_user, an_application
from tests.core.extraction.page_server import page, serving

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def working(environment: Mapping[str, str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A worker on its own, killed with nine at the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "core.worker"), cwd=ROOT, env={**os.environ, **environment}
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def until(job: Job, done: int) -> Job:
    async with asyncio.timeout(90):
        while (found := await get_job(SYSTEM, job.key)).done < done:  # noqa: ASYNC110 - another process, which sets no event
            await asyncio.sleep(0.1)
    return found


@pytest.mark.long
@pytest.mark.timeout(240)
async def test_a_killed_workers_job_is_gone_on_with(
    database: AsyncDatabase[dict[str, Any]], mongo_uri: str, tmp_path: Path
) -> None:
    article = b"<p>Prompt:</p><pre>Explain number %d to {{reader}}.</pre>"
    answers: dict[str, bytes | str] = {f"/{n}": page(article % n) for n in range(4)}
    answers["/2"] = "hang"
    async with serving(answers) as pages:
        environment = {
            "PROMPTHUB_MONGO__URI": mongo_uri,
            "PROMPTHUB_MONGO__DATABASE": database.name,
            "PROMPTHUB_DATA_DIR": str(tmp_path),
            "PROMPTHUB_EXTRACTION__ALLOWED_ORIGINS": f'["{pages.origin}"]',
            "PROMPTHUB_EXTRACTION__HOST_DELAY_SECONDS": "0",
            "PROMPTHUB_EXTRACTION__BULK_AT_ONCE": "1",
        }
        user = await a_user()
        application = await an_application(user)
        urls = [f"{pages.origin}/{n}" for n in range(4)]
        job = await start_bulk(await scope_of_user(user), application.key, urls)

        async with working(environment):
            await until(job, 2)
            async with asyncio.timeout(30):
                while pages_asked(pages.asked)["/2"] == 0:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.1)
        killed = await get_job(SYSTEM, job.key)
        answers["/2"] = page(article % 2)
        async with working(environment):
            after = await until(job, 4)

        asked = pages_asked(pages.asked)

    assert (killed.status, killed.attempts, killed.items[2].state) == ("running", 1, "running")
    assert (after.done, after.failed, after.attempts) == (4, 0, 2)
    assert [item.attempts for item in after.items] == [1, 1, 2, 1]
    assert (asked["/0"], asked["/1"], asked["/2"], asked["/3"]) == (1, 1, 2, 1)
    assert await SourceText.count() == 4


def pages_asked(heads: list[str]) -> Counter[str]:
    return Counter(head.split(" ")[1] for head in heads)
