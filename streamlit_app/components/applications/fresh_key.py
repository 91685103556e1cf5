"""Own the one time that a key is shown: with copy, and a command that is ready to run."""

from typing import Final

import streamlit as st
from pydantic import SecretStr

from core.accounts.applications import Created
from core.documents import Application
from core.prompts.listing import PromptQuery, list_prompts
from streamlit_app import bridge, viewer
from streamlit_app.addresses import shown_address

_STATE = "fresh_key"
ANY_PROMPT: Final = "PROMPT-ID"


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
        prompt_id = _published(application)
        first = "" if prompt_id else f" Publish a prompt and put its id in place of {ANY_PROMPT}."
        st.markdown(f":small[Try it: this fetches what is served now.{first}]")
        st.code(ready_curl(key, prompt_id or ANY_PROMPT), language="bash", wrap_lines=True)
        st.button(
            "I have stored it",
            key="put_key_away",
            icon=":material/check:",
            on_click=_put_away,
            args=(application,),
        )


def _published(application: Application) -> str | None:
    """Return the id of a prompt that the key can fetch."""
    query = PromptQuery(application_id=application.key, state="published")
    found = bridge.run(list_prompts(viewer.scope(), query, skip=0, limit=1)).items
    return found[0].prompt_id if found else None


def ready_curl(key: SecretStr, prompt_id: str) -> str:
    """Return a command that works as it is, and changes nothing."""
    address = shown_address(viewer.runtime().settings.server).rstrip("/")
    path = f"/api/v1/prompts/{prompt_id}/versions/latest"
    return f"curl -H 'X-API-Key: {key.get_secret_value()}' '{address}{path}'"


def _put_away(application: Application) -> None:
    st.session_state.pop(_state_of(application), None)


def _state_of(application: Application) -> str:
    return f"{_STATE}_{application.key}"
