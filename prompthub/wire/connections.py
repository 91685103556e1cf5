"""Own the shapes of stored connections; a key goes in and never comes out."""

from pydantic import Field, SecretStr

from prompthub.wire.base import Answer, Moment, Request
from prompthub.wire.literals import ConnectionKind, StorableKind


class UnitPrices(Request):
    """US dollars per million tokens as decimal texts, such as "0.15"."""

    input_mtok: str
    output_mtok: str
    cache_read_mtok: str | None = None


class NewConnection(Request):
    """A connection to be stored; `vendor` is for kind langchain only."""

    name: str
    kind: StorableKind
    base_url: str = ""
    vendor: str = ""
    api_key: SecretStr | None = None
    models: list[str] = Field(default_factory=list[str])
    price_overrides: dict[str, UnitPrices] = Field(default_factory=dict[str, UnitPrices])


class ConnectionChanges(Request):
    """Changes to a connection; what is absent stays, `api_key` null takes the key away."""

    base_url: str | None = None
    vendor: str | None = None
    api_key: SecretStr | None = None
    models: list[str] | None = None
    price_overrides: dict[str, UnitPrices] | None = None
    is_active: bool | None = None


class Connection(Answer):
    """A stored connection; `key_hint` is the end of its key, empty for a short one."""

    name: str
    kind: ConnectionKind
    base_url: str
    vendor: str
    has_key: bool
    key_hint: str
    models: list[str]
    price_overrides: dict[str, dict[str, str]]
    is_active: bool
    created_at: Moment
    updated_at: Moment


class TrialRequest(Request):
    """What to try: the list of models, or an answer of the model that is named."""

    model: str | None = None


class Trial(Answer):
    """How a connection did; `message` says it in words."""

    is_working: bool
    message: str
    latency_ms: float
    models: list[str]


class LocalServer(Answer):
    """A server of models found on this machine."""

    name: str
    base_url: str
    models: list[str]


class LocalServers(Answer):
    """The servers found; each can be sent to POST /connections as kind compatible."""

    items: list[LocalServer]
