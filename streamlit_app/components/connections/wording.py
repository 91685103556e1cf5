"""Own how connections are called for people: kinds, states, keys, and names to suggest."""

from collections.abc import Collection, Mapping
from ipaddress import ip_address
from types import MappingProxyType
from urllib.parse import urlsplit

from pydantic import ValidationError

from core.documents import Connection
from core.errors import Invalid
from core.providers import langchain
from prompthub.wire.literals import ConnectionKind, StorableKind

KINDS: Mapping[ConnectionKind, str] = MappingProxyType(
    {
        "compatible": "OpenAI-compatible",
        "openai": "OpenAI",
        "anthropic": "Anthropic",
        "langchain": "LangChain",
        "scripted": "Offline demo",
    }
)
KEY_NOTE = "Stored encrypted, and never shown again."
ADDRESS_EXAMPLE = "http://127.0.0.1:8080/v1"
_FIELDS = {"base_url": "address", "api_key": "key", "price_overrides": "price"}
_PATTERNS = {
    "name": "holds something other than lower-case letters, digits and dashes, or is too long",
    "vendor": "holds something other than lower-case letters, digits and underscores",
    "models": "holds a space, or is too long",
}
# What these begin with says nothing about whose server it is.
_SUBDOMAINS = frozenset({"api", "www", "inference", "llm", "models"})
_LOCAL = "local"


def storable_kinds() -> list[StorableKind]:
    """Return what can be added here; LangChain only where the extra is installed."""
    kinds: list[StorableKind] = ["compatible", "openai", "anthropic"]
    return [*kinds, "langchain"] if langchain.is_installed() else kinds


def suggest_name(kind: StorableKind, base_url: str, vendor: str, taken: Collection[str]) -> str:
    """Return a name that is free: of the vendor, or of whoever owns the address."""
    names = {"compatible": _owner_of(base_url), "langchain": vendor.replace("_", "-")}
    return free_name(names.get(kind, kind) or _LOCAL, taken)


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, numbered where it is taken."""
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _owner_of(base_url: str) -> str:
    """Return mistral for https://api.mistral.ai/v1, and `local` where nobody is named."""
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        return _LOCAL
    labels = [label for label in host.split(".") if label not in _SUBDOMAINS]
    if not labels or host == "localhost" or _is_number(host):
        return _LOCAL
    label = labels[-2] if len(labels) > 1 else labels[0]
    return "".join(char for char in label if char.isascii() and (char.isalnum() or char == "-"))


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def key_words(connection: Connection) -> str:
    """Return whether a key is stored, by its last characters at most."""
    if not connection.encrypted_key:
        return "no key"
    return f"key …{connection.key_hint}" if connection.key_hint else "key set"


def joined(*parts: str) -> str:
    """Return the parts that say something in one line."""
    return "  ·  ".join(filter(None, parts))


def refused(error: ValidationError) -> Invalid:
    """Return what is wrong with the first field at fault, by the name it has on the page."""
    first = error.errors(include_input=False)[0]
    field = str(first["loc"][0])
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "string_pattern_mismatch":
        reason = _PATTERNS.get(field, reason)
    of_model = f" of {first['loc'][1]}" if field == "price_overrides" else ""
    name = "name of a model" if field == "models" else _FIELDS.get(field, field)
    return Invalid(f"The {name}{of_model} {reason}.", field=field)
