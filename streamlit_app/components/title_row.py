"""Own the first row of every page: the title left, its actions right."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def title_row(title: str) -> DeltaGenerator:
    """Draw the title and return the place of the actions, to be used with `with`.

    At most one "More" (`st.menu_button`), two secondary and one primary button, in this order.
    """
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    row.title(title, width="content", anchor=False)
    return row.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", width="content"
    )
