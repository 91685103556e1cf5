"""Fixtures of every test: one real mongod per run, an emptied database per test."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from core.database import embedded
from core.database.connect import Database, connected, reached
from core.database.embedded.folder import ServerFolder
from core.database.embedded.launch import terminate
from core.documents import ALL
from core.settings import MongoSettings

URI = "PROMPTHUB_TEST_MONGO__URI"
FOLDER = "PROMPTHUB_TEST_FOLDER"
# No example is timed, and the same few are tried each time; the long runs draw new ones.
settings.register_profile("house", deadline=None, derandomize=True, max_examples=30)
settings.register_profile("long", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

PREFIX = os.environ.get("PROMPTHUB_TEST_DATABASE", "prompthub_test")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of the run's mongod; the xdist workers inherit its name and share it."""
    if URI not in os.environ and not hasattr(config, "workerinput"):
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="prompthub-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the run has left, also after Ctrl+C or the crash of a worker."""
    if URI in os.environ or hasattr(config, "workerinput") or FOLDER not in os.environ:
        return
    folder = Path(os.environ.pop(FOLDER))
    terminate(ServerFolder.of(folder))
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def mongo_uri() -> Generator[str]:
    """The server under all tests: yours where PROMPTHUB_TEST_MONGO__URI names one."""
    if URI in os.environ:
        yield os.environ[URI]
        return
    # In a thread: tests of the browser keep a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        start = embedded.start(MongoSettings(), Path(os.environ[FOLDER]))
        server = thread.submit(asyncio.run, start).result()
        yield server.uri.get_secret_value()
        thread.submit(asyncio.run, embedded.release(server)).result()


@pytest.fixture(scope="session")
def indexed() -> set[str]:
    """The databases that have their indexes: to look takes longer than all else before a test."""
    return set()


@pytest.fixture
async def database(mongo_uri: str, worker_id: str, indexed: set[str]) -> AsyncGenerator[Database]:
    """Every document class bound to this worker's database, all collections empty."""
    name = f"{PREFIX}_{worker_id}"
    if name not in indexed:
        async with connected(mongo_uri, name):
            indexed.add(name)
    async with reached(mongo_uri, name) as database:
        names = [document.get_collection_name() for document in ALL]
        found = await database[names[0]].aggregate(filled_among(names))
        async for filled in found:
            await database[filled["name"]].delete_many({})
        bind(database)
        yield database


def bind(database: Database) -> None:
    """Point the documents to the database; all else of Beanie's start they had from `connected`."""
    for document in ALL:
        settings = document.get_settings()
        settings.pymongo_db = database
        settings.pymongo_collection = database[document.get_collection_name()]


def filled_among(names: Sequence[str]) -> list[dict[str, Any]]:
    """A pipeline on the first of the collections: the `name` of each that holds anything.

    One question takes a tenth of deleting nothing from each.
    """

    def look(name: str) -> list[dict[str, Any]]:
        return [{"$limit": 1}, {"$project": {"_id": 0, "name": {"$literal": name}}}]

    others = [{"$unionWith": {"coll": name, "pipeline": look(name)}} for name in names[1:]]
    return [*look(names[0]), *others]
