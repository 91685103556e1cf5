"""Own what a row says of the end of its execution: how it ended and why, tokens, cost."""

import asyncio
from typing import Any

from bson import Decimal128

from core.errors import GuardrailBlocked, PromptHubError, ProviderTimeout
from core.providers.pricing import Price
from core.values.usage import Usage
from prompthub.wire.literals import ExecutionStatus


def outcome_of(error: BaseException) -> tuple[ExecutionStatus, dict[str, Any]]:
    """Return the final status and the facts about why, in words of ours."""
    if isinstance(error, GuardrailBlocked):
        return "blocked", {"error_type": error.code, "error_message": error.message}
    if isinstance(error, PromptHubError):
        status: ExecutionStatus = "timeout" if isinstance(error, ProviderTimeout) else "failed"
        return status, {"error_type": error.code, "error_message": error.message}
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        message = "The execution was stopped before the answer was complete."
        return "cancelled", {"error_type": "cancelled", "error_message": message}
    message = "Something went wrong inside; the log of the process says what."
    return "failed", {"error_type": PromptHubError.code, "error_message": message}


def usage_fields(usage: Usage) -> dict[str, Any]:
    """Return the tokens as the row keeps them."""
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "token_count": usage.token_count,
        "tokens_estimated": usage.is_estimated,
    }


def cost_fields(cost: Price) -> dict[str, Any]:
    """Return the price as the row keeps it."""
    return {
        "cost_usd": None if cost.cost_usd is None else Decimal128(cost.cost_usd),
        "cost_status": cost.status,
        "unit_prices": cost.unit_prices,
    }
