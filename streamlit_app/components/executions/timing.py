"""Own the figures of one execution: attempts, times, tokens, cost and the prices behind it."""

import streamlit as st

from core.documents import ExecutionLog
from streamlit_app.components import when
from streamlit_app.components.execution_card import COST_HELP, ESTIMATED, model_of
from streamlit_app.formats import DASH, duration, money, plain

_PRICES = {
    "input_mtok": "Million tokens in",
    "output_mtok": "Million tokens out",
    "cache_read_mtok": "Million cached tokens in",
    "cache_write_mtok": "Million tokens to cache",
}


def timing(row: ExecutionLog) -> None:
    """Draw one line for each figure."""
    _line("Model", plain(model_of(row)) or DASH, _other_model(row))
    _line("Started", when.exact(row.created_at))
    _line("Latency", duration(row.latency_ms))
    _line("First text", duration(row.time_to_first_token_ms))
    _line("Attempts", str(row.attempts) if row.attempts else "none, the model was not called")
    estimated = ESTIMATED if row.tokens_estimated else ""
    _line("Tokens in", _whole(row.input_tokens), estimated)
    _line("Tokens out", _whole(row.output_tokens), estimated)
    _line("Cost", plain(money(row.cost_usd, row.cost_status)), COST_HELP[row.cost_status])
    for what, price in row.unit_prices.items():
        _line(_PRICES.get(what, what.replace("_", " ").capitalize()), plain(f"${price}"))
    for name, value in row.input_data.get("model_params", {}).items():
        _line(name.replace("_", " ").capitalize(), plain(str(value)))
    if row.finish_reason:
        _line("Ended by", row.finish_reason.replace("_", " "))


def _line(title: str, words: str, explanation: str = "") -> None:
    with st.container(horizontal=True, gap="small"):
        st.markdown(f":small[:gray[{plain(title)}]]", width=170)
        st.markdown(f":small[{words}]", width="stretch", help=explanation or None)


def _whole(number: int | None) -> str:
    return DASH if number is None else f"{number:,}"


def _other_model(row: ExecutionLog) -> str:
    answered = row.response_model
    return f"Answered by {plain(answered)}." if answered and answered != row.model_name else ""
