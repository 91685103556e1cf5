"""Own the connections of this process: from `connection/model` to the provider that answers."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from pydantic import SecretStr

from core import clock
from core.errors import Invalid, NotConfigured, ProviderError
from core.providers.base import Provider
from core.providers.connect import Access, make_provider
from core.providers.pricing import PriceOverrides
from core.providers.scripted import DEMO_LABEL, DEMO_MODEL, offline_demo
from core.settings import AnthropicSettings, OpenAISettings, ProviderSettings
from prompthub.wire.literals import ConnectionKind

OPENAI_KEY: Final = "OPENAI_API_KEY"
ANTHROPIC_KEY: Final = "ANTHROPIC_API_KEY"
DEMO: Final = "demo"
# What is offered while the server does not tell; a name can always be typed.
WELL_KNOWN_MODELS: Final = ("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini", "gpt-5-mini")
WELL_KNOWN_CLAUDE: Final = ("claude-haiku-4-5", "claude-opus-4-8", "claude-sonnet-5-5")
# The longest deadline of an execution that the settings allow: no call outlives it.
RETIRED_MS: Final = 3600 * 1000
LIST_SECONDS: Final = 3.0
KEEP_LIST_MS: Final = 60_000
KEEP_FAILURE_MS: Final = 5_000


_VENDORS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"openai": ("OpenAI", OPENAI_KEY), "anthropic": ("Anthropic", ANTHROPIC_KEY)}
)


class ModelChoice(NamedTuple):
    """A model to pick: its full name, words for people, and whether it is the offline demo."""

    name: str
    label: str
    is_demo: bool


class Origin(NamedTuple):
    """Where a connection of the environment comes from: its address and the variable of its key."""

    base_url: str
    key_variable: str
    has_key: bool


@dataclass(frozen=True, slots=True)
class Connection:
    """A named way to a provider.

    `models` are offered in place of what the server lists, `fallback_models` while it lists none.
    `vendor` is LangChain's name of its integration; `base_url` is empty where that knows it alone.
    """

    name: str
    kind: ConnectionKind
    provider: Provider
    fallback_models: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    prices: PriceOverrides = field(default_factory=dict[str, Mapping[str, str]])
    origin: Origin | None = None
    base_url: str = ""
    vendor: str = ""


class Unusable(NamedTuple):
    """Why a connection that exists cannot be used, and what to do about it."""

    name: str
    reason: str
    setting: str
    remedy: str


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
    """Hold the connections by name: those of the environment, and above them the stored ones.

    A stored connection hides one of the environment with the same name.
    """

    def __init__(self, connections: Sequence[Connection], *, default_model: str = "") -> None:
        self._own = tuple(connections)
        self._connections = {connection.name: connection for connection in connections}
        self._unusable: dict[str, Unusable] = {}
        self._default_model = default_model
        self._kept: dict[str, _KeptList] = {}
        self._age = clock.Stopwatch()
        self._retired: list[tuple[float, Provider]] = []

    @classmethod
    def from_settings(cls, settings: ProviderSettings, environment: Mapping[str, str]) -> Self:
        """Return the registry of what is set up.

        `openai` and `anthropic` exist when their key is in the environment or their address is
        not the vendor's own (local servers need no key); `demo` exists always.
        """
        connections: list[Connection] = []
        ways: tuple[tuple[ConnectionKind, str, str, bool, tuple[str, ...]], ...] = (
            (
                "openai",
                OPENAI_KEY,
                settings.openai.base_url,
                settings.openai != OpenAISettings(),
                WELL_KNOWN_MODELS,
            ),
            (
                "anthropic",
                ANTHROPIC_KEY,
                settings.anthropic.base_url,
                settings.anthropic != AnthropicSettings(),
                WELL_KNOWN_CLAUDE,
            ),
        )
        for kind, variable, base_url, is_elsewhere, well_known in ways:
            key = environment.get(variable, "").strip()
            if key or is_elsewhere:
                access = Access(base_url=base_url, api_key=SecretStr(key) if key else None)
                provider = make_provider(kind, kind, access)
                origin = Origin(base_url, variable, has_key=bool(key))
                connections.append(
                    Connection(kind, kind, provider, well_known, origin=origin, base_url=base_url),
                )
        connections.append(Connection(DEMO, "scripted", offline_demo(), (DEMO_MODEL,)))
        return cls(connections, default_model=settings.default_model)

    async def replace_stored(
        self, connections: Sequence[Connection], unusable: Sequence[Unusable] = ()
    ) -> None:
        """Take the stored connections as they are now; calls that are under way go on.

        A connection that is passed again, the very object, keeps its list of models.
        """
        before = self._connections
        hidden = {*(one.name for one in connections), *(one.name for one in unusable)}
        own = [one for one in self._own if one.name not in hidden]
        stored = sorted(connections, key=lambda one: one.name)
        demo = [one for one in own if one.name == DEMO]
        others = [one for one in own if one.name != DEMO]
        self._connections = {one.name: one for one in (*others, *stored, *demo)}
        self._unusable = {one.name: one for one in unusable}
        for name, connection in before.items():
            if self._connections.get(name) is not connection:
                self._kept.pop(name, None)
                if connection not in self._own:
                    self._retired.append((self._age.elapsed_ms(), connection.provider))
        await self._close_retired(self._age.elapsed_ms() - RETIRED_MS)

    @property
    def own(self) -> Sequence[Connection]:
        """The connections of the environment, also where a stored one hides them, and the demo."""
        return self._own

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
        if name in self._unusable:
            _, reason, setting, remedy = self._unusable[name]
            raise NotConfigured(reason, setting=setting, remedy=remedy)
        if name in _VENDORS:
            vendor, variable = _VENDORS[name]
            raise NotConfigured(
                f"{vendor} is not set up: there is no API key.",
                setting=variable,
                remedy=f"Set {variable} and start again, or pick demo/{DEMO_MODEL}.",
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
        known = (*self._own, *self._connections.values())
        for provider in {id(one.provider): one.provider for one in known}.values():
            await provider.close()
        await self._close_retired(self._age.elapsed_ms())

    async def _close_retired(self, until_ms: float) -> None:
        for retired in [one for one in self._retired if one[0] <= until_ms]:
            self._retired.remove(retired)
            await retired[1].close()

    async def _list(self, connection: Connection) -> list[ModelChoice]:
        kept = self._kept.setdefault(connection.name, _KeptList())
        async with kept.fetching:
            if self._age.elapsed_ms() >= kept.is_fresh_until_ms:
                await self._fetch(connection, kept)
        is_demo = connection.kind == "scripted"
        names = [f"{connection.name}/{name}" for name in kept.names]
        return [ModelChoice(name, DEMO_LABEL if is_demo else name, is_demo) for name in names]

    async def _fetch(self, connection: Connection, kept: _KeptList) -> None:
        if connection.models:
            kept.names, kept.is_fresh_until_ms = connection.models, math.inf
            return
        try:
            async with asyncio.timeout(LIST_SECONDS):
                names = await connection.provider.list_models()
            keep_ms = KEEP_LIST_MS
        except (ProviderError, TimeoutError):
            names, keep_ms = kept.names, KEEP_FAILURE_MS
        usable = tuple(name for name in names if name and not any(map(str.isspace, name)))
        kept.names = usable or connection.fallback_models
        kept.is_fresh_until_ms = self._age.elapsed_ms() + keep_ms
