from typing import Any
from urllib.parse import urlsplit

import pytest

from core.connections.fields import NewConnection
from core.connections.keyring import Keyring
from core.connections.store import create_connection
from core.connections.trial import find_local_servers, try_connection
from core.errors import NotAllowed, NotFound
from core.providers.connect import Access, make_provider
from core.providers.registry import Connection as Usable
from core.values.scope import SYSTEM, Scope
from tests.fake_provider import FakeProvider


async def a_connection(keyring: Keyring, base_url: str, **fields: Any) -> None:
    values = {"name": "local", "kind": "compatible", "base_url": base_url}
    new = NewConnection.model_validate({**values, **fields})
    await create_connection(SYSTEM, new, keyring=keyring)


def port_of(fake: FakeProvider) -> int:
    port = urlsplit(fake.url).port
    assert port is not None
    return port


async def test_a_working_connection_tells_its_models(keyring: Keyring, fake: FakeProvider) -> None:
    await a_connection(keyring, fake.url)

    tried = await try_connection(SYSTEM, "local", keyring=keyring)

    assert tried.is_working
    assert tried.models == tuple(sorted(fake.models))


@pytest.mark.parametrize(("model", "is_working"), [("m", True), ("fault-401", False)])
async def test_a_model_can_be_tried(
    keyring: Keyring, fake: FakeProvider, model: str, *, is_working: bool
) -> None:
    await a_connection(keyring, fake.url, api_key="sk-canary-0123456789")

    tried = await try_connection(SYSTEM, "local", keyring=keyring, model=model)

    assert tried.is_working == is_working
    assert len(fake.chats) == 1
    assert "canary" not in tried.message
    assert "RAW" not in tried.message


async def test_a_connection_of_the_environment_is_tried_until_a_stored_one_hides_it(
    keyring: Keyring, fake: FakeProvider
) -> None:
    access = Access(base_url=fake.url, api_key=None)
    provider = make_provider("openai", "openai", access)
    own = [Usable("local", "openai", provider)]

    listed = await try_connection(SYSTEM, "local", keyring=keyring, own=own)
    asked = await try_connection(SYSTEM, "local", keyring=keyring, own=own, model="m")
    with pytest.raises(NotFound):
        await try_connection(SYSTEM, "other", keyring=keyring, own=own)
    await a_connection(keyring, "http://127.0.0.1:9/v1")
    hidden = await try_connection(SYSTEM, "local", keyring=keyring, own=own)
    await provider.close()

    assert listed.models == tuple(sorted(fake.models))
    assert (asked.message, hidden.is_working) == ("m answers.", False)


async def test_a_server_that_is_not_there_is_told_in_words(keyring: Keyring) -> None:
    await a_connection(keyring, "http://127.0.0.1:9/v1")

    tried = await try_connection(SYSTEM, "local", keyring=keyring)

    assert not tried.is_working
    assert "could not be reached" in tried.message


async def test_local_servers_are_found_until_they_are_connected(
    keyring: Keyring, fake: FakeProvider
) -> None:
    ports = {"ollama": port_of(fake), "vllm": 9}

    (found,) = await find_local_servers(SYSTEM, ports)
    await a_connection(keyring, found.base_url)
    again = await find_local_servers(SYSTEM, ports)

    assert (found.name, found.base_url) == ("ollama", fake.url)
    assert found.models == tuple(sorted(fake.models))
    assert again == []


async def test_only_superusers_may_look_around(keyring: Keyring, fake: FakeProvider) -> None:
    await a_connection(keyring, fake.url)

    with pytest.raises(NotAllowed):
        await find_local_servers(Scope(kind="user"), {"ollama": port_of(fake)})
    with pytest.raises(NotAllowed):
        await try_connection(Scope(kind="user"), "local", keyring=keyring)

    assert fake.requests == []
