"""Own the superuser's page of connections: who answers for models, and whether they do."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any, Literal, NamedTuple

import streamlit as st

from core.connections.fields import ConnectionChanges
from core.connections.store import list_connections
from core.documents import Connection
from core.errors import Invalid, NotConfigured
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.code_words import as_code
from streamlit_app.components.confirm import confirm
from streamlit_app.components.connections import acts
from streamlit_app.components.connections.add_dialog import add_button, add_connection
from streamlit_app.components.connections.edit_dialog import edit_connection
from streamlit_app.components.connections.local_servers import find_button, found_servers
from streamlit_app.components.connections.own_row import own_row
from streamlit_app.components.connections.trial_note import (
    ask_a_model,
    test_button,
    trial_note,
    tried,
)
from streamlit_app.components.connections.wording import KINDS, joined, key_words
from streamlit_app.components.once import press_of
from streamlit_app.components.pages import Pages
from streamlit_app.components.search_box import search_box
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import counted, plain, some_of

PAGES = Pages("connections_page", 20)
Act = Literal["Edit...", "Ask a model...", "Switch off", "Switch on", "Delete..."]


class Shown(NamedTuple):
    """What the page shows: the stored connections, and all models offered now by connection."""

    stored: list[Connection]
    models: dict[str, list[str]]


def main() -> None:
    """Show what is stored, what was found here, and what the environment brings."""
    with title_row("Connections"):
        find_button()
        adds = add_button()
    shown = bridge.run(read(viewer.scope()))
    own = viewer.runtime().engine.registry.own
    names = [connection.name for connection in shown.stored]
    taken = [*names, *(one.name for one in own)]
    if not shown.stored:
        tell_none()
    found = search(shown.stored)
    for connection in PAGES.part(found):
        show_stored(connection, shown.models.get(connection.name, []))
    PAGES.draw(len(found))
    found_servers(shown.stored, taken)
    st.subheader("From the environment", anchor=False)
    st.caption("Set where the server is started, and changed there.")
    for one in own:
        own_row(one, shown.models.get(one.name, []), is_hidden=one.name in names)
    if adds:
        add_connection(taken)


def search(stored: list[Connection]) -> list[Connection]:
    """Draw the search where there are very many; return what matches."""
    if len(stored) <= PAGES.size:
        return stored
    wanted = search_box(
        "Search",
        "Name or address of a connection",
        key="connection",
        on_change=PAGES.begin_again,
    ).casefold()
    found = [one for one in stored if wanted in f"{one.name} {one.base_url}".casefold()]
    st.caption(some_of(len(found), len(stored), "connection"))
    if not found:
        st.markdown("Nothing matches. Change the text.")
    return found


def read(scope: Scope) -> Coroutine[Any, Any, Shown]:
    """Return the look at the stored connections and at the models that are offered now."""
    registry = viewer.runtime().engine.registry

    async def look() -> Shown:
        stored, choices = await asyncio.gather(list_connections(scope), registry.models())
        models: dict[str, list[str]] = {}
        for name, _, model in (choice.name.partition("/") for choice in choices):
            models.setdefault(name, []).append(model)
        return Shown(stored, models)

    return look()


def tell_none() -> None:
    """Say what a connection is good for where there is none."""
    with st.container(border=True, gap=None):
        st.markdown("**No connection is stored yet**")
        st.caption(
            "Add OpenAI, Anthropic, a server of your own or any that speaks chat completions. "
            "Its models are offered at once, without a restart."
        )


def show_stored(connection: Connection, models: list[str]) -> None:
    """Draw a stored connection with what can be done to it, and its last test."""
    with st.container(border=True):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container(width="stretch", gap=None):
                st.markdown(f"**{plain(connection.name)}** {badges(connection)}")
                st.caption(about(connection, len(models)))
            if connection.is_active:
                test_button(tried(connection))
            chosen = st.menu_button(
                "More",
                acts_on(connection),
                key=f"more_{connection.key}",
                type="tertiary",
                icon=":material/more_horiz:",
            )
        trial_note(tried(connection))
        switch = press_of(f"switch_{connection.key}", Connection)
        if switch.error:
            problem.show(switch.error)
    if chosen:
        act(chosen, connection, models)


def badges(connection: Connection) -> str:
    """Return the badges of the kind and of what keeps the connection from being used."""
    kind = KINDS[connection.kind]
    of_vendor = f" {connection.vendor}" if connection.vendor else ""
    shown = f":gray-badge[{kind}{plain(of_vendor)}]"
    if not connection.is_active:
        return f"{shown} :gray-badge[:material/block: Switched off]"
    try:
        viewer.runtime().engine.registry.find(f"{connection.name}/any")
    except NotConfigured as error:
        return f"{shown} :orange-badge[:material/warning: {plain(error.message)}]"
    except Invalid:  # stored by another process a moment ago
        return f"{shown} :blue-badge[:material/schedule: Taken over within seconds]"
    return f"{shown} :green-badge[:material/check_circle: On]"


def about(connection: Connection, models: int) -> str:
    """Return the address, the number of models and the state of the key."""
    offered = f"{counted(models, 'model')}" if models else "no models offered"
    prices = len(connection.price_overrides)
    return joined(
        as_code(connection.base_url) if connection.base_url else "the vendor's own address",
        offered if connection.is_active else "",
        plain(key_words(connection)),
        counted(prices, "own price") if prices else "",
    )


def acts_on(connection: Connection) -> list[Act]:
    """Return what can be done to a connection."""
    if connection.is_active:
        return ["Edit...", "Ask a model...", "Switch off", "Delete..."]
    return ["Edit...", "Switch on", "Delete..."]


def act(chosen: Act, connection: Connection, models: list[str]) -> None:
    """Open the dialog of the act, or do it where it can be undone by a click."""
    match chosen:
        case "Edit...":
            edit_connection(connection)
        case "Ask a model...":
            ask_a_model(tried(connection), models)
        case "Switch on":
            switch(connection, is_active=True)
        case "Switch off":
            switch(connection, is_active=False)
        case "Delete...":
            ask_to_delete(connection)


def switch(connection: Connection, *, is_active: bool) -> None:
    """Switch a connection on or off; calls under way go on."""
    press = press_of(f"switch_{connection.key}", Connection)
    words = "is on; its models are offered" if is_active else "is off; its models are refused"
    press.fire(
        press.number,
        partial(acts.change, connection.name, ConnectionChanges(is_active=is_active)),
        lambda after: f"{plain(after.name)} {words}.",
    )
    st.rerun()


def ask_to_delete(connection: Connection) -> None:
    """Ask before a connection and its key are gone."""
    name = plain(connection.name)
    confirm(
        f"Delete {connection.name}?",
        f"Prompts and applications that name models of {name} can't run them any more, "
        "and its key is gone. This can't be undone; to keep it, switch it off instead.",
        verb="Delete connection",
        operation=partial(acts.delete, connection.name),
        key=f"delete_{connection.key}",
        done=lambda gone: f"Deleted {plain(gone)}.",
        typed_name=connection.name,
    )


if __name__ == "__main__":
    main()
