"""Own what is done to several prompts at once, chosen in the table."""

from collections.abc import Coroutine, Sequence
from typing import Any

import streamlit as st

from core.prompts.listing import PromptMark, PromptQuery, list_marks
from core.prompts.many import tag_prompts
from prompthub.wire.literals import Role
from streamlit_app.components import problem
from streamlit_app.components.library.change import Change, begin, old_tags, restoration
from streamlit_app.components.library.deactivate import ask_to_deactivate
from streamlit_app.components.library.export_file import offer_export
from streamlit_app.components.library.name_link import address
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.library.ticks import clear_ticks, tick_all
from streamlit_app.components.once import once
from streamlit_app.formats import counted
from streamlit_app.navigation import page_path


def bulk_bar(
    shelf: Shelf,
    chosen: list[PromptMark],
    known_tags: Sequence[str],
    *,
    every: PromptQuery | None,
    total: int,
) -> None:
    """Draw what can be done to the ticked prompts; only what the viewer's roles allow.

    `every` is what the table is a page of, with `total` prompts; None for a search.
    """
    active = [prompt for prompt in chosen if prompt.is_active]
    inactive = [prompt for prompt in chosen if not prompt.is_active]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{len(chosen):,} selected**", width="content")
        if len(chosen) == 1:
            st.page_link(
                page_path("editor"),
                label="Open",
                icon=":material/edit_note:",
                query_params=address(chosen[0]),
            )
        if active and may(shelf, "editor", active):
            with st.popover("Tag", icon=":material/sell:"):
                ask_for_tags(shelf, active, known_tags)
        offer_export(shelf, chosen)
        if active and may(shelf, "operator", active):
            offer_to_deactivate(shelf, active)
        if inactive and may(shelf, "operator", inactive):
            offer_to_restore(shelf, inactive)
        if every is not None and len(chosen) < total:
            offer_all(shelf, every, total)
        st.button("Clear", key="bulk_clear", type="tertiary", on_click=clear_ticks)
        if not may(shelf, "editor", chosen):
            st.caption("Changing these prompts needs the role editor in their applications.")


def may(shelf: Shelf, role: Role, prompts: list[PromptMark]) -> bool:
    """Whether the viewer holds the role for all of the prompts."""
    applications = {prompt.application_id for prompt in prompts}
    return all(shelf.holds(role, application) for application in applications)


def ask_for_tags(shelf: Shelf, prompts: list[PromptMark], known: Sequence[str]) -> None:
    """Add tags to all of the prompts, and take others away."""
    st.multiselect(
        "Add",
        known,
        key="bulk_tags",
        accept_new_options=True,
        placeholder="Choose or type a tag",
        width=280,
    )
    st.multiselect(
        "Remove",
        known,
        key="bulk_untags",
        accept_new_options=True,
        placeholder="Choose or type a tag",
        width=280,
    )
    press = once(
        f"Tag {counted(len(prompts), 'prompt')}",
        lambda: begin(tagging(shelf, prompts)),
        key="bulk_tag",
        type="primary",
    )
    if press.error:
        problem.show(press.error)


def tagging(shelf: Shelf, prompts: list[PromptMark]) -> Change:
    """Read the choice of tags and return the change."""
    keys = [prompt.key for prompt in prompts]
    add, remove = tuple(st.session_state["bulk_tags"]), tuple(st.session_state["bulk_untags"])
    return Change(
        "Tagging...",
        lambda progress: tag_prompts(shelf.scope, keys, add=add, remove=remove, progress=progress),
        "Changed the tags of",
        lambda changed: old_tags(shelf.scope, changed.before),
    )


def offer_to_deactivate(shelf: Shelf, prompts: list[PromptMark]) -> None:
    """Take the prompts out of service, after asking."""
    if st.button("Deactivate...", key="bulk_deactivate", icon=":material/archive:"):
        ask_to_deactivate(shelf, prompts)


def offer_to_restore(shelf: Shelf, prompts: list[PromptMark]) -> None:
    """Put the prompts back into service."""
    once(
        f"Restore {counted(len(prompts), 'prompt')}",
        lambda: begin(restoration(shelf.scope, [prompt.key for prompt in prompts])),
        key="bulk_restore",
        icon=":material/unarchive:",
    )


def offer_all(shelf: Shelf, every: PromptQuery, total: int) -> None:
    """Tick what is on the other pages too."""
    press = once(
        f"Select all {total:,}",
        lambda: _marks(shelf, every),
        key="bulk_all",
        type="tertiary",
        icon=":material/select_all:",
    )
    if press.error:
        problem.show(press.error)
    marks = press.take()
    if marks is not None:
        tick_all(marks)
        st.rerun(scope="fragment")


def _marks(shelf: Shelf, every: PromptQuery) -> Coroutine[Any, Any, list[PromptMark]]:
    return list_marks(shelf.scope, every)
