"""Own how the exact messages of an execution are shown, and said where they are not kept."""

import streamlit as st

from core.documents import ExecutionLog
from streamlit_app.components.message_view import Part, ShownMessage, message_view
from streamlit_app.components.when import ago


def sent_messages(row: ExecutionLog, *, key: str) -> None:
    """Draw what was sent to the model, character by character."""
    if not row.rendered_messages:
        tell_not_kept(row)
        return
    message_view(
        [ShownMessage(sent.role, [Part(sent.content)]) for sent in row.rendered_messages],
        key=f"messages_{key}",
        label="Messages sent",
    )


def keeps_content(row: ExecutionLog) -> bool:
    """Tell whether variables, messages and the answer of a run were stored."""
    return "variables" in row.input_data


def tell_not_kept(row: ExecutionLog) -> None:
    """Say why there is nothing to see."""
    if row.erased_at:
        st.caption(f"What was said in it was erased {ago(row.erased_at)}; its figures stay.")
    elif row.input_data and not keeps_content(row):
        st.caption("Content is not kept for this application.")
    else:
        st.caption("It failed before a message was made.")
