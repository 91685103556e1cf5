"""What a comparison will cost, about: four characters a token, answers as long as lately."""

from decimal import Decimal

import pytest

from core.execution.forecast import USUAL_OUTPUT_TOKENS, Forecast, Planned, forecast_cost
from core.providers.registry import Connection, Registry
from core.providers.scripted import ScriptedProvider
from tests.builders import a_body
from tests.core.execution.test_comparison_report import an_execution
from tests.places import Place

# A dollar for a million tokens in, ten for a million out: an answer of 100 costs $0.001.
PRICES = {"m": {"input_mtok": "1", "output_mtok": "10"}, "nought": {"input_mtok": "0"}}
BODY = a_body("x" * 300, system_prompt="y" * 100)


@pytest.fixture
def registry() -> Registry:
    connections = [
        Connection("openai", "openai", ScriptedProvider(["Hi"]), prices=PRICES),
        Connection("demo", "scripted", ScriptedProvider(["Hi"])),
    ]
    return Registry(connections)


async def forecast(
    place: Place, registry: Registry, *planned: Planned, inputs: int = 1
) -> Forecast:
    values = [{"name": "z" * 40}] * inputs
    return await forecast_cost(place.application.key, "greet", planned, values, registry=registry)


async def test_a_prompt_without_runs_is_priced_at_a_usual_answer(
    place: Place, registry: Registry
) -> None:
    found = await forecast(place, registry, Planned("openai/m", BODY, None), inputs=2)

    tokens_in = 2 * (300 + 100 + 40) // 4
    assert found.cost_usd == Decimal(tokens_in + 2 * USUAL_OUTPUT_TOKENS * 10) / 1_000_000
    assert (found.output_tokens, found.recent) == (USUAL_OUTPUT_TOKENS, 0)


async def test_answers_are_taken_to_be_as_long_as_the_last_ones_and_no_longer_than_allowed(
    place: Place, registry: Registry
) -> None:
    for tokens, status in ((100, "success"), (200, "success"), (900, "failed")):
        await an_execution(place, prompt_id="greet", output_tokens=tokens, status=status).insert()
    await an_execution(place, prompt_id="other", output_tokens=5000).insert()

    long = await forecast(place, registry, Planned("openai/m", BODY, None))
    short = await forecast(place, registry, Planned("openai/m", BODY, 50))

    assert (long.output_tokens, long.recent) == (150, 2)
    assert long.cost_usd - short.cost_usd == Decimal((150 - 50) * 10) / 1_000_000


async def test_columns_without_a_price_are_counted_and_not_taken_for_free(
    place: Place, registry: Registry
) -> None:
    planned = [
        Planned("openai/m", BODY, None),
        Planned("openai/unheard-of", BODY, None),
        Planned("nowhere/m", BODY, None),
        Planned(None, BODY, None),
        Planned("demo/echo", BODY, None),
    ]

    found = await forecast(place, registry, *planned)
    alone = await forecast(place, registry, planned[0])

    assert (found.unknown, found.free) == (3, 1)
    assert found.cost_usd == alone.cost_usd
