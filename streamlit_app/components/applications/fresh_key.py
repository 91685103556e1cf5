"""Own the one time that a key is shown: with copy, and a command that is ready to run."""

import streamlit as st
from pydantic import SecretStr

from core.accounts.applications import Created
from core.documents import Application
from streamlit_app import viewer
from streamlit_app.addresses import shown_address

_STATE = "fresh_key"


def keep_key(created: Created) -> None:
    """Keep a key that was just made in this browser session until it was put away."""
    st.session_state[_state_of(created.application)] = created.api_key


def fresh_key(application: Application) -> None:
    """Show the key if it was just made here."""
    key: SecretStr | None = st.session_state.get(_state_of(application))
    if key is None:
        return
    with st.container(border=True, key="fresh_key"):
        st.markdown(
            ":material/key: **This is the key of the application. It is shown this once.**  \n"
            ":small[Only its digest is stored. Copy it to where your program reads its secrets.]"
        )
        st.code(key.get_secret_value(), language=None)
        st.markdown(":small[Try it: this lists the prompts that the key opens.]")
        st.code(ready_curl(key), language="bash", wrap_lines=True)
        st.button(
            "I have stored it",
            key="put_key_away",
            icon=":material/check:",
            on_click=_put_away,
            args=(application,),
        )


def ready_curl(key: SecretStr) -> str:
    """Return a command that works as it is, and changes nothing."""
    address = shown_address(viewer.runtime().settings.server).rstrip("/")
    return f"curl -H 'X-API-Key: {key.get_secret_value()}' '{address}/api/v1/prompts'"


def _put_away(application: Application) -> None:
    st.session_state.pop(_state_of(application), None)


def _state_of(application: Application) -> str:
    return f"{_STATE}_{application.key}"
