"""Own the key of an application: what of it may be seen, and its replacement."""

from functools import partial

import streamlit as st

from core.accounts.applications import Created, regenerate_key
from core.documents import Application
from core.values.scope import Scope
from streamlit_app.components.applications.fresh_key import keep_key
from streamlit_app.components.applications.wording import key_name, last_use
from streamlit_app.components.confirm import confirm
from streamlit_app.components.when import exact
from streamlit_app.formats import plain


def key_tab(scope: Scope, application: Application) -> None:
    """Draw the shown part of the key, its last use, and the button that replaces it."""
    used = application.api_key_last_used_at
    with st.container(border=True, width=640):
        st.markdown(f"**{key_name(application)}** :small[{last_use(application)}]")
        st.caption(
            f"Last used {exact(used)}, to the minute." if used else "No call has come with it yet."
        )
        st.caption(
            "The key fetches, renders and runs published versions of this application and nothing "
            "else. Programs send it in the header X-API-Key. Only its digest is stored, "
            "so a lost key is replaced by a new one."
        )
        if st.button("Make a new key...", key="new_key", icon=":material/autorenew:"):
            _ask(scope, application)


def _ask(scope: Scope, application: Application) -> None:
    def told(created: Created) -> str:
        keep_key(created)
        return "Made a new key. The old one is refused."

    confirm(
        f"Make a new key for {application.name}?",
        f"Programs that use {key_name(application)} are refused at once, until they have the new "
        f"key ({plain(last_use(application))}). This can't be undone.",
        verb="Make a new key",
        operation=partial(regenerate_key, scope, application.key),
        key=f"regenerate_{application.key}",
        done=told,
        typed_name=application.name,
    )
