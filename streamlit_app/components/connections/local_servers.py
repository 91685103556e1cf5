"""Own "Found on this machine": servers of models to connect with one click."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.connections.fields import NewConnection
from core.connections.trial import LocalServer, find_local_servers
from core.documents import Connection
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.connections import acts
from streamlit_app.components.connections.wording import free_name
from streamlit_app.components.once import once
from streamlit_app.formats import counted, plain

_STATE = "connections_found"
LOOKED_FOR = "Looks for llama.cpp, Ollama, LM Studio and vLLM at their usual ports."


def find_button() -> None:
    """Draw the button that looks for servers on this machine."""
    if st.button(
        "Find on this machine", key="find_local", icon=":material/radar:", help=LOOKED_FOR
    ):
        st.session_state[_STATE] = bridge.run(find_local_servers(viewer.scope()))


def found_servers(stored: Sequence[Connection], taken: Sequence[str]) -> None:
    """Draw what was found and is not connected yet, each with its one click."""
    found: list[LocalServer] | None = st.session_state.get(_STATE)
    if found is None:
        return
    addresses = {connection.base_url for connection in stored}
    new = [server for server in found if server.base_url not in addresses]
    st.subheader("Found on this machine", anchor=False)
    if not new:
        st.caption(
            "Nothing new answers at the usual ports of llama.cpp, Ollama, LM Studio and vLLM. "
            "In a container, this machine is the container itself."
        )
    for server in new:
        _offer(server, free_name(server.name, taken))


def _offer(server: LocalServer, name: str) -> None:
    with st.container(
        border=True,
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{plain(name)}**")
            st.caption(f"`{server.base_url}`  ·  {counted(len(server.models), 'model')}")
        new = NewConnection(name=name, kind="compatible", base_url=server.base_url)
        added = once(
            "Add",
            partial(acts.add, new),
            key=f"add_found_{server.name}",
            done=lambda connection: f"Added {connection.name}.",
            icon=":material/add:",
        )
    if added.error:
        problem.show(added.error)
    if added.take():
        st.rerun()
