from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from core.connections.follow import Follower
from core.connections.keyring import Keyring
from core.providers.registry import Registry
from core.settings import ConnectionSettings, ProviderSettings
from tests.fake_provider import FakeProvider, running


@pytest.fixture
def keyring(database: AsyncDatabase[dict[str, Any]], tmp_path: Path) -> Keyring:
    del database  # whoever has a keyring stores something
    return Keyring(tmp_path, ConnectionSettings())


@pytest.fixture
async def registry() -> AsyncGenerator[Registry]:
    registry = Registry.from_settings(ProviderSettings(), {"OPENAI_API_KEY": "sk-environment"})
    yield registry
    await registry.close()


@pytest.fixture
def follower(registry: Registry, keyring: Keyring) -> Follower:
    return Follower(registry, keyring)


@pytest.fixture
def fake() -> Generator[FakeProvider]:
    with running() as fake:
        yield fake
