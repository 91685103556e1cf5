"""Own what running a comparison will cost, about: lengths of texts and of recent answers."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from bson import ObjectId

from core.documents import ExecutionLog
from core.errors import PromptHubError
from core.providers.pricing import price
from core.providers.registry import Registry
from core.values.body import VersionBody
from core.values.usage import Usage

# Source: OpenAI help centre, "What are tokens and how to count them?": four characters of English.
CHARS_PER_TOKEN: Final = 4
# An answer of a prompt that has never been run: a few paragraphs.
USUAL_OUTPUT_TOKENS: Final = 300
_RECENT: Final = 20


class Forecast(NamedTuple):
    """US dollars for all runs of known price, how many columns have none, and what it rests on.

    `recent` is the number of answers that `output_tokens`, the length expected, is the mean of.
    """

    cost_usd: Decimal
    unknown: int
    free: int
    output_tokens: int
    recent: int


class Planned(NamedTuple):
    """A column to run: its model, what it says, and the longest answer it allows."""

    model: str | None
    body: VersionBody
    max_tokens: int | None


async def forecast_cost(
    application_id: ObjectId,
    prompt_id: str,
    columns: Sequence[Planned],
    inputs: Sequence[Mapping[str, Any]],
    *,
    registry: Registry,
) -> Forecast:
    """Price one run of every column on every input; the caller may see the application."""
    lengths = await _recent_lengths(application_id, prompt_id)
    expected = round(sum(lengths) / len(lengths)) if lengths else USUAL_OUTPUT_TOKENS
    found = await asyncio.to_thread(
        lambda: [_price_column(column, inputs, expected, registry) for column in columns]
    )
    known = [cost for cost in found if cost is not None]
    return Forecast(
        cost_usd=sum(known, Decimal(0)),
        unknown=len(found) - len(known),
        free=sum(cost == 0 for cost in known),
        output_tokens=expected,
        recent=len(lengths),
    )


async def _recent_lengths(application_id: ObjectId, prompt_id: str) -> list[int]:
    wanted = {"prompt_id": prompt_id, "application_id": application_id, "status": "success"}
    rows = ExecutionLog.collection().find(wanted, {"output_tokens": 1, "_id": 0})
    newest = rows.sort([("created_at", -1), ("_id", -1)]).limit(_RECENT)
    return [row["output_tokens"] async for row in newest if row.get("output_tokens")]


def _price_column(
    column: Planned, inputs: Sequence[Mapping[str, Any]], expected: int, registry: Registry
) -> Decimal | None:
    model = column.model or column.body.model
    if model is None:
        return None
    try:
        resolved = registry.find(model)
    except PromptHubError:
        return None
    fixed = len(column.body.system_prompt) + len(column.body.content)
    given = sum(len(str(value)) for values in inputs for value in values.values())
    usage = Usage(
        input_tokens=round((fixed * len(inputs) + given) / CHARS_PER_TOKEN),
        output_tokens=min(expected, column.max_tokens or expected) * len(inputs),
    )
    connection = resolved.connection
    return price(connection.kind, resolved.model, usage, connection.prices).cost_usd
