"""Own the stored connection: a named way to a provider of models."""

from pydantic import Field
from pymongo import ASCENDING, IndexModel

from core.documents.base import Changing
from prompthub.wire.literals import ConnectionKind


class Connection(Changing):
    """A provider's address and encrypted key; `name` is the part of a model before the slash.

    `vendor` names the integration of kind langchain. `key_hint` is the end of the key, for people
    to tell keys apart. Prices are decimal texts in US dollars per million tokens.
    """

    name: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    kind: ConnectionKind
    base_url: str = ""
    vendor: str = ""
    encrypted_key: str = ""
    key_hint: str = ""
    models: list[str] = Field(default_factory=list[str])
    price_overrides: dict[str, dict[str, str]] = Field(default_factory=dict[str, dict[str, str]])
    is_active: bool = True

    class Settings:
        name = "connections"
        indexes = [IndexModel([("name", ASCENDING)], name="name", unique=True)]
