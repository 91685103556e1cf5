"""Own the adapters that every contract test runs over, and what each fault is to become."""

import importlib.util
from typing import Final, Literal

import pytest
from pydantic import SecretStr

from core.errors import ProviderError, ProviderOverloaded, ProviderRefused
from core.providers.base import Provider
from core.providers.connect import Access, make_provider
from core.providers.retry import MAX_CALLS
from prompthub.wire.literals import ConnectionKind
from tests.fake_provider import RAW_BODIES, STREAM_FAULTS, FakeProvider

Mode = Literal["plain", "stream"]

MODES: Final[tuple[Mode, ...]] = ("plain", "stream")
no_langchain = pytest.mark.skipif(
    importlib.util.find_spec("langchain") is None,
    reason="the extra prompthub[langchain] is not installed",
)
KINDS: Final = (
    "openai",
    "compatible",
    "anthropic",
    pytest.param("langchain", marks=no_langchain),
)
# What the server refuses: its error, and how often it is asked.
REFUSALS: Final[dict[str, tuple[type[ProviderError], int]]] = {
    "fault-400": (ProviderRefused, 1),
    "fault-401": (ProviderRefused, 1),
    "fault-403": (ProviderRefused, 1),
    "fault-404": (ProviderRefused, 1),
    "fault-quota": (ProviderRefused, 1),
    "fault-redirect": (ProviderRefused, 1),
    "fault-429": (ProviderOverloaded, MAX_CALLS),
    "fault-503": (ProviderOverloaded, MAX_CALLS),
    "fault-529": (ProviderOverloaded, MAX_CALLS),
    "fault-500": (ProviderError, MAX_CALLS),
    "fault-429-hour": (ProviderOverloaded, 1),
}
# What cannot be used as an answer.
UNUSABLE: Final = (*RAW_BODIES, *STREAM_FAULTS)


def connected(kind: ConnectionKind, fake: FakeProvider, api_key: str | None) -> Provider:
    """The adapter of a kind, pointed at the fake server."""
    # Anthropic's SDK adds the `/v1` by itself.
    base_url = fake.url.removesuffix("/v1") if kind == "anthropic" else fake.url
    key = SecretStr(api_key) if api_key else None
    vendor = "openai" if kind == "langchain" else ""
    access = Access(base_url=base_url, api_key=key, vendor=vendor)
    return make_provider(kind, kind, access)
