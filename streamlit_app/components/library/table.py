"""Own the table of prompts: for looking over many and choosing those to act on."""

from typing import Any

import pandas as pd
import streamlit as st

from core.documents import Prompt
from streamlit_app.components.library.row import state_of
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.when import ago
from streamlit_app.formats import DASH

STATE_COLOURS = {"Published": "green", "Draft": "gray", "Inactive": "gray"}
LABEL_COLOUR = "violet"
KEY = "prompt_table"
# More rows scroll, so that what can be done with the ticked ones stays in view below.
ROWS_SHOWN, ROW_HEIGHT, HEADER_HEIGHT = 12, 36, 38


def prompt_table(shelf: Shelf, prompts: list[Prompt]) -> list[Prompt]:
    """Draw the table and return the rows that are ticked."""
    labels = sorted({label for prompt in prompts for label in prompt.labels})
    # A key per list: the ticks of another page or filter are none of these rows.
    event: Any = st.dataframe(  # pyright: ignore[reportUnknownMemberType] - names types of polars
        pd.DataFrame([_row(shelf, prompt) for prompt in prompts]),
        key=f"{KEY}_{generation()}_{hash(tuple(p.key for p in prompts))}",
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        height=min(len(prompts), ROWS_SHOWN) * ROW_HEIGHT + HEADER_HEIGHT,
        row_height=ROW_HEIGHT,
        placeholder=DASH,
        alt=f"{len(prompts)} prompts with version, state, labels and where they belong",
        column_config={
            "Prompt": st.column_config.TextColumn(width=260),
            "Version": st.column_config.TextColumn(width=70),
            "State and labels": st.column_config.MultiselectColumn(
                width=200,
                options=[*STATE_COLOURS, *labels],
                color=[*STATE_COLOURS.values(), *(LABEL_COLOUR for _ in labels)],
            ),
            "Application": st.column_config.TextColumn(width=130),
            "Folder": st.column_config.TextColumn(width=120),
            "Tags": st.column_config.TextColumn(width=170),
            "Changed": st.column_config.TextColumn(width=100),
        },
    )
    rows: list[int] = event["selection"]["rows"]
    return [prompts[row] for row in rows if row < len(prompts)]


def generation() -> int:
    """Return how often the ticks were cleared."""
    return st.session_state.get(f"{KEY}_generation", 0)


def clear_ticks() -> None:
    """Begin without ticks at the next run."""
    st.session_state[f"{KEY}_generation"] = generation() + 1


def _row(shelf: Shelf, prompt: Prompt) -> dict[str, Any]:
    return {
        "Prompt": prompt.name,
        "Version": prompt.current_version or prompt.newest_version,
        "State and labels": [state_of(prompt).capitalize(), *prompt.labels],
        "Application": shelf.name_of(prompt.application_id),
        "Folder": prompt.folder or None,
        "Tags": ", ".join(prompt.tags) or None,
        "Changed": ago(prompt.updated_at),
    }
