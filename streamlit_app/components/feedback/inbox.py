"""Own the inbox of suggestions: read one, open it beside the text, and say that it is done."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

import streamlit as st
from bson import ObjectId
from streamlit.delta_generator import DeltaGenerator

from core.accounts.directory import find_people
from core.documents import Feedback, User
from core.errors import PromptHubError
from core.feedback.named import NamedRating
from core.feedback.suggestions import (
    SuggestionPage,
    SuggestionQuery,
    list_suggestions,
    set_done,
)
from core.values.scope import RANK, Scope
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.feedback.choices import PAGES, Choice, clear
from streamlit_app.components.feedback.ratings_drawer import author
from streamlit_app.components.filter_select import filter_switch
from streamlit_app.components.no_match import no_match
from streamlit_app.components.once import once
from streamlit_app.components.pages import Pages
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

# The pages of the other view in the address, but cards are higher than rows.
_PAGES: Final = Pages(PAGES.key, 10)
State = Literal["Open", "Done"]


class _Inbox(NamedTuple):
    page: SuggestionPage
    people: Mapping[ObjectId, User]


def inbox(scope: Scope, choice: Choice, row: DeltaGenerator) -> None:
    """Draw the page of the inbox that is open; open or done is chosen in `row`."""
    with row:
        state = filter_switch(
            "State", get_args(State), key="suggestions", on_change=_PAGES.begin_again
        )
    query = SuggestionQuery(
        is_done=state == "Done",
        application_id=choice.application_id,
        prompt_key=choice.prompt_key,
    )
    try:
        found = bridge.run(_load(scope, query, _PAGES.skip))
    except PromptHubError as error:
        problem.show(error)
        return
    if not found.page.total:
        _tell_empty(choice, is_done=query.is_done)
        return
    for one in found.page.items:
        _card(scope, one, author(found.people, one.feedback.user_id, scope))
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        words = "done" if query.is_done else "open"
        st.caption(f"{counted(found.page.total, 'suggestion')} {words}", width="content")
        _PAGES.draw(found.page.total)


async def _load(scope: Scope, query: SuggestionQuery, skip: int) -> _Inbox:
    page = await list_suggestions(scope, query, skip=skip, limit=_PAGES.size)
    people = await find_people(scope, {one.feedback.user_id for one in page.items})
    return _Inbox(page, people)


def _card(scope: Scope, one: NamedRating, who: str) -> None:
    feedback = one.feedback
    name = f"{one.prompt_name or 'Unsaved text'} {one.version or ''}".strip()
    with st.container(border=True, gap="xsmall", key=f"suggestion_{feedback.key}"):
        st.markdown(
            f"**{plain(name)}** :small[:gray[rated {feedback.rating} of 5 by {plain(who)} · "
            f"{ago(feedback.updated_at)}]]",
            help=exact(feedback.updated_at),
        )
        st.markdown(plain(feedback.improvement_suggestion))
        if feedback.comment:
            st.caption(f"Comment: {plain(feedback.comment)}")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            _actions(scope, one)


def _actions(scope: Scope, one: NamedRating) -> None:
    feedback = one.feedback
    role = scope.role_in(one.application_id)
    can_write = role is not None and RANK[role] >= RANK["editor"]
    if one.prompt_id:
        st.page_link(
            page_path("editor"),
            label="Open in editor",
            icon=":material/edit_note:",
            query_params={
                "prompt": one.prompt_id,
                "application": str(one.application_id),
                "suggestion": str(feedback.key),
            },
            width="content",
        )
    if feedback.execution_id:
        st.page_link(
            page_path("executions"),
            label="Answer",
            icon=":material/list_alt:",
            query_params={"execution": str(feedback.execution_id)},
            width="content",
        )
    if can_write:
        turn(scope, feedback, key=f"turn_{feedback.key}")


def turn(scope: Scope, feedback: Feedback, *, key: str) -> Feedback | None:
    """Draw the button that closes or opens a suggestion; return it as it is after a press."""
    is_done = feedback.done_at is not None

    async def operation() -> Feedback:
        return await set_done(scope, feedback, is_done=not is_done)

    press = once(
        "Open again" if is_done else "Mark as done",
        operation,
        key=key,
        done=_told,
        type="tertiary",
        icon=":material/undo:" if is_done else ":material/check:",
    )
    if press.error:
        problem.show(press.error)
    return press.take()


def _told(after: Feedback) -> str:
    if after.done_at:
        return "Marked as done. It is under Done, where it can be opened again."
    return "Opened again."


def _tell_empty(choice: Choice, *, is_done: bool) -> None:
    if choice.words:
        state = "done" if is_done else "open"
        no_match(
            f"No {state} suggestions for {plain(choice.words)}.",
            show="Show all suggestions",
            key="inbox_all",
            on_click=clear,
        )
    elif is_done:
        st.markdown("No suggestion was marked as done yet.")
    else:
        st.markdown(
            "No open suggestions. What people write under *Better prompt text* when they rate an "
            "answer arrives here."
        )
