"""Own finding a prompt by a few letters; the database searches, the browser gets eight names."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import streamlit as st
from bson import ObjectId

from core.accounts.applications import list_applications
from core.prompts.listing import PromptQuery, list_prompts
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.formats import counted, plain

SHOWN = 8


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
    popover = st.popover(plain(label), key=f"{key}_open", on_change="rerun", width=width)
    if popover.open:
        with popover:
            if on_any:
                st.button("All prompts", key=f"{key}_any", type="tertiary", on_click=on_any)
            prompt_search(scope, key=key, on_pick=on_pick)


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
    text = st.text_input(
        "Search prompts",
        key=f"{key}_text",
        live=True,
        max_chars=200,
        placeholder="Name, tag or words of the text",
        icon=":material/search:",
        label_visibility="collapsed",
    )
    found, total = bridge.run(_find(scope, text, within))
    if not found:
        st.caption("Nothing matches." if text else "There are no prompts yet.")
    with st.container(gap=None):
        for index, prompt in enumerate(found):
            suffix = f" :small[:gray[{plain(prompt.application)}]]" if prompt.application else ""
            st.button(
                f"{plain(prompt.name)}{suffix}",
                key=f"{key}_{index}",
                type="tertiary",
                on_click=_pick,
                args=(key, on_pick, prompt),
            )
    if total > len(found):
        st.caption(f"{counted(total, 'prompt')}; type to narrow them down.")


def _pick(key: str, on_pick: Callable[[Found], None], prompt: Found) -> None:
    st.session_state[f"{key}_text"] = ""
    if f"{key}_open" in st.session_state:
        st.session_state[f"{key}_open"] = False
    on_pick(prompt)


async def _find(scope: Scope, text: str, within: ObjectId | None) -> tuple[list[Found], int]:
    sort = "name" if text else "updated"
    query = PromptQuery(text=text[:200], application_id=within, sort=sort)
    page, applications = await asyncio.gather(
        list_prompts(scope, query, skip=0, limit=SHOWN), list_applications(scope)
    )
    names = {application.key: application.name for application in applications}
    several = len(names) > 1 and within is None
    found = [
        Found(
            prompt.prompt_id,
            prompt.application_id,
            prompt.name,
            names.get(prompt.application_id, "") if several else "",
        )
        for prompt in page.items
    ]
    return found, page.total
