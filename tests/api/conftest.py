"""The real application over ASGI, with its runtime started on the real mongod."""

import logging
from collections.abc import AsyncGenerator, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pymongo.asynchronous.database import AsyncDatabase
from starlette.routing import Mount

from core.api.app import attach, create_app
from core.settings import AccountSettings, EmbeddingSettings, MongoSettings, Settings
from tests.api.canaries import WATCH
from tests.api.people import Visitor
from tests.builders import CHEAP


@pytest.fixture(autouse=True)
def no_secret_is_logged() -> Generator[None]:
    """Fail a test of the API when a secret it used stands in a line that was logged."""
    WATCH.forget()
    logging.getLogger().addHandler(WATCH)
    yield
    logging.getLogger().removeHandler(WATCH)
    assert WATCH.leaks() == []


@pytest.fixture
def settings(database: AsyncDatabase[dict[str, Any]], mongo_uri: str, tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {
            "data_dir": tmp_path,
            "mongo": MongoSettings.model_validate({"uri": mongo_uri, "database": database.name}),
            "accounts": AccountSettings(argon2_time_cost=2, argon2_memory_kib=19 * 1024),
            "embeddings": EmbeddingSettings(kind="off"),
        }
    )


@pytest.fixture
async def visitor(settings: Settings) -> AsyncGenerator[Visitor]:
    """Somebody without credentials, in front of an application nobody has used yet."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        for mounted in app.routes:
            if isinstance(mounted, Mount) and isinstance(mounted.app, FastAPI):
                attach(mounted.app, replace(app.state.runtime, hasher=CHEAP))
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield Visitor(client)
