"""A place to run in, and an engine on a fake server."""

from collections.abc import AsyncGenerator, Generator

import pytest

from core.execution.run import Engine
from core.providers.registry import Registry
from core.settings import ExecutionSettings, OpenAISettings, ProviderSettings
from tests.fake_provider import FakeProvider, running
from tests.places import Place, a_place


@pytest.fixture
async def place(database: object) -> Place:  # noqa: ARG001 -- opened for its effect
    return await a_place()


@pytest.fixture
def fake() -> Generator[FakeProvider]:
    with running() as fake:
        yield fake


@pytest.fixture
async def engine(fake: FakeProvider) -> AsyncGenerator[Engine]:
    settings = ProviderSettings(openai=OpenAISettings(base_url=fake.url), deadline_seconds=10)
    registry = Registry.from_settings(settings, {})
    yield Engine(registry, settings, ExecutionSettings())
    await registry.close()
