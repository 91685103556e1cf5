"""Own the first row of every page: the title left, "Go to" and the page's actions right."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_app.components.go_to import go_to_button


def title_row(title: str) -> DeltaGenerator:
    """Draw the title and "Go to"; return the place of the page's actions, for use with `with`.

    At most one "More" (`st.menu_button`), two secondary and one primary button, in this order.
    """
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    row.title(title, width="content", anchor=False)
    actions = row.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", width="content"
    )
    with actions:
        go_to_button()
    return actions
