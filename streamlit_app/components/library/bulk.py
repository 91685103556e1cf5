"""Own what is done to several prompts at once, chosen in the table."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import streamlit as st

from core.documents import Prompt
from core.errors import Invalid
from core.prompts.catalogue import (
    PromptChanges,
    deactivate_prompt,
    restore_prompt,
    update_prompt,
)
from core.values.scope import Scope
from prompthub.wire.literals import Role
from streamlit_app.components import problem
from streamlit_app.components.confirm import confirm
from streamlit_app.components.library.row import address
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.library.table import clear_ticks
from streamlit_app.components.once import once
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

NAMES_SHOWN = 5


def bulk_bar(shelf: Shelf, chosen: list[Prompt], known_tags: Sequence[str]) -> None:
    """Draw what can be done to the ticked prompts; only what the viewer's roles allow."""
    active = [prompt for prompt in chosen if prompt.is_active]
    inactive = [prompt for prompt in chosen if not prompt.is_active]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{len(chosen)} selected**", width="content")
        if len(chosen) == 1:
            st.page_link(
                page_path("editor"),
                label="Open",
                icon=":material/edit_note:",
                query_params=address(chosen[0]),
            )
        if active and may(shelf, "editor", chosen):
            with st.popover("Tag", icon=":material/sell:"):
                ask_for_tags(shelf, active, known_tags)
        if active and may(shelf, "operator", active):
            offer_to_deactivate(shelf, active)
        if inactive and may(shelf, "operator", inactive):
            offer_to_restore(shelf, inactive)
        st.button("Clear", key="bulk_clear", type="tertiary", on_click=clear_ticks)
        if not may(shelf, "editor", chosen):
            st.caption("You can read these prompts. Changing them needs the role editor.")


def may(shelf: Shelf, role: Role, prompts: list[Prompt]) -> bool:
    """Whether the viewer holds the role for all of the prompts."""
    return all(shelf.holds(role, prompt.application_id) for prompt in prompts)


def ask_for_tags(shelf: Shelf, prompts: list[Prompt], known: Sequence[str]) -> None:
    """Add tags to all of the prompts."""
    st.multiselect(
        "Tags to add",
        known,
        key="bulk_tags",
        accept_new_options=True,
        placeholder="Choose or type a tag",
        width=280,
    )
    press = once(
        f"Tag {counted(len(prompts), 'prompt')}",
        lambda: add_tags(shelf.scope, prompts, tuple(st.session_state["bulk_tags"])),
        key="bulk_tag",
        done=lambda number: cleared(f"Tagged {counted(number, 'prompt')}."),
        type="primary",
    )
    if press.error:
        problem.show(press.error)


async def add_tags(scope: Scope, prompts: list[Prompt], tags: tuple[str, ...]) -> int:
    """Give each prompt the tags that it lacks; return how many prompts there are."""
    if not tags:
        raise Invalid("No tag is chosen.", field="tags", remedy="Choose or type at least one.")
    changes = [PromptChanges(tags=(*prompt.tags, *tags)) for prompt in prompts]
    await asyncio.gather(
        *(
            update_prompt(scope, prompt, change, expected_revision=prompt.revision)
            for prompt, change in zip(prompts, changes, strict=True)
        )
    )
    return len(prompts)


def offer_to_deactivate(shelf: Shelf, prompts: list[Prompt]) -> None:
    """Take the prompts out of service, after asking."""
    if not st.button("Deactivate...", key="bulk_deactivate", icon=":material/archive:"):
        return
    names = ", ".join(f"*{plain(prompt.name)}*" for prompt in prompts[:NAMES_SHOWN])
    more = len(prompts) - NAMES_SHOWN
    listed = f"{names} and {more} more" if more > 0 else names
    consequence = "Applications can't fetch them any more. " if any_served(prompts) else ""
    confirm(
        f"Deactivate {counted(len(prompts), 'prompt')}?",
        f"{listed}. {consequence}Versions and runs stay readable, and you can restore them at any "
        "time: choose *Inactive* in the library.",
        verb=f"Deactivate {counted(len(prompts), 'prompt')}",
        operation=lambda: for_each(shelf.scope, prompts, deactivate_prompt),
        key="deactivate_all",
        done=lambda number: cleared(f"Deactivated {counted(number, 'prompt')}."),
    )


def any_served(prompts: list[Prompt]) -> bool:
    """Whether an application may be fetching one of the prompts."""
    return any(prompt.current_version for prompt in prompts)


def offer_to_restore(shelf: Shelf, prompts: list[Prompt]) -> None:
    """Put the prompts back into service."""
    press = once(
        f"Restore {counted(len(prompts), 'prompt')}",
        lambda: for_each(shelf.scope, prompts, restore_prompt),
        key="bulk_restore",
        icon=":material/unarchive:",
        done=lambda number: cleared(f"Restored {counted(number, 'prompt')}."),
    )
    if press.error:
        problem.show(press.error)


def cleared(words: str) -> str:
    """Take the ticks away, as the rows have changed, and pass on the words of the toast."""
    clear_ticks()
    return words


async def for_each(
    scope: Scope,
    prompts: list[Prompt],
    act: Callable[[Scope, Prompt], Coroutine[Any, Any, Prompt]],
) -> int:
    """Do the same to each prompt; return how many there are."""
    await asyncio.gather(*(act(scope, prompt) for prompt in prompts))
    return len(prompts)
