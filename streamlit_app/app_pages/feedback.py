"""Own the feedback page: the queue to rate, how versions stand, and suggestions."""

import asyncio
from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from core.accounts.directory import ApplicationQuery, find_applications, find_named
from core.errors import NotFound, PromptHubError
from core.feedback.queue import can_rate
from core.feedback.suggestions import count_open
from core.prompts.catalogue import get_prompt
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.feedback.choices import (
    Choice,
    asked,
    choose_prompt,
    choose_view,
    clear,
)
from streamlit_app.components.feedback.export import offer_export
from streamlit_app.components.feedback.inbox import inbox
from streamlit_app.components.feedback.queue_view import queue_view
from streamlit_app.components.feedback.ratings_drawer import show_ratings
from streamlit_app.components.feedback.versions_view import versions_view
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import plain


def main() -> None:
    """Draw the switch of views, the filters, and the view that is open."""
    scope, choice = viewer.scope(), asked()
    actions = title_row("Feedback")
    shown = bridge.run(look(scope, choice))
    with actions:
        view = choose_view({"suggestions": shown.suggestions})
        offer_export(scope, choice)
    row = st.container(horizontal=True, gap="xsmall", vertical_alignment="center")
    with row:
        choose_prompt(scope, choice, application=shown.application)
    try:
        choice = bridge.run(found(scope, choice))
    except PromptHubError as error:
        problem.show(error)
        st.button("Show all prompts", key="feedback_clear", on_click=clear)
        return
    show_ratings(scope)
    match view:
        case "queue":
            rate(scope, choice)
        case "versions":
            versions_view(scope, choice, row)
        case "suggestions":
            inbox(scope, choice, row)


class Shown(NamedTuple):
    """How many suggestions are open, and the application chosen; None where there is one alone."""

    suggestions: int
    application: str | None


async def look(scope: Scope, choice: Choice) -> Shown:
    """Load what the head of the page tells."""
    suggestions, page, names = await asyncio.gather(
        count_open(scope),
        find_applications(scope, ApplicationQuery(), limit=1),
        find_named(scope, filter(None, [choice.application_id])),
    )
    name = next(iter(names.values()), "")
    return Shown(suggestions, name if page.visible > 1 else None)


async def found(scope: Scope, choice: Choice) -> Choice:
    """Find the prompt that the choice names; one that is gone still has a log."""
    if choice.prompt_id is None:
        return choice
    try:
        prompt = await get_prompt(scope, choice.prompt_id, choice.application_id)
    except NotFound:
        raise NotFound("prompt", choice.prompt_id) from None
    return replace(choice, prompt_key=prompt.key, application_id=prompt.application_id)


def rate(scope: Scope, choice: Choice) -> None:
    """Draw the queue for those who may rate."""
    where = choice.application_id
    may = (
        can_rate(scope, where)
        if where
        else scope.sees_everything or any(can_rate(scope, key) for key in scope.roles)
    )
    if may:
        queue_view(scope, choice)
        return
    role = f"yours is {scope.role_in(where)}" if where else "you have none"
    st.markdown(
        f"Rating needs the role editor; {plain(role)}. You can read how versions stand, and what "
        "was suggested."
    )


if __name__ == "__main__":
    main()
