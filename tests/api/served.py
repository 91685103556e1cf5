"""The real application on an event loop of its own, for tests that ask one thing after another."""

import asyncio
import os
from collections.abc import AsyncGenerator, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from core.api.app import create_app
from core.database.connect import connected
from core.documents import ALL
from core.settings import AccountSettings, EmbeddingSettings, MongoSettings, Settings
from tests.api.people import Visitor

START_SECONDS = 60
PREFIX = os.environ.get("PROMPTHUB_TEST_DATABASE", "prompthub_test")


@dataclass(frozen=True)
class Served:
    """An application that is running; `run` waits for what it is asked."""

    loop: asyncio.AbstractEventLoop
    visitor: Visitor

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(START_SECONDS)

    def ask(self, who: Visitor, method: str, path: str, body: Any = None) -> httpx2.Response:
        """Ask for one thing; a body of None is none."""
        answer: httpx2.Response = self.run(who.ask(method, path, json=body))
        return answer


def settings_of_served(mongo_uri: str, name: str, folder: Path) -> Settings:
    """Return settings with a database of this name, and no brake on signing in."""
    return Settings.model_validate(
        {
            "data_dir": folder,
            "mongo": MongoSettings.model_validate(
                {"uri": mongo_uri, "database": f"{PREFIX}_{name}"}
            ),
            "accounts": AccountSettings(
                argon2_time_cost=2,
                argon2_memory_kib=19 * 1024,
                failed_logins_per_address=1_000_000,
                registrations_per_address=1_000_000,
            ),
            "embeddings": EmbeddingSettings(kind="off"),
        }
    )


@asynccontextmanager
async def _started(settings: Settings) -> AsyncGenerator[Visitor]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield Visitor(client)


@contextmanager
def served(settings: Settings) -> Generator[Served]:
    """Run the application in a thread, on a database that is empty."""
    loop = asyncio.new_event_loop()
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(loop.run_forever)

        def run(work: Coroutine[Any, Any, Any]) -> Any:
            return asyncio.run_coroutine_threadsafe(work, loop).result(START_SECONDS)

        try:
            run(_empty(settings))
            entering = _started(settings)
            visitor = run(entering.__aenter__())
            try:
                yield Served(loop, visitor)
            finally:
                run(entering.__aexit__(None, None, None))
        finally:
            loop.call_soon_threadsafe(loop.stop)
            running.result(START_SECONDS)
            loop.close()


async def _empty(settings: Settings) -> None:
    assert settings.mongo.uri is not None
    async with connected(settings.mongo.uri.get_secret_value(), settings.mongo.database):
        for document in ALL:
            await document.delete_all()
