"""Own the grid of declared fields, and the offers to declare or remove what does not fit."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from streamlit_app.components.desk.field_rows import TYPES, FieldRow, read_rows
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.variables import Mismatch, declare, undeclare
from streamlit_app.formats import counted, plain

_WARNING = ":orange[:material/warning:]"


def fields_pane(desk: Desk, mismatch: Mismatch) -> None:
    """Draw the grid with its problems below; for viewers a table."""
    if desk.opened.can_write:
        _edit_rows(desk)
        for problem in read_rows(desk.copy.fields).problems:
            st.markdown(f":small[:red[:material/error:] {plain(problem)}]")
        _offer_fixes(desk, mismatch)
    elif desk.copy.fields:
        st.dataframe(  # pyright: ignore[reportUnknownMemberType]  # pandas types without stubs
            _columns(desk.copy.fields), column_config=_CONFIG, hide_index=True, row_height=36
        )
    if not desk.copy.fields and not mismatch.undeclared:
        st.caption(
            "No variables yet. Put a name in braces in the text, such as `{{ transcript }}`, "
            "and declare it here: then callers know what to send."
        )


def _edit_rows(desk: Desk) -> None:
    # What the person changes is read from the widget's state by `Desk.collect`, which also works
    # in the callback of a button pressed right after the last cell.
    st.data_editor(
        _columns(desk.grid),
        key=desk.grid_key,
        num_rows="dynamic",
        hide_index=True,
        row_height=36,
        column_config=_CONFIG,
        placeholder="",
        alt="Declared variables of this version",
    )


def _columns(rows: Sequence[FieldRow]) -> pd.DataFrame:
    # The types are named because an empty grid has no values to tell them by.
    kinds = {name: "bool" if name == "required" else "object" for name in _CONFIG}
    rows_as_typed = pd.DataFrame(list(rows), columns=list(_CONFIG))
    return rows_as_typed.astype(kinds)  # pyright: ignore[reportUnknownMemberType]  # pandas has no stubs


_CONFIG = {
    "name": st.column_config.TextColumn(
        "Name",
        width=125,
        required=True,
        max_chars=64,
        validate=r"^[A-Za-z][A-Za-z0-9_]{0,63}$",
        help="As written between the braces: letters, digits and _.",
    ),
    "type": st.column_config.SelectboxColumn(
        "Type", width=85, options=TYPES, default="string", required=True
    ),
    "required": st.column_config.CheckboxColumn(
        "Must",
        width=62,
        default=True,
        help="Callers must send it, unless it has a default.",
    ),
    "default": st.column_config.TextColumn(
        "Default",
        width=90,
        help="Used where a caller sends nothing. Lists and objects are written as JSON.",
    ),
    "description": st.column_config.TextColumn(
        "Meaning", width=180, max_chars=1000, help="Shown to people who fill it in."
    ),
}


def _offer_fixes(desk: Desk, mismatch: Mismatch) -> None:
    names = mismatch.undeclared
    if len(names) > 1:
        st.button(
            f"Add the {counted(len(names), 'variable')} found in the text",
            key="declare_all",
            icon=":material/add:",
            on_click=declare,
            args=(desk, names),
        )
    for name in names:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":small[{_WARNING} `{name}` is used in the text but not declared.]",
                width="content",
            )
            st.button(
                "Add it",
                key=f"declare_{name}",
                type="tertiary",
                on_click=declare,
                args=(desk, [name]),
            )
    for name in mismatch.unused:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":small[{_WARNING} `{plain(name)}` is declared but not used.]", width="content"
            )
            st.button(
                "Remove it",
                key=f"undeclare_{name}",
                type="tertiary",
                on_click=undeclare,
                args=(desk, name),
            )
