"""Own what is shown when somebody else saved the version that is being edited."""

import streamlit as st

from core.errors import Invalid
from core.prompts.diff import compare
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.desk.saving import forget_errors, saving, say_outcome
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.working_copy import WorkingCopy
from streamlit_app.components.diff_view import diff_view
from streamlit_app.components.once import once
from streamlit_app.components.when import moment
from streamlit_app.formats import counted


def conflict_panel(scope: Scope, desk: Desk) -> None:
    """Show both texts and let the person choose; nothing while there is no conflict."""
    theirs = desk.theirs
    if theirs is None:
        return
    with st.container(border=True, key="conflict"):
        what = "was published" if theirs.is_published else "changed"
        st.markdown(
            f":orange[:material/warning:] **{theirs.version} {what} while you were editing** "
            f"({moment(theirs.updated_at)}{_count(desk)}). Keep yours, or take theirs."
        )
        try:
            diff_view(
                theirs.body,
                desk.copy.readable(),
                titles=("Theirs", "Yours"),
                key=desk.key("conflict"),
                height=220,
            )
        except Invalid as error:
            problem.show(error)
        with st.container(horizontal=True):
            st.button("Take theirs", key="take_theirs", on_click=_take, args=(desk,))
            if theirs.is_published:
                st.button("Keep mine", key="keep_mine", on_click=_rebase, args=(desk,))
            else:
                _keep_mine(scope, desk)


def _keep_mine(scope: Scope, desk: Desk) -> None:
    def operation():  # noqa: ANN202  # the coroutine of `saving`
        _rebase(desk)
        return saving(scope, desk)

    press = once("Keep mine", operation, key="keep_mine", done=say_outcome)
    if press.error:
        problem.show(press.error)
    if press.take() is not None:
        st.rerun()


def _count(desk: Desk) -> str:
    try:
        changes = compare(desk.theirs.body, desk.copy.readable()) if desk.theirs else []
    except Invalid:
        return ""
    return f", {counted(len(changes), 'difference')}"


def _take(desk: Desk) -> None:
    if desk.theirs is None:
        return
    desk.opened = desk.opened._replace(version=desk.theirs)
    desk.replace(WorkingCopy.of_body(desk.theirs.body))
    desk.theirs = desk.restored_at = None
    forget_errors()


def _rebase(desk: Desk) -> None:
    """Let the next save start from what they stored, so that it replaces it knowingly."""
    if desk.theirs is not None:
        desk.opened = desk.opened._replace(version=desk.theirs)
        desk.theirs = None
        forget_errors()
