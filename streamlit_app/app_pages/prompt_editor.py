"""Own the editor page: write a prompt, see it rendered, declare its fields, save and publish."""

import streamlit as st
from bson import ObjectId

from core.errors import AmbiguousPrompt
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components.desk.actions import actions, offer_boost, shortcut, show_errors
from streamlit_app.components.desk.conflict import conflict_panel
from streamlit_app.components.desk.findings_list import find_all
from streamlit_app.components.desk.header import notices, state_line, write_address
from streamlit_app.components.desk.opening import open_prompt
from streamlit_app.components.desk.panes import right_pane
from streamlit_app.components.desk.saving import forget_errors
from streamlit_app.components.desk.state import Desk, place
from streamlit_app.components.desk.text_pane import text_pane
from streamlit_app.components.prompt_address import asked_for, choose_application, no_prompt
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import plain


def main() -> None:
    """Load what the address asks for and lay it on the desk."""
    scope, asked = viewer.scope(), asked_for()
    if asked.prompt_id is None:
        no_prompt("Editor")
        return
    try:
        opened = bridge.run(
            open_prompt(scope, asked.prompt_id, asked.application_id, asked.version)
        )
    except AmbiguousPrompt as error:
        choose_application(scope, asked.prompt_id, map(ObjectId, error.candidates), "editor")
        return
    work(scope, place(opened))


@st.fragment
def work(scope: Scope, desk: Desk) -> None:
    """Draw the whole desk: everything on it depends on what was typed last."""
    desk.collect()
    if desk.was_typed_on:
        forget_errors()
        bridge.run(desk.keep(scope))
    presses = actions(scope, desk, title_row(plain(desk.opened.prompt.name)))
    # In a container of their own, or the editors below would be made anew as notices come and go.
    with st.container():
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            state_line(desk)
            offer_boost(scope, desk)
        notices(scope, desk)
        show_errors(desk, presses)
        conflict_panel(scope, desk)
    left, right = st.columns(2, gap="medium")
    with right:
        right_pane(scope, desk)
    with left:
        trigger = text_pane(desk, find_all(desk))
    write_address(desk)
    shortcut(scope, desk, trigger)


if __name__ == "__main__":
    main()
