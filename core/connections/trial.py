"""Own trying a connection out, and finding servers of models on this machine."""

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import httpx2

from core import clock
from core.connections.follow import provider_of
from core.connections.keyring import Keyring
from core.connections.store import get_connection, list_connections
from core.documents import Connection
from core.errors import NotConfigured, NotFound, ProviderError
from core.net import guarded_client
from core.providers.base import CompletionRequest, Provider
from core.providers.registry import Connection as Usable
from core.values.generation import ModelParams
from core.values.messages import Message
from core.values.scope import Scope

TRIAL_SECONDS: Final = 30.0
PROBE_SECONDS: Final = 1.0
MAX_LIST_BYTES: Final = 1024 * 1024
# Source: the documentation of each server, its default port.
LOCAL_PORTS: Final[Mapping[str, int]] = MappingProxyType(
    {"llama-cpp": 8080, "ollama": 11434, "lm-studio": 1234, "vllm": 8000}
)


class Trial(NamedTuple):
    """How a connection did: `message` is for people, `models` what the server lists."""

    is_working: bool
    message: str
    latency_ms: float
    models: tuple[str, ...]


class LocalServer(NamedTuple):
    """A server that answers on this machine, as a connection could be made of it."""

    name: str
    base_url: str
    models: tuple[str, ...]


async def try_connection(
    scope: Scope,
    name: str,
    *,
    keyring: Keyring,
    own: Sequence[Usable] = (),
    model: str | None = None,
) -> Trial:
    """List the models of a connection and, where one is named, ask it for a word.

    `own` are the connections of the environment; a stored one goes before that of its name.

    Raises:
        NotAllowed: the caller is no superuser.
        NotFound: there is no connection of that name.
    """
    try:
        document = await get_connection(scope, name)
    except NotFound:
        provider = next((one.provider for one in own if one.name == name), None)
        if provider is None:
            raise
        return await _told(_use(provider, model), model)
    return await _told(_use_stored(document, keyring, model), model)


async def _told(use: Coroutine[Any, Any, tuple[str, ...]], model: str | None) -> Trial:
    watch = clock.Stopwatch()
    listed: tuple[str, ...] = ()
    try:
        async with asyncio.timeout(TRIAL_SECONDS):
            listed = await use
    except (ProviderError, NotConfigured) as error:
        failure = error.message
    except TimeoutError:
        failure = f"There was no answer within {TRIAL_SECONDS:.0f} seconds."
    else:
        is_silent = model is None and not listed
        failure = "The server lists no models; name one to try it." if is_silent else ""
    success = f"{model} answers." if model else f"The server offers {len(listed)} models."
    return Trial(
        is_working=not failure,
        message=failure or success,
        latency_ms=watch.elapsed_ms(),
        models=listed,
    )


async def _use_stored(document: Connection, keyring: Keyring, model: str | None) -> tuple[str, ...]:
    provider = await provider_of(document, keyring)
    try:
        return await _use(provider, model)
    finally:
        await provider.close()


async def _use(provider: Provider, model: str | None) -> tuple[str, ...]:
    if model is None:
        return await provider.list_models()
    question = (Message(role="user", content="Answer with the word: yes"),)
    request = CompletionRequest(model=model, messages=question, params=ModelParams(max_tokens=16))
    await provider.complete(request, deadline_seconds=TRIAL_SECONDS)
    return ()


async def find_local_servers(
    scope: Scope, ports: Mapping[str, int] = LOCAL_PORTS
) -> list[LocalServer]:
    """Return the servers of models that answer on this machine and are not connected yet.

    Only loopback is asked, each port once and for a second at most.

    Raises:
        NotAllowed: the caller is no superuser.
    """
    connected = {connection.base_url for connection in await list_connections(scope)}
    client = await asyncio.to_thread(guarded_client)
    async with client:
        found = await asyncio.gather(*(_probe(client, *one) for one in ports.items()))
    return [server for server in found if server and server.base_url not in connected]


async def _probe(client: httpx2.AsyncClient, name: str, port: int) -> LocalServer | None:
    base_url = f"http://127.0.0.1:{port}/v1"
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            listed = await _read_list(client, f"{base_url}/models")
    except (httpx2.HTTPError, ValueError, TimeoutError):
        return None
    names = _names_of(listed)
    return None if names is None else LocalServer(name, base_url, names)


def _names_of(listed: Any) -> tuple[str, ...] | None:
    """Return the names in a list of models as OpenAI writes it, None for anything else."""
    try:
        return tuple(sorted(str(entry["id"]) for entry in listed["data"]))
    except (TypeError, KeyError):
        return None


async def _read_list(client: httpx2.AsyncClient, url: str) -> Any:
    async with client.stream("GET", url) as response:
        if not response.is_success:
            return None
        read = bytearray()
        async for part in response.aiter_bytes():
            read += part
            if len(read) > MAX_LIST_BYTES:
                return None
    return json.loads(bytes(read))
