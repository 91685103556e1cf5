import json
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from core.connections.fields import ConnectionChanges, NewConnection
from core.connections.keyring import Keyring
from core.connections.store import (
    create_connection,
    delete_connection,
    get_connection,
    list_connections,
    rotate_keys,
    update_connection,
)
from core.documents import AuditEvent, Connection
from core.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from core.values.scope import SYSTEM, Scope

CANARY = "sk-canary-0123456789"
PRICES = {"gpt-4.1": {"input_mtok": "0.15", "output_mtok": "0.6"}}


def a_new(**fields: Any) -> NewConnection:
    values = {"name": "mistral", "kind": "compatible", "base_url": "http://127.0.0.1:9/v1"}
    return NewConnection.model_validate({**values, "api_key": CANARY, **fields})


async def test_the_key_is_nowhere_but_encrypted(keyring: Keyring) -> None:
    await create_connection(SYSTEM, a_new(price_overrides=PRICES), keyring=keyring)
    changes = ConnectionChanges(api_key=SecretStr("sk-canary-of-another-kind"))
    after = await update_connection(SYSTEM, "mistral", changes, keyring=keyring)

    stored = await Connection.collection().find_one({"name": "mistral"})
    events = [event.model_dump(mode="json") for event in await AuditEvent.find_all().to_list()]

    assert "canary" not in json.dumps([stored, events], default=str)
    assert (after.key_hint, after.price_overrides) == ("kind", PRICES)
    assert keyring.decrypt(after.encrypted_key).get_secret_value() == "sk-canary-of-another-kind"
    assert [event["action"] for event in events] == ["connection.create", "connection.update"]


async def test_people_without_the_right_do_nothing(keyring: Keyring) -> None:
    await create_connection(SYSTEM, a_new(), keyring=keyring)
    person = Scope(kind="user")

    for asked in (
        create_connection(person, a_new(name="mine"), keyring=keyring),
        get_connection(person, "mistral"),
        list_connections(person),
        update_connection(person, "mistral", ConnectionChanges(is_active=False), keyring=keyring),
        delete_connection(person, "mistral"),
        rotate_keys(person, keyring=keyring),
    ):
        with pytest.raises(NotAllowed):
            await asked

    (kept,) = await list_connections(SYSTEM)
    assert kept.is_active


@pytest.mark.parametrize("name", ["mistral", "demo", "suggestions"])
async def test_a_name_is_given_once(keyring: Keyring, name: str) -> None:
    await create_connection(SYSTEM, a_new(), keyring=keyring)

    with pytest.raises(AlreadyExists):
        await create_connection(SYSTEM, a_new(name=name), keyring=keyring)


@pytest.mark.parametrize("change", [{"base_url": "http://127.0.0.1:10/v1"}])
async def test_a_key_never_follows_to_another_address(
    keyring: Keyring, change: dict[str, Any]
) -> None:
    before = await create_connection(SYSTEM, a_new(), keyring=keyring)
    changes = ConnectionChanges.model_validate(change)

    with pytest.raises(Invalid, match="another address") as raised:
        await update_connection(SYSTEM, "mistral", changes, keyring=keyring)
    with_key = changes.model_copy(update={"api_key": SecretStr("sk-new-key-of-the-new-place")})
    with_key.model_fields_set.add("api_key")
    after = await update_connection(SYSTEM, "mistral", with_key, keyring=keyring)

    assert raised.value.field == "api_key"
    assert after.base_url == "http://127.0.0.1:10/v1"
    assert after.encrypted_key != before.encrypted_key


async def test_what_is_absent_stays_and_null_takes_the_key_away(keyring: Keyring) -> None:
    before = await create_connection(SYSTEM, a_new(models=("small",)), keyring=keyring)

    off = ConnectionChanges.model_validate({"is_active": False})
    switched = await update_connection(SYSTEM, "mistral", off, keyring=keyring)
    without = ConnectionChanges.model_validate({"api_key": None})
    keyless = await update_connection(SYSTEM, "mistral", without, keyring=keyring)

    assert switched.encrypted_key == before.encrypted_key
    assert (switched.models, switched.is_active) == (["small"], False)
    assert (keyless.encrypted_key, keyless.key_hint) == ("", "")


async def test_a_deleted_one_is_gone(keyring: Keyring) -> None:
    await create_connection(SYSTEM, a_new(), keyring=keyring)

    await delete_connection(SYSTEM, "mistral")

    with pytest.raises(NotFound):
        await get_connection(SYSTEM, "mistral")


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "compatible", "base_url": ""},
        {"kind": "langchain", "base_url": ""},
        {"kind": "openai", "vendor": "mistralai"},
    ],
)
async def test_what_a_kind_needs_is_asked_for(keyring: Keyring, fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as raised:
        await create_connection(SYSTEM, a_new(**fields), keyring=keyring)

    assert raised.value.field in {"base_url", "vendor"}
    assert raised.value.remedy


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Mistral"},
        {"name": "a/b"},
        {"name": ""},
        {"kind": "scripted"},
        {"base_url": "ftp://127.0.0.1"},
        {"base_url": "file:///etc/passwd"},
        {"base_url": "http://user:secret@127.0.0.1/v1"},
        {"base_url": "http://"},
        {"base_url": "http://127.0.0.1:99999/v1"},
        {"base_url": "http://127.0.0.1/v1?key=secret"},
        {"base_url": "http://127.0.0.1/v1\r\nX: y"},
        {"api_key": "key\r\nX: y"},
        {"api_key": "schl\u00fcssel"},
        {"api_key": ""},
        {"models": ["two words"]},
        {"price_overrides": {"m": {"input_mtok": "NaN", "output_mtok": "1"}}},
        {"price_overrides": {"m": {"input_mtok": "-1", "output_mtok": "1"}}},
        {"price_overrides": {"m": {"input_mtok": "1e99", "output_mtok": "1"}}},
        {"price_overrides": {"m": {"input_mtok": "1"}}},
    ],
)
def test_what_cannot_be_right_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as raised:
        a_new(**fields)

    assert raised.value.errors()


async def test_rotation_renews_every_key_and_can_be_repeated(keyring: Keyring) -> None:
    for name in ("one", "two"):
        await create_connection(SYSTEM, a_new(name=name), keyring=keyring)
    before = {one.name: one.encrypted_key for one in await list_connections(SYSTEM)}

    first = await rotate_keys(SYSTEM, keyring=keyring)
    again = await rotate_keys(SYSTEM, keyring=keyring)

    assert (first, again) == (2, 2)
    for one in await list_connections(SYSTEM):
        assert one.encrypted_key != before[one.name]
        assert keyring.is_newest(one.encrypted_key)
        assert keyring.decrypt(one.encrypted_key).get_secret_value() == CANARY
