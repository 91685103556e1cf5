"""Own tabs whose titles carry a count: the open one stays open when a count changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


@dataclass
class _Tabs:
    opened: str
    default: str
    titles: tuple[str, ...] = ()
    generation: int = 0


def counted_tabs(
    names: Sequence[str], badges: Mapping[str, str], *, key: str
) -> tuple[str, DeltaGenerator]:
    """Draw tabs and return the name of the open one with its place; only that one is to be drawn.

    `badges` are markdown after a name. The open tab is in the address as the parameter `key`.
    """
    state: _Tabs | None = st.session_state.get(f"{key}_tabs")
    if state is None:
        asked = st.query_params.get(key, "")
        first = asked if asked in names else names[0]
        state = st.session_state[f"{key}_tabs"] = _Tabs(first, first)
    title: object = st.session_state.get(f"{key}_{state.generation}")
    if title in state.titles:
        state.opened = names[state.titles.index(title)]
    titles = tuple(f"{name} {badges[name]}" if badges.get(name) else name for name in names)
    if titles != state.titles:
        # Streamlit knows a tab by its title: with other titles these are new tabs.
        state.titles, state.default = titles, state.opened
        state.generation += 1
    places = st.tabs(
        titles,
        default=titles[names.index(state.default)],
        key=f"{key}_{state.generation}",
        on_change="rerun",
    )
    _write_address(key, state.opened, is_default=state.opened == names[0])
    return state.opened, places[names.index(state.opened)]


def _write_address(key: str, name: str, *, is_default: bool) -> None:
    if is_default:
        if key in st.query_params:
            del st.query_params[key]
    elif st.query_params.get(key) != name:
        st.query_params[key] = name
