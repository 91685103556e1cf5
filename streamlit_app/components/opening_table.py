"""Own tables whose rows open: a click on any cell of a row tells which row was meant."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from bson import ObjectId

from streamlit_app.formats import DASH


def opening_table(
    cells_of: Mapping[ObjectId, dict[str, Any]],
    columns: Mapping[str, Any],
    *,
    name: str,
    alt: str,
    on_open: Callable[[ObjectId], None],
) -> None:
    """Draw what stands in each row under its id; `on_open` is a callback and gets the id."""
    ids: Sequence[ObjectId] = list(cells_of)
    # A key per list: the selection of another page or filter is none of these rows.
    key = f"{name}_{hash(tuple(ids))}"

    def open_selected() -> None:
        cells: list[tuple[int, str]] = st.session_state[key]["selection"]["cells"]
        if cells and cells[0][0] < len(ids):
            on_open(ids[cells[0][0]])

    st.dataframe(  # pyright: ignore[reportUnknownMemberType] - names types of polars
        pd.DataFrame(list(cells_of.values())),
        key=key,
        on_select=open_selected,
        selection_mode="single-cell",
        hide_index=True,
        height="content",
        row_height=36,
        placeholder=DASH,
        alt=alt,
        column_config=dict(columns),
    )
