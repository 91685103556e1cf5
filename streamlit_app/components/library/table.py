"""Own the table of prompts: for looking over many and choosing those to act on."""

from typing import Any

import pandas as pd
import streamlit as st

from core.documents import Prompt
from core.prompts.listing import PromptMark
from streamlit_app.components.library.figures import cells_of, figure_columns
from streamlit_app.components.library.name_link import standing, state_of
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.library.ticks import table_key, ticks
from streamlit_app.components.when import ago
from streamlit_app.formats import DASH

STATE_COLOURS = {"Published": "green", "Draft": "gray", "Inactive": "gray"}
LABEL_COLOUR = "violet"
# More rows scroll, so that what can be done with the ticked ones stays in view below.
ROWS_SHOWN, ROW_HEIGHT, HEADER_HEIGHT = 10, 36, 38


def prompt_table(shelf: Shelf, prompts: list[Prompt]) -> None:
    """Draw the table and take over which of its rows are ticked."""
    ticked = ticks()
    labels = sorted({label for prompt in prompts for label in prompt.labels})
    event: Any = st.dataframe(  # pyright: ignore[reportUnknownMemberType] - names types of polars
        pd.DataFrame([_row(shelf, prompt) for prompt in prompts]),
        key=table_key(tuple(prompt.key for prompt in prompts)),
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={
            "selection": {"rows": [n for n, one in enumerate(prompts) if one.key in ticked]}
        },
        hide_index=True,
        height=min(len(prompts), ROWS_SHOWN) * ROW_HEIGHT + HEADER_HEIGHT,
        row_height=ROW_HEIGHT,
        placeholder=DASH,
        alt=f"{len(prompts)} prompts with version, state, labels, figures and where they belong",
        column_config={
            "Prompt": st.column_config.TextColumn(width=230),
            "Version": st.column_config.TextColumn(width=65),
            "State and labels": st.column_config.MultiselectColumn(
                width=180,
                options=[*STATE_COLOURS, *labels],
                color=[*STATE_COLOURS.values(), *(LABEL_COLOUR for _ in labels)],
            ),
            **figure_columns(),
            "Changed": st.column_config.TextColumn(width=95),
            "Application": st.column_config.TextColumn(width=110),
            "Folder": st.column_config.TextColumn(width=110),
            "Tags": st.column_config.TextColumn(width=150),
        },
    )
    rows: list[int] = event["selection"]["rows"]
    for number, prompt in enumerate(prompts):
        if number in rows:
            ticked[prompt.key] = PromptMark.of(prompt)
        else:
            ticked.pop(prompt.key, None)


def _row(shelf: Shelf, prompt: Prompt) -> dict[str, Any]:
    return {
        "Prompt": prompt.name,
        "Version": standing(prompt),
        "State and labels": [state_of(prompt).capitalize(), *prompt.labels],
        **cells_of(shelf.figures[prompt.key]),
        "Changed": ago(prompt.updated_at),
        "Application": shelf.name_of(prompt.application_id),
        "Folder": prompt.folder or None,
        "Tags": ", ".join(prompt.tags) or None,
    }
