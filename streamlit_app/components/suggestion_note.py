"""Own the suggestion beside the text in the editor, for whoever came from the inbox."""

import streamlit as st
from bson import ObjectId

from core.accounts.directory import find_people
from core.documents import User
from core.errors import NotFound
from core.feedback.named import NamedRating
from core.feedback.suggestions import get_suggestion
from core.values.scope import RANK, Scope
from streamlit_app import bridge
from streamlit_app.components.feedback.inbox import turn
from streamlit_app.components.feedback.ratings_drawer import author
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import plain

PARAMETER = "suggestion"


def suggestion_note(scope: Scope, prompt_id: str) -> None:
    """Draw the suggestion that the address names, if it names one about this prompt."""
    asked = st.query_params.get(PARAMETER, "")
    if not ObjectId.is_valid(asked):
        return
    try:
        one, people = bridge.run(_load(scope, ObjectId(asked)))
    except NotFound:
        st.query_params.pop(PARAMETER, None)
        return
    if one.prompt_id != prompt_id:
        return
    who = author(people, one.feedback.user_id, scope)
    of = f"for {plain(one.version)}" if one.version else ""
    about = f"{plain(who)} {of}, rated {one.feedback.rating} of 5, {ago(one.feedback.updated_at)}"
    with st.container(border=True, gap="xsmall", key="suggestion_note"):
        st.markdown(
            f":material/lightbulb: **Suggestion** :small[:gray[{about}]]",
            help=exact(one.feedback.updated_at),
        )
        st.markdown(plain(one.feedback.improvement_suggestion))
        if one.feedback.comment:
            st.caption(f"Comment: {plain(one.feedback.comment)}")
        with st.container(horizontal=True, gap="small"):
            _actions(scope, one)


async def _load(scope: Scope, key: ObjectId) -> tuple[NamedRating, dict[ObjectId, User]]:
    one = await get_suggestion(scope, key)
    return one, await find_people(scope, [one.feedback.user_id])


def _actions(scope: Scope, one: NamedRating) -> None:
    role = scope.role_in(one.application_id)
    if role is not None and RANK[role] >= RANK["editor"]:
        after = turn(scope, one.feedback, key=f"note_{one.feedback.key}")
        if after is not None and after.done_at:
            _close()
            st.rerun()
    st.button("Close", key="suggestion_close", type="tertiary", on_click=_close)


def _close() -> None:
    st.query_params.pop(PARAMETER, None)
