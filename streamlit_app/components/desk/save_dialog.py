"""Own the dialog that saves a new draft: its number and a note."""

import streamlit as st

from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.change_list import change_rows
from streamlit_app.components.desk.header import reopen
from streamlit_app.components.desk.number_choice import ask_note, choose_number, read_choice
from streamlit_app.components.desk.saving import saving, say_outcome
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.once import once

KEY = "save_new"


@st.dialog("Save a new draft", icon=":material/save:")
def ask_to_save(scope: Scope, desk: Desk) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""
    changes = desk.changes()
    version = desk.opened.version
    if version:
        st.markdown(
            f"{version.version} is published and stays as it is; your text becomes a new draft."
        )
    change_rows(changes)
    number = choose_number(desk.opened, changes, key=KEY)
    ask_note(desk.opened, key=KEY)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep editing", key="save_cancel", type="tertiary"):
            st.rerun()
        press = once(
            f"Save {number}",
            lambda: saving(scope, desk, lambda: read_choice(number, KEY)),
            key="save_confirm",
            done=say_outcome,
            type="primary",
            icon=":material/save:",
        )
    if press.error:
        problem.show(press.error)
    if press.take() is not None:
        reopen(desk)
