"""Own finding a prompt by a few letters of its name, its tags or its text."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import streamlit as st
from bson import ObjectId

from core.accounts.directory import ApplicationQuery, find_applications, find_named
from core.prompts.listing import PromptQuery, list_prompts
from core.values.scope import Scope
from streamlit_app.components.search_list import (
    SHOWN,
    Offer,
    Offers,
    search_list,
    search_popover,
)
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

PLACEHOLDER = "Name, tag or words of the text"


class Found(NamedTuple):
    """A prompt to pick; `application` is named where the viewer has several."""

    prompt_id: str
    application_id: ObjectId
    name: str
    application: str


def prompt_picker(
    scope: Scope,
    label: str,
    *,
    key: str,
    on_pick: Callable[[Found], None],
    width: int,
    on_any: Callable[[], None] | None = None,
) -> None:
    """Draw a button that opens the search; `on_pick` is a callback and may set session state.

    With `on_any` it can also be said that any prompt will do.
    """
    search_popover(
        label,
        PLACEHOLDER,
        key=key,
        width=width,
        find=partial(_find, scope, None),
        on_pick=on_pick,
        any_label="All prompts",
        on_any=on_any,
    )


def prompt_search(
    scope: Scope,
    *,
    key: str,
    on_pick: Callable[[Found], None],
    within: ObjectId | None = None,
) -> None:
    """Draw the search field and what it finds, the prompts changed last where it is empty.

    `within` is the application whose prompts are offered; without it those of all are.
    """
    search_list(
        PLACEHOLDER,
        key=key,
        find=partial(_find, scope, within),
        on_pick=on_pick,
        tell_nothing=_tell_no_prompt,
    )


def _tell_no_prompt() -> None:
    st.caption("There is no prompt yet.")
    st.page_link(
        page_path("library"),
        label="Write or import one in the library",
        icon=":material/library_books:",
    )


async def _find(scope: Scope, within: ObjectId | None, text: str) -> Offers[Found]:
    sort = "name" if text else "updated"
    query = PromptQuery(text=text, application_id=within, sort=sort)
    page = await list_prompts(scope, query, skip=0, limit=SHOWN)
    names = (
        {}
        if within
        else await _name_applications(scope, [one.application_id for one in page.items])
    )
    found = [
        Found(
            prompt.prompt_id,
            prompt.application_id,
            prompt.name,
            names.get(prompt.application_id, ""),
        )
        for prompt in page.items
    ]
    more = f"{counted(page.total, 'prompt')}; type to narrow them down."
    return Offers([Offer(_label(one), one) for one in found], more if page.total > SHOWN else "")


async def _name_applications(scope: Scope, keys: list[ObjectId]) -> dict[ObjectId, str]:
    """Return nothing where the viewer has one application alone."""
    visible = (await find_applications(scope, ApplicationQuery(), limit=1)).visible
    return await find_named(scope, keys) if visible > 1 else {}


def _label(prompt: Found) -> str:
    suffix = f" :small[:gray[{plain(prompt.application)}]]" if prompt.application else ""
    return f"{plain(prompt.name)}{suffix}"
