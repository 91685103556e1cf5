"""Own the dialog that marks a prompt no rule found: its text is pasted and looked for."""

from typing import Final

import streamlit as st

from core.errors import PromptHubError
from core.extraction.marking import find_words
from core.extraction.propose import MAX_CHARACTERS
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.extract import acts
from streamlit_app.components.extract.filters import lead_to
from streamlit_app.components.extract.state import Review

_TEXT: Final = "mark_text"
_MARKED: Final = "mark_done"


def mark_stretch(scope: Scope, review: Review, start: int, end: int) -> bool:
    """Mark a stretch and lead to its proposal; return whether it is one. For callbacks."""
    if not acts.mark(scope, review, start, end) or review.chosen is None:
        return False
    lead_to(review.items(), review.chosen[0])
    return True


def ask_to_mark(scope: Scope, review: Review) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""

    def forget() -> None:
        review.error = None

    @st.dialog("Mark a prompt", icon=":material/ink_highlighter:", on_dismiss=forget)
    def ask() -> None:
        if st.session_state.pop(_MARKED, False):
            st.rerun()
        st.markdown(
            "For a prompt that was not found. Select it in the text of the source and press "
            "*Mark as a prompt*, or paste it here as it stands there."
        )
        st.text_area("Text in the source", key=_TEXT, height=180, max_chars=MAX_CHARACTERS)
        if review.error:
            problem.show(review.error)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel", key="mark_cancel", type="tertiary"):
                forget()
                st.rerun()
            st.button(
                "Mark it", key="mark_it", type="primary", on_click=_mark, args=(scope, review)
            )

    forget()
    st.session_state.pop(_MARKED, None)
    ask()


def _mark(scope: Scope, review: Review) -> None:
    try:
        place = find_words(review.text, st.session_state[_TEXT])
    except PromptHubError as error:
        review.error = error
        return
    st.session_state[_MARKED] = mark_stretch(scope, review, *place)
