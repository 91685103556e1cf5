"""Own the way from stored connections to the registry of this process."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from bson import ObjectId
from pydantic import SecretStr
from pymongo.errors import PyMongoError

from core.connections.keyring import Keyring
from core.documents import Connection
from core.errors import PromptHubError
from core.providers.base import Provider
from core.providers.connect import Access, address_of, make_provider
from core.providers.registry import Connection as Usable
from core.providers.registry import Registry, Unusable

# A change made by another process counts after this long.
PAUSE_SECONDS: Final = 1.0


class Follower:
    """Keep a registry as the stored connections are.

    Every process reads the ids and revisions once a second, which is one small query, and the
    documents themselves only when those have changed. The process that makes a change refreshes
    at once.
    """

    def __init__(self, registry: Registry, keyring: Keyring) -> None:
        self._registry = registry
        self._keyring = keyring
        self._seen: Mapping[ObjectId, int] = {}
        self._usable: dict[tuple[ObjectId, int], Usable] = {}
        self._has_unreadable = False
        self._refreshing = asyncio.Lock()

    async def follow(self) -> bool:
        """Refresh; a database that is away is asked again the next time."""
        with suppress(PyMongoError):
            return await self.refresh()
        return False

    async def refresh(self) -> bool:
        """Take over what has changed and return whether anything had."""
        async with self._refreshing:
            rows = Connection.collection().find({}, {"revision": 1})
            now = {row["_id"]: row["revision"] async for row in rows}
            # A key that could not be decrypted may have come back meanwhile.
            if now == self._seen and not self._has_unreadable:
                return False
            has_changed = now != self._seen
            await self._take_over(await Connection.find_all().to_list())
            self._seen = now
            return has_changed

    async def _take_over(self, stored: list[Connection]) -> None:
        usable: dict[tuple[ObjectId, int], Usable] = {}
        unusable: list[Unusable] = []
        self._has_unreadable = False
        for document in stored:
            version = (document.key, document.revision)
            if not document.is_active:
                unusable.append(_switched_off(document.name))
                continue
            try:
                usable[version] = self._usable.get(version) or await self._connect(document)
            except PromptHubError as error:
                self._has_unreadable = True
                unusable.append(_unreadable(document.name, error))
        self._usable = usable
        await self._registry.replace_stored(list(usable.values()), unusable)

    async def _connect(self, document: Connection) -> Usable:
        return Usable(
            name=document.name,
            kind=document.kind,
            provider=await provider_of(document, self._keyring),
            models=tuple(document.models),
            prices=document.price_overrides,
            base_url=address_of(document.kind, document.base_url),
            vendor=document.vendor,
        )


async def provider_of(document: Connection, keyring: Keyring) -> Provider:
    """Return a provider of its own for a stored connection.

    Raises:
        NotConfigured: the key cannot be decrypted.
    """
    key: SecretStr | None = None
    if document.encrypted_key:
        key = await asyncio.to_thread(keyring.decrypt, document.encrypted_key)
    access = Access(base_url=document.base_url, api_key=key, vendor=document.vendor)
    return make_provider(document.name, document.kind, access)


def _switched_off(name: str) -> Unusable:
    return Unusable(
        name,
        f"The connection {name} is switched off.",
        setting=f"connection {name}",
        remedy="Ask a superuser to switch it on, or choose another model.",
    )


def _unreadable(name: str, error: PromptHubError) -> Unusable:
    return Unusable(
        name,
        f"The connection {name} cannot be used: {error.message}",
        setting=f"connection {name}",
        remedy=str(error.facts.get("remedy", "")),
    )
