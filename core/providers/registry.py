"""Own the connections of this process: from `connection/model` to the provider that answers."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from pydantic import SecretStr

from core import clock
from core.errors import Invalid, NotConfigured, ProviderError
from core.providers.base import Provider
from core.providers.openai import OpenAIProvider
from core.providers.scripted import DEMO_LABEL, DEMO_MODEL, offline_demo
from core.settings import OpenAISettings, ProviderSettings
from prompthub.wire.literals import ConnectionKind

OPENAI_KEY: Final = "OPENAI_API_KEY"
# What is offered while the server does not tell; a name can always be typed.
WELL_KNOWN_MODELS: Final = ("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini", "gpt-5-mini")
LIST_SECONDS: Final = 3.0
KEEP_LIST_MS: Final = 60_000
KEEP_FAILURE_MS: Final = 5_000


class ModelChoice(NamedTuple):
    """A model to pick: its full name, words for people, and whether it is the offline demo."""

    name: str
    label: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Connection:
    """A named way to a provider; `fallback_models` are offered while it lists none."""

    name: str
    kind: ConnectionKind
    provider: Provider
    fallback_models: tuple[str, ...] = ()


class ResolvedModel(NamedTuple):
    """Who answers for a model, and the provider's own name for it."""

    provider: Provider
    connection: Connection
    model: str


@dataclass(slots=True)
class _KeptList:
    names: tuple[str, ...] = ()
    is_fresh_until_ms: float = -1
    fetching: asyncio.Lock = field(default_factory=asyncio.Lock)


class Registry:
    """The connections by name. A connection lives until `close`."""

    def __init__(self, connections: Sequence[Connection], *, default_model: str = "") -> None:
        self._connections = {connection.name: connection for connection in connections}
        self._default_model = default_model
        self._kept = {connection.name: _KeptList() for connection in connections}
        self._age = clock.Stopwatch()

    @classmethod
    def from_settings(cls, settings: ProviderSettings, environment: Mapping[str, str]) -> Self:
        """Return the registry of what is set up.

        `openai` exists when its key is in the environment or its address is not OpenAI's own
        (local servers need no key); `demo` exists always.
        """
        connections: list[Connection] = []
        key = environment.get(OPENAI_KEY, "").strip()
        if key or settings.openai != OpenAISettings():
            provider = OpenAIProvider(
                name="openai",
                base_url=settings.openai.base_url,
                api_key=SecretStr(key) if key else None,
            )
            connections.append(Connection("openai", "openai", provider, WELL_KNOWN_MODELS))
        connections.append(Connection("demo", "scripted", offline_demo(), (DEMO_MODEL,)))
        return cls(connections, default_model=settings.default_model)

    @property
    def is_demo_only(self) -> bool:
        """Whether no provider of real models is set up."""
        return all(connection.kind == "scripted" for connection in self._connections.values())

    def find(self, model: str) -> ResolvedModel:
        """Return who answers for `connection/model`.

        Raises:
            Invalid: the name has no slash, or there is no such connection.
            NotConfigured: the connection is known but has no key.
        """
        name, slash, own_name = model.partition("/")
        if not (name and slash and own_name):
            raise Invalid(
                "A model is written as connection/model.",
                field="model",
                remedy="Write it like openai/gpt-4o-mini.",
            )
        connection = self._connections.get(name)
        if connection is not None:
            return ResolvedModel(connection.provider, connection, own_name)
        if name == "openai":
            raise NotConfigured(
                "OpenAI is not set up: there is no API key.",
                setting=OPENAI_KEY,
                remedy=f"Set {OPENAI_KEY} and start again, or pick demo/{DEMO_MODEL}.",
            )
        raise Invalid(
            f"There is no connection named {name!r}.",
            field="model",
            remedy=f"Use one of: {', '.join(self._connections)}.",
        )

    async def models(self) -> list[ModelChoice]:
        """Return what a picker offers, the default model first and the demo last; never fails."""
        listed = await asyncio.gather(*map(self._list, self._connections.values()))
        choices = {choice.name: choice for choices in listed for choice in choices}
        default = self._default_model
        if default.partition("/")[0] in self._connections:
            first = choices.pop(default, ModelChoice(default, default, is_demo=False))
            choices = {default: first, **choices}
        return list(choices.values())

    async def close(self) -> None:
        """Give back all connections."""
        for connection in self._connections.values():
            await connection.provider.close()

    async def _list(self, connection: Connection) -> list[ModelChoice]:
        kept = self._kept[connection.name]
        async with kept.fetching:
            if self._age.elapsed_ms() >= kept.is_fresh_until_ms:
                await self._fetch(connection, kept)
        is_demo = connection.kind == "scripted"
        names = [f"{connection.name}/{name}" for name in kept.names]
        return [ModelChoice(name, DEMO_LABEL if is_demo else name, is_demo) for name in names]

    async def _fetch(self, connection: Connection, kept: _KeptList) -> None:
        try:
            async with asyncio.timeout(LIST_SECONDS):
                names = await connection.provider.list_models()
            keep_ms = KEEP_LIST_MS
        except (ProviderError, TimeoutError):
            names, keep_ms = kept.names, KEEP_FAILURE_MS
        usable = tuple(name for name in names if name and not any(map(str.isspace, name)))
        kept.names = usable or connection.fallback_models
        kept.is_fresh_until_ms = self._age.elapsed_ms() + keep_ms
