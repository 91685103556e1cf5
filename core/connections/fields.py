"""Own what a superuser may enter about a connection: names, addresses, keys, prices."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from core.values.body import Text
from prompthub.wire.literals import StorableKind

# Dearer than any price there is, and small enough for every product to be exact.
HIGHEST_PRICE: Final = Decimal(1_000_000)
MAX_PRICE_DIGITS: Final = 30


def _http_address(text: str) -> str:
    if not text:
        return text
    try:
        parts = urlsplit(text)
        is_sound = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or any(char.isspace() or not char.isprintable() for char in text):
        msg = "is no address that begins with http:// or https://"
        raise ValueError(msg)
    if "@" in urlsplit(text).netloc or "?" in text or "#" in text:
        msg = "holds a user, a query or a fragment; enter the key apart"
        raise ValueError(msg)
    return text.rstrip("/")


def _header_safe(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not (text.isascii() and text.isprintable() and text):
        msg = "holds something other than printable ASCII characters"
        raise ValueError(msg)
    return SecretStr(text)


def _price(text: str) -> str:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not (price.is_finite() and 0 <= price <= HIGHEST_PRICE):
        msg = "is no price in US dollars per million tokens, such as 0.15"
        raise ValueError(msg)
    return f"{price:f}"


ConnectionName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
BaseUrl = Annotated[Text, Field(max_length=2000), AfterValidator(_http_address)]
Vendor = Annotated[str, Field(pattern=r"^[a-z0-9_]{0,64}$")]
ApiKey = Annotated[SecretStr, Field(max_length=1000), AfterValidator(_header_safe)]
OwnModelName = Annotated[Text, Field(pattern=r"^\S{1,200}$")]
PriceText = Annotated[Text, Field(max_length=MAX_PRICE_DIGITS), AfterValidator(_price)]
Models = Annotated[tuple[OwnModelName, ...], Field(max_length=1000)]


class UnitPrices(BaseModel):
    """US dollars per million tokens; without its own price cached input costs as any input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input_mtok: PriceText
    output_mtok: PriceText
    cache_read_mtok: PriceText | None = None


Prices = Annotated[Mapping[OwnModelName, UnitPrices], Field(max_length=1000)]


class NewConnection(BaseModel):
    """A connection to be stored; what is left out is the vendor's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ConnectionName
    kind: StorableKind
    base_url: BaseUrl = ""
    vendor: Vendor = ""
    api_key: ApiKey | None = None
    models: Models = ()
    price_overrides: Prices = Field(default_factory=dict[str, UnitPrices])


class ConnectionChanges(BaseModel):
    """Changes to a connection; what is not set stays. `api_key` None takes the key away."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: BaseUrl | None = None
    vendor: Vendor | None = None
    api_key: ApiKey | None = None
    models: Models | None = None
    price_overrides: Prices | None = None
    is_active: bool | None = None

    def to_store(self) -> dict[str, Any]:
        """Return the fields that were set, without the key."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"api_key"})
