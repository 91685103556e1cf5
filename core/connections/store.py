"""Own the verbs of stored connections; superusers only, keys are written and never read back."""

import asyncio
from typing import Any, Final

from pydantic import SecretStr
from pymongo.errors import DuplicateKeyError

from core import audit
from core.connections.fields import ConnectionChanges, NewConnection
from core.connections.keyring import Keyring
from core.documents import Connection
from core.errors import AlreadyExists, Conflict, Invalid, NotFound
from core.providers.registry import DEMO
from core.values.scope import Scope

# The end of a key is shown when at least three times as much stays hidden.
HINT_CHARACTERS: Final = 4
# The offline demo, and a path of the REST API.
RESERVED: Final = frozenset({DEMO, "suggestions"})
FACTS: Final = frozenset(
    {"name", "kind", "base_url", "vendor", "key_hint", "models", "price_overrides", "is_active"}
)


async def create_connection(scope: Scope, new: NewConnection, *, keyring: Keyring) -> Connection:
    """Store a connection; it hides one of the environment with the same name.

    Raises:
        NotAllowed: the caller is no superuser.
        AlreadyExists: the name is taken.
        Invalid: a part that this kind needs is missing.
        NotConfigured: there is no sound key to encrypt with.
    """
    scope.require_superuser()
    _check_whole(new.kind, new.base_url, new.vendor)
    fields = new.model_dump(mode="json", exclude_none=True, exclude={"api_key"})
    document = Connection.model_validate({**fields, **await _sealed(new.api_key, keyring)})
    if document.name in RESERVED:
        raise AlreadyExists("connection", document.name)
    try:
        await document.insert()
    except DuplicateKeyError:
        raise AlreadyExists("connection", document.name) from None
    await _record(scope, "create", document, after=_facts(document))
    return document


def _check_whole(kind: str, base_url: str, vendor: str) -> None:
    if kind == "compatible" and not base_url:
        raise Invalid(
            "The address of the server is missing.",
            field="base_url",
            remedy="Give it with its /v1, such as http://127.0.0.1:8080/v1.",
        )
    if (kind == "langchain") != bool(vendor):
        raise Invalid(
            "A connection through LangChain names a vendor, and no other does.",
            field="vendor",
            remedy="Name the vendor as LangChain does, such as mistralai.",
        )


async def _sealed(key: SecretStr | None, keyring: Keyring) -> dict[str, str]:
    if key is None:
        return {"encrypted_key": "", "key_hint": ""}
    text = key.get_secret_value()
    hint = text[-HINT_CHARACTERS:] if len(text) >= 4 * HINT_CHARACTERS else ""
    return {"encrypted_key": await asyncio.to_thread(keyring.encrypt, key), "key_hint": hint}


def _facts(connection: Connection) -> dict[str, Any]:
    return connection.model_dump(mode="json", include=set(FACTS))


async def _record(scope: Scope, verb: str, connection: Connection, **facts: Any) -> None:
    target = f"connection:{connection.key}"
    await audit.record(scope, f"connection.{verb}", target, **facts)


async def get_connection(scope: Scope, name: str) -> Connection:
    """Return a stored connection.

    Raises:
        NotAllowed: the caller is no superuser.
        NotFound: there is none of that name.
    """
    scope.require_superuser()
    found = await Connection.find_one({"name": name})
    if found is None:
        raise NotFound("connection", name)
    return found


async def list_connections(scope: Scope) -> list[Connection]:
    """Return all stored connections by name.

    Raises:
        NotAllowed: the caller is no superuser.
    """
    scope.require_superuser()
    return await Connection.find_all().sort("name").to_list()


async def update_connection(
    scope: Scope, name: str, changes: ConnectionChanges, *, keyring: Keyring
) -> Connection:
    """Store the changes that were set and return the connection as it is then.

    A key never goes to another address than the one it was entered for: who changes the address
    or the vendor enters the key again.

    Raises:
        NotAllowed: the caller is no superuser.
        NotFound: there is none of that name.
        Invalid: a part that this kind needs is missing, or the key has to be entered again.
        Conflict: it was changed by somebody else meanwhile.
    """
    before = await get_connection(scope, name)
    fields = changes.to_store()
    _check_whole(
        before.kind,
        fields.get("base_url", before.base_url),
        fields.get("vendor", before.vendor),
    )
    has_new_key = "api_key" in changes.model_fields_set
    if before.encrypted_key and not has_new_key and _leads_elsewhere(before, fields):
        raise Invalid(
            "The stored key was entered for another address.",
            field="api_key",
            remedy="Enter the key again along with the new address.",
        )
    if has_new_key:
        fields |= await _sealed(changes.api_key, keyring)
    if not fields:
        return before
    after = await Connection.change_one({"_id": before.key, "revision": before.revision}, fields)
    if after is None:
        raise Conflict("The connection was changed by somebody else meanwhile; look again.")
    await _record(scope, "update", after, before=_facts(before), after=_facts(after))
    return after


def _leads_elsewhere(before: Connection, fields: dict[str, Any]) -> bool:
    return any(
        fields.get(name, getattr(before, name)) != getattr(before, name)
        for name in ("base_url", "vendor")
    )


async def delete_connection(scope: Scope, name: str) -> None:
    """Delete a connection and its key; one of the environment with its name comes back.

    Raises:
        NotAllowed: the caller is no superuser.
        NotFound: there is none of that name.
    """
    connection = await get_connection(scope, name)
    await Connection.collection().delete_one({"_id": connection.key})
    await _record(scope, "delete", connection, before=_facts(connection))


async def rotate_keys(scope: Scope, *, keyring: Keyring) -> int:
    """Encrypt every stored key with a new key, forget the older ones, return how many.

    Safe to repeat after it was cut off, and while the application runs.

    Raises:
        NotAllowed: the caller is no superuser.
        NotConfigured: a stored key cannot be decrypted; nothing is changed then.
    """
    scope.require_superuser()
    with_key: dict[str, Any] = {"encrypted_key": {"$ne": ""}}
    for document in await Connection.find(with_key).to_list():
        keyring.decrypt(document.encrypted_key)
    keyring.add_newer()
    renewed = 0
    while stale := [
        document
        for document in await Connection.find(with_key).to_list()
        if not keyring.is_newest(document.encrypted_key)
    ]:
        for document in stale:
            old = {"_id": document.key, "encrypted_key": document.encrypted_key}
            secret = keyring.decrypt(document.encrypted_key)
            fields = {"encrypted_key": keyring.encrypt(secret)}
            renewed += await Connection.change_one(old, fields) is not None
    keyring.forget_older()
    await audit.record(scope, "connection.rotate_keys", "connections", after={"renewed": renewed})
    return renewed
