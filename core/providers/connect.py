"""Own the making of providers: which adapter speaks to a kind of connection."""

from dataclasses import dataclass
from typing import Final, assert_never

from pydantic import SecretStr

from core.errors import Invalid
from core.providers.anthropic import AnthropicProvider
from core.providers.base import Provider
from core.providers.langchain import LangChainProvider
from core.providers.openai import OpenAIProvider
from core.providers.scripted import offline_demo
from core.settings import AnthropicSettings, OpenAISettings
from prompthub.wire.literals import ConnectionKind

OPENAI_URL: Final = OpenAISettings().base_url
ANTHROPIC_URL: Final = AnthropicSettings().base_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a provider is reached; what is empty is the adapter's own.

    `vendor` is LangChain's name of an integration, such as mistralai.
    """

    base_url: str = ""
    api_key: SecretStr | None = None
    vendor: str = ""


def address_of(kind: ConnectionKind, base_url: str) -> str:
    """Return the address that a connection speaks to, empty where only an integration knows it."""
    if base_url:
        return base_url
    return {"openai": OPENAI_URL, "anthropic": ANTHROPIC_URL}.get(kind, "")


def make_provider(name: str, kind: ConnectionKind, access: Access) -> Provider:
    """Return the provider of a connection; nothing is loaded or dialled before its first call.

    Raises:
        Invalid: a compatible server without an address.
    """
    match kind:
        case "openai":
            url = address_of(kind, access.base_url)
            return OpenAIProvider(name=name, base_url=url, api_key=access.api_key)
        case "compatible":
            if not access.base_url:
                raise Invalid(
                    "The address of the server is missing.",
                    field="base_url",
                    remedy="Give it with its /v1, such as http://127.0.0.1:8080/v1.",
                )
            return OpenAIProvider(name=name, base_url=access.base_url, api_key=access.api_key)
        case "anthropic":
            url = address_of(kind, access.base_url)
            return AnthropicProvider(name=name, base_url=url, api_key=access.api_key)
        case "langchain":
            return LangChainProvider(
                name=name, vendor=access.vendor, base_url=access.base_url, api_key=access.api_key
            )
        case "scripted":
            return offline_demo()
        case _:
            assert_never(kind)
