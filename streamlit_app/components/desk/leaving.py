"""Own what was typed in the editor just before another page was opened: it is kept as well."""

import streamlit as st

from core.errors import PromptHubError
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.desk.saving import forget_errors
from streamlit_app.components.desk.state import find_desk
from streamlit_app.formats import plain


def keep_last_edits(scope: Scope) -> None:
    """Autosave what the widgets of the desk still hold; call it at the start of every page.

    A click that leads away comes with the last text typed, in one message: the editor does not
    run for it any more, and Streamlit forgets the text at the end of this run.
    """
    desk = find_desk()
    if desk is None or not desk.keeps or not desk.opened.can_write:
        return
    desk.collect()
    if not desk.was_typed_on:
        return
    forget_errors()
    try:
        bridge.run(desk.keep(scope))
    except PromptHubError as error:
        desk.kept = desk.copy.as_typed()
        st.toast(
            f"Your last edits of {plain(desk.opened.prompt.name)} could not be kept: "
            f"{plain(error.message)}",
            icon=":material/error:",
        )
