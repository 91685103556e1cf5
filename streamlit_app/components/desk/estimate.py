"""Own what the text would cost: tokens of the preview, and 1,000 runs with the chosen model."""

from decimal import Decimal

import streamlit as st

from core.errors import PromptHubError
from core.providers.answer import estimate_usage
from core.providers.pricing import Price, price
from core.values.messages import Message
from core.values.usage import Usage
from streamlit_app import viewer
from streamlit_app.components.desk.model_pane import inherited_model
from streamlit_app.components.desk.preview_pane import sample_messages
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.variables import Mismatch
from streamlit_app.formats import counted, money, plain

RUNS = 1000
USUAL_ANSWER = 300
LONGEST_ANSWER = 1_000_000


def estimate_pane(desk: Desk, mismatch: Mismatch) -> None:
    """Draw the estimate; nothing while the text can't be rendered."""
    if not desk.copy.texts["content"].strip():
        return
    try:
        messages = sample_messages(desk, mismatch)
    except PromptHubError:
        return  # the preview says why
    sent = [
        Message(role=one.role, content="".join(part.text for part in one.segments))
        for one in messages
    ]
    with st.container(border=True, key="estimate"):
        st.markdown(f"**What {RUNS:,} runs cost**")
        asked = estimate_usage(sent, "").input_tokens
        answer = st.number_input(
            "Length of an answer, tokens",
            1,
            LONGEST_ANSWER,
            USUAL_ANSWER,
            step=100,
            key="estimate_answer",
            help="An answer of 300 tokens is about 225 words of English.",
        )
        st.markdown(_say(desk, asked, answer))


def _say(desk: Desk, asked: int, answered: int) -> str:
    tokens = f"About {counted(asked, 'token')} go in with the sample values"
    model = desk.copy.model or inherited_model(desk)
    try:
        found = viewer.runtime().engine.registry.find(model)
    except PromptHubError:
        return f":small[{tokens}. Choose a model above to see the cost.]"
    connection = found.connection
    usage = Usage(input_tokens=asked, output_tokens=answered)
    one = price(connection.kind, found.model, usage, connection.prices)
    return f":small[{tokens}. {_say_cost(one, plain(model))}]"


def _say_cost(one: Price, model: str) -> str:
    if one.status == "free":
        return f"{model} is free."
    if one.cost_usd is None:
        return f"The price of {model} isn't known; a superuser sets it under Connections."
    cost = money(one.cost_usd * Decimal(RUNS)).replace("$", r"\$")
    return f"**{cost} for {RUNS:,} runs** with {model}; an estimate, cached input not counted."
