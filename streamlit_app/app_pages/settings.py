"""Own the superuser's page of settings: what is in effect and from where, and what it runs on."""

import streamlit as st

from streamlit_app import viewer
from streamlit_app.components.settings.state import state_cards
from streamlit_app.components.settings.values import settings_table
from streamlit_app.components.title_row import title_row


def main() -> None:
    """Show the state of the parts, and the values in effect."""
    scope = viewer.scope()
    title_row("Settings")
    state, values = st.tabs(["State", "Values"], key="view", on_change="rerun", bind="query-params")
    if state.open:
        with state:
            state_cards(scope)
    else:
        with values:
            settings_table()


if __name__ == "__main__":
    main()
