"""Own the price of a call: usage times the unit prices of the bundled table, in Decimal."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from core.values.usage import Usage
from prompthub.wire.literals import ConnectionKind, CostStatus

# Kinds of which the price list is known; any other server sets its own prices.
_PRICED_KINDS: Final[Mapping[ConnectionKind, str]] = MappingProxyType(
    {"openai": "openai", "anthropic": "anthropic"}
)
MILLION: Final = Decimal(1_000_000)
_UNIT_PRICES: Final = ("input_mtok", "cache_read_mtok", "output_mtok")


class Price(NamedTuple):
    """What a call cost in US dollars, unrounded; None when unknown.

    `unit_prices` maps `input_mtok`, `cache_read_mtok`, `output_mtok` (US dollars per million
    tokens) to decimal texts; a price in tiers is recorded by its base.
    """

    cost_usd: Decimal | None
    status: CostStatus
    unit_prices: dict[str, str]


# Prices per model that a superuser stored: the names of `unit_prices` to decimal texts.
PriceOverrides = Mapping[str, Mapping[str, str]]
NO_OVERRIDES: Final[PriceOverrides] = MappingProxyType({})

UNKNOWN: Final = Price(None, "unknown", {})
FREE: Final = Price(Decimal(0), "free", {})


def price(
    kind: ConnectionKind,
    model: str,
    usage: Usage | None,
    overrides: PriceOverrides = NO_OVERRIDES,
) -> Price:
    """Price one call; cached input costs the cached rate. An override goes before the table.

    Unknown when the model has no known price or the tokens were not reported: an estimate is
    good enough to read and not good enough to bill. Free when every price is nought. No network
    is used.
    Source: the table bundled with genai-prices.
    """
    own = overrides.get(model)
    if kind == "scripted" or (own and not any(map(Decimal, own.values()))):
        return FREE._replace(unit_prices=dict(own or {}))
    if usage is None or usage.is_estimated:
        return UNKNOWN
    if own:
        return _from_override(own, usage)
    vendor = _PRICED_KINDS.get(kind)
    return UNKNOWN if vendor is None else _from_table(vendor, model, usage)


def _from_override(own: Mapping[str, str], usage: Usage) -> Price:
    """Price by stored prices; cached input without one of its own costs as any input."""
    cached = usage.cache_read_input_tokens
    input_price = Decimal(own["input_mtok"])
    cached_price = Decimal(own.get("cache_read_mtok", input_price))
    cost = (
        (usage.input_tokens - cached) * input_price
        + cached * cached_price
        + usage.output_tokens * Decimal(own["output_mtok"])
    )
    return Price(cost / MILLION, "priced", dict(own))


def _from_table(vendor: str, model: str, usage: Usage) -> Price:
    # The table is 30,000 lines of Python: read at the first price, not at start-up.
    import genai_prices  # noqa: PLC0415

    counted = genai_prices.Usage(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cache_read_input_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        found = genai_prices.calc_price(counted, model, provider_id=vendor)
    except LookupError:
        return UNKNOWN
    return Price(found.total_price, "priced", _unit_prices(found.model_price))


def _unit_prices(prices: Any) -> dict[str, str]:
    recorded: dict[str, str] = {}
    for name in _UNIT_PRICES:
        value = getattr(prices, name)
        base = getattr(value, "base", value)
        if isinstance(base, Decimal):
            recorded[name] = str(base)
    return recorded
