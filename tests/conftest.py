"""Fixtures of every test: one real mongod per run, an emptied database per test."""

import os
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from core.database.connect import connected
from core.documents import ALL


PREFIX = os.environ.get("PROMPTHUB_TEST_DATABASE", "prompthub_test")


@pytest.fixture(scope="session")
def mongo_uri() -> str:
    return os.environ["PROMPTHUB_TEST_MONGO__URI"]


@pytest.fixture
async def database(mongo_uri: str, worker_id: str) -> AsyncGenerator[AsyncDatabase[dict[str, Any]]]:
    """Every document class bound to this worker's database, all collections empty."""
    async with connected(mongo_uri, f"{PREFIX}_{worker_id}") as database:
        for document in ALL:
            await document.delete_all()
        yield database
