"""Own the row of a connection that the environment brings: changed there, tried here."""

import streamlit as st

from core.providers.registry import Connection as Usable
from streamlit_app.components.code_words import as_code
from streamlit_app.components.connections.trial_note import (
    ask_a_model,
    test_button,
    trial_note,
    tried_own,
)
from streamlit_app.components.connections.wording import KINDS, joined
from streamlit_app.formats import counted, plain


def own_row(connection: Usable, models: list[str], *, is_hidden: bool) -> None:
    """Draw the connection; one that a stored one hides is not used, and not tried either."""
    one = tried_own(connection)
    asks = False
    with st.container(border=True):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container(width="stretch", gap=None):
                hidden = " :orange-badge[:material/visibility_off: Hidden by the stored one]"
                kind = f":gray-badge[{KINDS[connection.kind]}]"
                st.markdown(f"**{plain(connection.name)}** {kind}{hidden if is_hidden else ''}")
                st.caption(_about(connection, "" if is_hidden else counted(len(models), "model")))
            if connection.origin and not is_hidden:
                test_button(one)
                asks = st.button(
                    "Ask a model...",
                    key=f"ask_own_{connection.name}",
                    type="tertiary",
                    icon=":material/forum:",
                )
        if connection.origin and not is_hidden:
            trial_note(one)
    if asks:
        ask_a_model(one, models)


def _about(connection: Usable, offered: str) -> str:
    if connection.origin is None:
        return joined("always there, answers without a provider", offered)
    base_url, variable, has_key = connection.origin
    key = f"key from `{variable}`" if has_key else f"no key, `{variable}` is not set"
    return joined(as_code(base_url), offered, key)
