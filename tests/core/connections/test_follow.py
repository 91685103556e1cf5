import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from core.connections.fields import ConnectionChanges, NewConnection
from core.connections.follow import Follower
from core.connections.keyring import Keyring
from core.connections.store import create_connection, delete_connection, update_connection
from core.database.secrets import secret_path
from core.errors import Invalid, NotConfigured
from core.execution.run import Engine, run
from core.providers.registry import Registry
from core.runtime import started
from core.settings import ExecutionSettings, MongoSettings, ProviderSettings, Settings
from core.values.scope import SYSTEM
from tests.fake_provider import FakeProvider
from tests.places import a_place, eventually, the_row


def a_new(**fields: Any) -> NewConnection:
    values = {"name": "local", "kind": "compatible", "base_url": "http://127.0.0.1:9/v1"}
    return NewConnection.model_validate({**values, "api_key": "sk-canary-0123456789", **fields})


async def test_a_stored_connection_is_used_offered_and_gone_again(
    keyring: Keyring, registry: Registry, follower: Follower
) -> None:
    await create_connection(SYSTEM, a_new(models=("small", "large")), keyring=keyring)

    assert await follower.refresh()
    assert registry.find("local/small").connection.name == "local"
    offered = [choice.name for choice in await registry.models()]
    assert offered[-3:] == ["local/small", "local/large", "demo/echo"]
    assert not await follower.refresh()

    await delete_connection(SYSTEM, "local")
    assert await follower.refresh()
    with pytest.raises(Invalid):
        registry.find("local/small")


async def test_a_stored_one_hides_that_of_the_environment_until_it_is_deleted(
    keyring: Keyring, registry: Registry, follower: Follower
) -> None:
    of_environment = registry.find("openai/m").provider
    await create_connection(SYSTEM, a_new(name="openai", kind="openai"), keyring=keyring)

    await follower.refresh()
    stored = registry.find("openai/m").provider
    await delete_connection(SYSTEM, "openai")
    await follower.refresh()

    assert stored is not of_environment
    assert registry.find("openai/m").provider is of_environment


async def test_a_connection_that_is_switched_off_says_so(
    keyring: Keyring, registry: Registry, follower: Follower
) -> None:
    await create_connection(SYSTEM, a_new(), keyring=keyring)
    off = ConnectionChanges(is_active=False)
    await update_connection(SYSTEM, "local", off, keyring=keyring)

    await follower.refresh()

    with pytest.raises(NotConfigured, match="switched off"):
        registry.find("local/m")


async def test_an_unreadable_key_stops_one_connection_until_it_is_back(
    keyring: Keyring, registry: Registry, follower: Follower, tmp_path: Path
) -> None:
    await create_connection(SYSTEM, a_new(), keyring=keyring)
    await create_connection(SYSTEM, a_new(name="keyless", api_key=None), keyring=keyring)
    file = secret_path(tmp_path, "connection-key")
    key = file.read_text()
    file.write_text("0" * 64)

    await follower.refresh()
    assert registry.find("keyless/m")
    with pytest.raises(NotConfigured, match="key") as raised:
        registry.find("local/m")
    file.write_text(key)
    await follower.refresh()

    assert "backup" in raised.value.remedy
    assert registry.find("local/m")


async def test_what_another_process_stores_counts_within_two_seconds(
    keyring: Keyring, database: AsyncDatabase[dict[str, Any]], mongo_uri: str, tmp_path: Path
) -> None:
    mongo = MongoSettings.model_validate({"uri": mongo_uri, "database": database.name})
    settings = Settings.model_validate({"data_dir": tmp_path, "mongo": mongo})
    async with started(settings) as runtime:

        def is_known() -> bool:
            try:
                return runtime.engine.registry.find("local/m").connection.name == "local"
            except Invalid:
                return False

        assert not is_known()
        await create_connection(SYSTEM, a_new(), keyring=keyring)
        began = time.perf_counter()

        assert await eventually(is_known)
        assert time.perf_counter() - began < 2


async def test_an_execution_uses_the_stored_key_and_the_stored_prices(
    keyring: Keyring, registry: Registry, follower: Follower, fake: FakeProvider
) -> None:
    prices = {"m": {"input_mtok": "2", "output_mtok": "10"}}
    new = a_new(base_url=fake.url, price_overrides=prices)
    await create_connection(SYSTEM, new, keyring=keyring)
    await follower.refresh()
    place = await a_place()
    engine = Engine(registry, ProviderSettings(), ExecutionSettings())

    result = await run(place.scope, place.request(model="local/m"), engine=engine)

    assert fake.chats[0].headers["authorization"] == "Bearer sk-canary-0123456789"
    assert (result.cost_usd, result.cost_status) == (Decimal("0.000048"), "priced")
    assert (await the_row()).unit_prices == prices["m"]
