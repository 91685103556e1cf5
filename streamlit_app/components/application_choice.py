"""Own the choice of the application that something new belongs to."""

import streamlit as st

from core.accounts.directory import Listed


def application_choice(writable: list[Listed], *, key: str) -> Listed:
    """Draw the choice of an application where there are several; `default` comes first."""
    ordered = sorted(writable, key=lambda application: application.name != "default")
    if len(ordered) == 1:
        return ordered[0]
    return st.selectbox(
        "Application", ordered, format_func=lambda application: application.name, key=key
    )
