"""Own the page of applications: all that the viewer sees, or one with everything to govern."""

import streamlit as st

from streamlit_app import viewer
from streamlit_app.components.applications.create_dialog import create_button
from streamlit_app.components.applications.detail import application_detail
from streamlit_app.components.applications.listing import application_list
from streamlit_app.components.title_row import title_row


def main() -> None:
    """Show the application that the address names, else the list."""
    scope = viewer.scope()
    asked = st.query_params.get("application")
    if asked:
        application_detail(scope, asked)
        return
    with title_row("Applications"):
        create_button()
    application_list(scope)


if __name__ == "__main__":
    main()
