"""Own the table of effective settings, searched and narrowed to what was set."""

import os
from typing import Any

import pandas as pd
import streamlit as st

from core.settings.effective import Effective, list_effective
from streamlit_app import viewer
from streamlit_app.components.search_box import search_box
from streamlit_app.formats import some_of

ORIGIN_COLOURS = {"environment": "blue", "data folder": "violet", "default": "gray"}
ROWS_SHOWN, ROW_HEIGHT, HEADER_HEIGHT = 14, 36, 38


def settings_table() -> None:
    """Draw the settings that match, each with its value and where it came from."""
    every = list_effective(viewer.runtime().settings, os.environ)
    found = _narrow(every)
    st.caption(
        some_of(len(found), len(every), "setting")
        + " · read once when the server starts; change them where it is started. Secrets are "
        "never shown."
    )
    if not found:
        st.markdown("Nothing matches. Change the text, or show those left at their default too.")
        return
    st.dataframe(  # pyright: ignore[reportUnknownMemberType] - names types of polars
        pd.DataFrame([_row(one) for one in found]),
        hide_index=True,
        height=min(len(found), ROWS_SHOWN) * ROW_HEIGHT + HEADER_HEIGHT,
        row_height=ROW_HEIGHT,
        alt=f"{len(found)} settings with value, where it came from, and what it does",
        column_config={
            "Setting": st.column_config.TextColumn(width=370),
            "Value": st.column_config.TextColumn(width=220),
            "From": st.column_config.MultiselectColumn(
                width=115, options=list(ORIGIN_COLOURS), color=list(ORIGIN_COLOURS.values())
            ),
            "What it does": st.column_config.TextColumn(width=420),
        },
    )


def _narrow(every: list[Effective]) -> list[Effective]:
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = search_box("Search", "Name or purpose of a setting", key="setting").casefold()
        only_set = st.toggle("Only those that are set", key="only_set", bind="query-params")
    return [
        one
        for one in every
        if wanted in f"{one.name} {one.description}".casefold()
        and (one.origin != "default" or not only_set)
    ]


def _row(one: Effective) -> dict[str, Any]:
    return {
        "Setting": one.name,
        "Value": one.value,
        "From": [one.origin],
        "What it does": one.description,
    }
