import socket
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.providers.pricing import price
from core.values.usage import Usage
from prompthub.wire.literals import ConnectionKind

TOKENS = st.integers(min_value=0, max_value=10_000_000)


@given(asked=TOKENS, answered=TOKENS, share=st.fractions(min_value=0, max_value=1))
def test_a_price_is_exact_arithmetic_on_the_recorded_unit_prices(
    asked: int, answered: int, share: float
) -> None:
    cached = int(asked * share)
    usage = Usage(input_tokens=asked, output_tokens=answered, cache_read_input_tokens=cached)

    cost = price("openai", "gpt-4o-mini", usage)

    unit = {name: Decimal(text) for name, text in cost.unit_prices.items()}
    expected = (
        (asked - cached) * unit["input_mtok"]
        + cached * unit["cache_read_mtok"]
        + answered * unit["output_mtok"]
    ) / Decimal(1_000_000)
    assert cost.status == "priced"
    assert cost.cost_usd == expected


def test_gpt_4o_mini_has_the_known_price() -> None:
    usage = Usage(input_tokens=1000, output_tokens=500, cache_read_input_tokens=100)

    cost = price("openai", "gpt-4o-mini", usage)

    assert cost.cost_usd == Decimal("0.0004425")
    assert cost.unit_prices == {
        "input_mtok": "0.15",
        "cache_read_mtok": "0.075",
        "output_mtok": "0.6",
    }


@pytest.mark.parametrize(
    ("kind", "model", "usage"),
    [
        ("openai", "made-up-model", Usage(input_tokens=1, output_tokens=1)),
        ("openai", "gpt-4o-mini", None),
        ("openai", "gpt-4o-mini", Usage(input_tokens=1, output_tokens=1, is_estimated=True)),
        ("compatible", "gpt-4o-mini", Usage(input_tokens=1, output_tokens=1)),
    ],
)
def test_what_is_not_known_is_none_and_never_zero(
    kind: ConnectionKind, model: str, usage: Usage | None
) -> None:
    cost = price(kind, model, usage)

    assert cost.cost_usd is None
    assert cost.status == "unknown"


def test_the_offline_demo_is_free() -> None:
    cost = price("scripted", "echo", None)

    assert cost.cost_usd == 0
    assert cost.status == "free"


def test_pricing_uses_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)

    assert price("openai", "gpt-4o", Usage(input_tokens=1)).status == "priced"


OWN = {"m": {"input_mtok": "2", "output_mtok": "10", "cache_read_mtok": "0.5"}}


def test_a_stored_price_goes_before_the_table_and_cached_input_has_its_own() -> None:
    usage = Usage(input_tokens=1000, output_tokens=100, cache_read_input_tokens=400)

    found = price("compatible", "m", usage, OWN)

    assert found.cost_usd == Decimal("0.0024")
    assert (found.status, found.unit_prices) == ("priced", OWN["m"])
    assert price("compatible", "other", usage, OWN).status == "unknown"


def test_a_stored_price_does_not_bill_an_estimate() -> None:
    usage = Usage(input_tokens=1000, output_tokens=100, is_estimated=True)

    assert price("compatible", "m", usage, OWN).cost_usd is None


def test_a_model_with_prices_of_nought_is_free_whatever_it_reports() -> None:
    free = {"m": {"input_mtok": "0", "output_mtok": "0"}}

    assert price("compatible", "m", None, free) == (0, "free", free["m"])
