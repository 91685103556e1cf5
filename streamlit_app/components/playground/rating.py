"""Own the rating of an answer in the playground: stars at once, words in a dialog."""

from collections.abc import Coroutine
from typing import Any

import streamlit as st
from bson import ObjectId

from core.documents import Feedback
from core.errors import PromptHubError
from core.execution.log import get_execution
from core.feedback import NewRating, delete_own, rate_execution
from core.feedback.rate import MAX_TEXT_CHARS
from core.values.scope import Scope
from prompthub.wire.feedback import Rating
from streamlit_app import bridge
from streamlit_app.components import problem, toasts
from streamlit_app.components.once import once


def remember_rating(execution_id: ObjectId, own: Feedback | None) -> None:
    """Keep the viewer's rating of an execution for its stars; None where there is none."""
    st.session_state[_kept(execution_id)] = own


def rate_answer(scope: Scope, execution_id: ObjectId) -> None:
    """Draw five stars, which count at once, and the words that can go with them."""
    own: Feedback | None = st.session_state.get(_kept(execution_id))
    key = f"stars_{execution_id}"
    st.feedback(
        "stars",
        key=key,
        default=own.rating - 1 if own else None,
        on_change=_store_stars,
        args=(scope, execution_id, key),
    )
    if own:
        has_words = own.comment or own.improvement_suggestion
        label = "Edit comment..." if has_words else "Add a comment..."
        if st.button(label, key=f"comment_{execution_id}", type="tertiary"):
            _ask_for_words(scope, execution_id, own)
    error: PromptHubError | None = st.session_state.pop(f"{key}_error", None)
    if error:
        problem.show(error)


def _store_stars(scope: Scope, execution_id: ObjectId, key: str) -> None:
    # The same stars twice are one rating: the verb puts a rating in place of the earlier one.
    own: Feedback | None = st.session_state.get(_kept(execution_id))
    chosen: int | None = st.session_state[key]
    try:
        if chosen is None:
            if own:
                bridge.run(delete_own(scope, own.key))
                toasts.add("Took the rating back.")
            remember_rating(execution_id, None)
            return
        new = NewRating.model_validate(
            {
                "rating": chosen + 1,
                "comment": own.comment if own else "",
                "improvement_suggestion": own.improvement_suggestion if own else "",
            }
        )
        remember_rating(execution_id, bridge.run(_rate(scope, execution_id, new)))
        toasts.add(f"Rated {chosen + 1} of 5.")
    except PromptHubError as error:
        st.session_state[f"{key}_error"] = error


async def _rate(scope: Scope, execution_id: ObjectId, new: NewRating) -> Feedback:
    row = await get_execution(scope, execution_id)
    return (await rate_execution(scope, row, new)).feedback


@st.dialog("Comment on the answer", icon=":material/reviews:")
def _ask_for_words(scope: Scope, execution_id: ObjectId, own: Feedback) -> None:
    key = f"words_{execution_id}"
    st.text_area(
        "Comment",
        own.comment,
        key=f"{key}_comment",
        max_chars=MAX_TEXT_CHARS,
        height=90,
        placeholder="What is good or bad about it, e.g. 'Names a date that is not in the text'",
    )
    st.text_area(
        "Suggestion",
        own.improvement_suggestion,
        key=f"{key}_suggestion",
        max_chars=MAX_TEXT_CHARS,
        height=90,
        placeholder="What would make the prompt better, e.g. 'Ask for the source of each figure'",
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key=f"{key}_cancel", type="tertiary"):
            st.rerun()
        press = once(
            "Save comment",
            lambda: _store_words(scope, execution_id, own.rating, key),
            key=f"{key}_save",
            done=lambda _: "Saved the comment.",
            type="primary",
        )
    if press.error:
        problem.show(press.error)
    saved = press.take()
    if saved is not None:
        remember_rating(execution_id, saved)
        st.rerun()


def _store_words(
    scope: Scope, execution_id: ObjectId, rating: Rating, key: str
) -> Coroutine[Any, Any, Feedback]:
    new = NewRating(
        rating=rating,
        comment=st.session_state[f"{key}_comment"].strip(),
        improvement_suggestion=st.session_state[f"{key}_suggestion"].strip(),
    )
    return _rate(scope, execution_id, new)


def _kept(execution_id: ObjectId) -> str:
    return f"rated_{execution_id}"
