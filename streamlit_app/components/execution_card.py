"""Own how one run is told next to its answer: state, model, tokens, cost, times."""

from decimal import Decimal
from typing import NamedTuple

import streamlit as st

from core.documents import ExecutionLog
from core.execution.stream import ExecutionResult
from prompthub.wire.literals import CostStatus
from streamlit_app.formats import count, duration, money, plain

COST_HELP: dict[CostStatus, str] = {
    "unknown": "The price of this model is not known here.",
    "free": "No provider was called.",
    "priced": "By the provider's list prices.",
}
ESTIMATED = "The provider reported no usage; this is an estimate."


class Figures(NamedTuple):
    """What a run took."""

    model: str
    input_tokens: int | None
    output_tokens: int | None
    is_estimated: bool
    cost_usd: Decimal | None
    cost_status: CostStatus
    latency_ms: float | None
    time_to_first_token_ms: float | None

    @classmethod
    def of_result(cls, result: ExecutionResult) -> "Figures":
        """Return the figures of a run that has just ended."""
        return cls(
            result.model,
            result.usage.input_tokens,
            result.usage.output_tokens,
            result.usage.is_estimated,
            result.cost_usd,
            result.cost_status,
            result.latency_ms,
            result.time_to_first_token_ms,
        )

    @classmethod
    def of_row(cls, row: ExecutionLog) -> "Figures":
        """Return the figures of a run of the log."""
        return cls(
            model_of(row),
            row.input_tokens,
            row.output_tokens,
            row.tokens_estimated,
            row.cost_usd,
            row.cost_status,
            row.latency_ms,
            row.time_to_first_token_ms,
        )


def model_of(row: ExecutionLog) -> str:
    """Return the model asked for as connection/model, "" where none was."""
    return "/".join(filter(None, (row.model_provider, row.model_name)))


def figures_line(figures: Figures) -> None:
    """Draw the figures as captions in a row that wraps."""
    tokens = f"{count(figures.input_tokens)} in, {count(figures.output_tokens)} out"
    about = "about " if figures.is_estimated else ""
    known = figures.cost_status == "priced"
    with st.container(horizontal=True, gap="small"):
        _figure("smart_toy", plain(figures.model))
        _figure("toll", f"{about}{tokens}", ESTIMATED if figures.is_estimated else "")
        _figure(
            "payments",
            plain(money(figures.cost_usd, figures.cost_status)),
            "" if known else COST_HELP[figures.cost_status],
        )
        _figure("timer", duration(figures.latency_ms))
        if figures.time_to_first_token_ms is not None:
            _figure("bolt", f"first text {duration(figures.time_to_first_token_ms)}")


def _figure(icon: str, words: str, explanation: str = "") -> None:
    st.caption(f":material/{icon}: {words}", help=explanation or None, width="content")
