"""Own the dialog that adds a connection: what its kind needs, and nothing else."""

from collections.abc import Collection, Coroutine
from typing import Any

import streamlit as st
from pydantic import SecretStr, ValidationError

from core.connections.fields import NewConnection
from core.documents import Connection
from prompthub.wire.literals import StorableKind
from streamlit_app.components import problem
from streamlit_app.components.connections import acts
from streamlit_app.components.connections.wording import (
    ADDRESS_EXAMPLE,
    KEY_NOTE,
    KINDS,
    refused,
    storable_kinds,
    suggest_name,
)
from streamlit_app.components.once import once, press_of
from streamlit_app.formats import plain

_EXPLAINED: dict[StorableKind, str] = {
    "compatible": "llama.cpp, Ollama, LM Studio, vLLM, Mistral: all that speaks chat completions.",
    "openai": "The models of OpenAI, with your key.",
    "anthropic": "The models of Anthropic, with your key.",
    "langchain": "A vendor that LangChain has an integration of; its package must be installed.",
}


def add_button() -> bool:
    """Draw the button that opens the dialog, and tell whether it was pressed."""

    def begin_anew() -> None:
        press_of("add_submit").error = None

    return st.button(
        "Add connection...",
        key="add_connection",
        type="primary",
        icon=":material/add:",
        on_click=begin_anew,
    )


@st.dialog("Add connection", width="medium")
def add_connection(taken: Collection[str]) -> None:
    """Ask for what the kind needs; `taken` are the names in use."""
    kind = _ask_for_access()
    _ask_for_name(kind, taken)
    with st.container(horizontal=True, horizontal_alignment="right"):
        added = once(
            "Add connection",
            lambda: _add(taken),
            key="add_submit",
            done=lambda connection: f"Added {connection.name}.",
            type="primary",
        )
    if added.error:
        problem.show(added.error)
    if added.take():
        st.rerun()


def _ask_for_access() -> StorableKind:
    kind: StorableKind = st.segmented_control(
        "Kind",
        storable_kinds(),
        key="add_kind",
        format_func=lambda one: KINDS[one],
        default="compatible",
        required=True,
    )
    st.caption(_EXPLAINED[kind])
    if kind == "compatible":
        st.text_input(
            "Address",
            key="add_base_url",
            placeholder=ADDRESS_EXAMPLE,
            help="With its /v1. Addresses of this machine and of your network are fine.",
        )
    if kind == "langchain":
        st.text_input(
            "Vendor", key="add_vendor", placeholder="mistralai", help="As LangChain does."
        )
    st.text_input(
        "Key" if kind in {"openai", "anthropic"} else "Key (where the server asks for one)",
        key="add_api_key",
        type="password",
        autocomplete="new-password",
        help=KEY_NOTE,
    )
    return kind


def _ask_for_name(kind: StorableKind, taken: Collection[str]) -> None:
    suggestion = _suggestion(kind, taken)
    st.text_input(
        "Name",
        key="add_name",
        placeholder=suggestion,
        help="Lower-case letters, digits and dashes; it can't be changed later.",
    )
    st.caption(f"Its models are called {plain(_name(suggestion))}/…")


def _typed(field: str) -> str:
    return st.session_state.get(f"add_{field}", "").strip()


def _name(suggestion: str) -> str:
    return _typed("name") or suggestion


def _suggestion(kind: StorableKind, taken: Collection[str]) -> str:
    return suggest_name(kind, _typed("base_url"), _typed("vendor"), taken)


def _add(taken: Collection[str]) -> Coroutine[Any, Any, Connection]:
    """Read the widgets of the kind chosen; those of another kind do not count."""
    kind: StorableKind = st.session_state["add_kind"]
    key = _typed("api_key")
    try:
        new = NewConnection(
            name=_name(_suggestion(kind, taken)),
            kind=kind,
            base_url=_typed("base_url") if kind == "compatible" else "",
            vendor=_typed("vendor") if kind == "langchain" else "",
            api_key=SecretStr(key) if key else None,
        )
    except ValidationError as error:
        raise refused(error) from None
    return acts.add(new)
