"""Own the rating of one execution in its drawer: a number, and words where wanted."""

import streamlit as st

from core.documents import ExecutionLog, Feedback
from core.errors import PromptHubError
from core.feedback import NewRating, rate_execution
from core.feedback.queue import can_rate
from core.feedback.rate import MAX_TEXT_CHARS
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import problem, toasts
from streamlit_app.components.feedback.queue_view import FACES


def rate(scope: Scope, row: ExecutionLog, own: Feedback | None) -> None:
    """Draw the popover of the viewer's rating, for those who may rate an answer that is there."""
    if not can_rate(scope, row.application_id) or not row.output_data.get("text"):
        return
    label = f"You gave it {own.rating}" if own else "Rate"
    with st.popover(label, icon=":material/reviews:", type="tertiary", key=f"rate_{row.key}"):
        for name, title, kept in (
            ("comment", "Comment", own.comment if own else ""),
            ("better", "Better prompt text (optional)", own.improvement_suggestion if own else ""),
        ):
            key = f"{name}_{row.key}"
            st.session_state.setdefault(key, kept)
            st.text_area(title, key=key, height=80, max_chars=MAX_TEXT_CHARS)
        with st.container(horizontal=True, gap="xsmall"):
            for number, (face, word) in FACES.items():
                st.button(
                    f":material/{face}: {number}",
                    key=f"drawer_rate_{number}",
                    type="primary" if own and own.rating == number else "secondary",
                    help=word,
                    on_click=_save,
                    args=(scope, row, number),
                )
        st.caption("1 useless … 5 great.")
    error: PromptHubError | None = st.session_state.pop(f"rate_error_{row.key}", None)
    if error:
        problem.show(error, title="Not saved.")


def _save(scope: Scope, row: ExecutionLog, number: int) -> None:
    new = NewRating(
        rating=number,
        comment=st.session_state.get(f"comment_{row.key}", ""),
        improvement_suggestion=st.session_state.get(f"better_{row.key}", ""),
    )
    try:
        bridge.run(rate_execution(scope, row, new))
    except PromptHubError as error:
        st.session_state[f"rate_error_{row.key}"] = error
        return
    toasts.add(f"Rated {number} of 5.")
