"""Own the dialog that changes a connection: address, key, models offered, prices."""

from collections.abc import Coroutine
from functools import partial
from typing import Any

import streamlit as st
from pydantic import ValidationError

from core.connections.fields import ConnectionChanges
from core.connections.trial import Trial
from core.documents import Connection
from core.providers.connect import ANTHROPIC_URL, OPENAI_URL
from streamlit_app.components import problem
from streamlit_app.components.connections import acts
from streamlit_app.components.connections.price_grid import price_grid, read_prices
from streamlit_app.components.connections.trial_note import attempt, show_trial
from streamlit_app.components.connections.wording import (
    ADDRESS_EXAMPLE,
    KEY_NOTE,
    key_words,
    refused,
)
from streamlit_app.components.once import once, press_of
from streamlit_app.formats import counted

_OPENED = "connections_opened"
_OWN_ADDRESS = {"openai": OPENAI_URL, "anthropic": ANTHROPIC_URL, "compatible": ADDRESS_EXAMPLE}


def edit_connection(connection: Connection) -> None:
    """Open the dialog on the connection as it is now."""
    # A dialog that was closed keeps what was typed, a key too: each opening has inputs of its own.
    st.session_state[_OPENED] = st.session_state.get(_OPENED, 0) + 1

    @st.dialog(f"Edit {connection.name}", width="medium")
    def edit() -> None:
        _access(connection)
        _models(connection)
        price_grid(connection.price_overrides, key=_key(connection, "prices"))
        with st.container(horizontal=True, horizontal_alignment="right"):
            saved = once(
                "Save connection",
                lambda: _save(connection),
                key=_key(connection, "save"),
                done=lambda after: f"Changed {after.name}.",
                type="primary",
            )
        if saved.error:
            problem.show(saved.error)
        if saved.take():
            st.rerun()

    edit()


def _key(connection: Connection, name: str) -> str:
    return f"edit_{connection.key}_{st.session_state[_OPENED]}_{name}"


def _access(connection: Connection) -> None:
    if connection.kind == "langchain":
        st.text_input("Vendor", connection.vendor, key=_key(connection, "vendor"))
    st.text_input(
        "Address",
        connection.base_url,
        key=_key(connection, "base_url"),
        placeholder=_OWN_ADDRESS.get(connection.kind, "The vendor's own"),
        help="A key goes to no other address than its own: with a new address enter it again.",
    )
    st.text_input(
        "New key",
        key=_key(connection, "api_key"),
        type="password",
        autocomplete="new-password",
        placeholder="Leave empty to keep it as it is: " + key_words(connection),
        help=KEY_NOTE,
    )
    if connection.encrypted_key:
        st.checkbox("Take the key away", key=_key(connection, "no_key"))


def _models(connection: Connection) -> None:
    trial = _last_fetch(connection)
    listed = trial.models if trial else ()
    typed: list[str] = st.session_state.get(_key(connection, "models"), [])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            "Models to offer",
            list(dict.fromkeys([*connection.models, *typed, *listed])),
            default=connection.models,
            key=_key(connection, "models"),
            accept_new_options=True,
            placeholder="All that the server lists" if _lists(connection) else "Type a name",
        )
        if _lists(connection):
            once(
                "Fetch from the server",
                partial(attempt, connection.name, None),
                key=_key(connection, "fetch"),
                icon=":material/sync:",
                help="Asks at the address, and with the key, that are stored.",
            )
    if (press := press_of(_key(connection, "fetch"), Trial)).error:
        problem.show(press.error)
    elif trial and not trial.is_working:
        show_trial(trial)
    elif listed:
        st.caption(f"The server lists {counted(len(listed), 'model')}; pick those to offer.")


def _lists(connection: Connection) -> bool:
    return connection.kind != "langchain"


def _last_fetch(connection: Connection) -> Trial | None:
    press, kept = press_of(_key(connection, "fetch"), Trial), _key(connection, "fetched")
    if (trial := press.take()) is not None:
        st.session_state[kept] = trial
    return st.session_state.get(kept)


def _save(connection: Connection) -> Coroutine[Any, Any, Connection]:
    """Read the widgets and send only what is another than before."""
    now: dict[str, Any] = {
        "base_url": _text(connection, "base_url").rstrip("/"),
        "vendor": _text(connection, "vendor"),
        "models": st.session_state[_key(connection, "models")],
        "price_overrides": read_prices(connection.price_overrides, key=_key(connection, "prices")),
    }
    if _lists(connection):
        del now["vendor"]
    changes = {name: value for name, value in now.items() if value != getattr(connection, name)}
    if new_key := _text(connection, "api_key"):
        changes["api_key"] = new_key
    elif st.session_state.get(_key(connection, "no_key")):
        changes["api_key"] = None
    try:
        return acts.change(connection.name, ConnectionChanges.model_validate(changes))
    except ValidationError as error:
        raise refused(error) from None


def _text(connection: Connection, name: str) -> str:
    return st.session_state.get(_key(connection, name), "").strip()
