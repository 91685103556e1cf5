"""Own the small grid of prices per model, in US dollars per million tokens."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pandas as pd
import streamlit as st

from core.errors import Invalid

Prices = Mapping[str, Mapping[str, str]]
_PRICE = r"^\d+(\.\d+)?$"
# Nothing is required: the grid would keep an incomplete row to itself and lose it at Save.
_CONFIG = {
    "model": st.column_config.TextColumn("Model", width="medium", max_chars=200),
    "input_mtok": st.column_config.TextColumn("Input $", validate=_PRICE),
    "output_mtok": st.column_config.TextColumn("Output $", validate=_PRICE),
    "cache_read_mtok": st.column_config.TextColumn("Cached input $", validate=_PRICE),
}


def price_grid(prices: Prices, *, key: str) -> None:
    """Draw the grid; what is typed into it is read by `read_prices`."""
    st.markdown(":small[Prices, US dollars per million tokens]")
    frame = pd.DataFrame(_rows(prices), columns=list(_CONFIG))
    st.data_editor(
        frame.astype("object"),  # pyright: ignore[reportUnknownMemberType]  # pandas has no stubs
        key=key,
        num_rows="dynamic",
        hide_index=True,
        column_config=_CONFIG,
        placeholder="",
        alt="Prices of models, in US dollars per million tokens",
    )
    st.caption(
        "Click the empty row to add a model. These prices go before the list that comes with "
        "PromptHub; 0 makes a model free."
    )


def read_prices(prices: Prices, *, key: str) -> dict[str, dict[str, str]]:
    """Return the prices as the grid leaves them.

    Raises:
        Invalid: a model stands there twice, or without its prices.
    """
    read: dict[str, dict[str, str]] = {}
    for row in _edited(_rows(prices), st.session_state.get(key, {})):
        model = row.pop("model", "")
        if not model or not {"input_mtok", "output_mtok"} <= row.keys():
            raise Invalid(
                f"The prices of {model or 'a model'} are not complete.",
                field="price_overrides",
                remedy="Give the model, the price of input and the price of output.",
            )
        if model in read:
            raise Invalid(f"The model {model} has two prices.", field="price_overrides")
        read[model] = row
    return read


def _rows(prices: Prices) -> list[dict[str, str]]:
    return [{"model": model, **units} for model, units in prices.items()]


def _edited(rows: Sequence[dict[str, str]], edits: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows with the edits of the grid (its widget state), blank ones left out."""
    changed = cast("Mapping[int, Mapping[str, object]]", edits.get("edited_rows", {}))
    deleted = cast("Sequence[int]", edits.get("deleted_rows", ()))
    added = cast("Sequence[Mapping[str, object]]", edits.get("added_rows", ()))
    kept = [{**row, **changed.get(at, {})} for at, row in enumerate(rows) if at not in deleted]
    tidy = (
        {name: str(row[name]).strip() for name in _CONFIG if row.get(name)}
        for row in [*kept, *added]
    )
    return [row for row in tidy if row]
