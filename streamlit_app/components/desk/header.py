"""Own the top of the editor: name, actions, the line about the state, and notices."""

from typing import NoReturn

import streamlit as st

from core.prompts.workspace import discard_draft
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.badges import changed_badge, label_badge, state_badge
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.working_copy import WorkingCopy
from streamlit_app.components.once import once
from streamlit_app.components.suggestion_note import suggestion_note
from streamlit_app.components.when import exact, moment
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path


def address(desk: Desk, version: str | None = None) -> dict[str, str]:
    """Return the query of a page about this prompt."""
    prompt = desk.opened.prompt
    query = {"prompt": prompt.prompt_id, "application": str(prompt.application_id)}
    return {**query, "version": version} if version else query


def write_address(desk: Desk) -> None:
    """Name the version in the address once there is one, so that the page can be shared."""
    version = desk.opened.version
    if version and desk.keeps and st.query_params.get("version") != version.version:
        st.query_params["version"] = version.version


def reopen(desk: Desk) -> NoReturn:
    """Run the page again for the version that is on the desk now."""
    write_address(desk)
    st.rerun()


def state_line(desk: Desk) -> None:
    """Draw what version this is, where it comes from, when it was saved, and the labels."""
    opened = desk.opened
    version, prompt = opened.version, opened.prompt
    parts = [plain(opened.application.name)]
    badges: list[str] = []
    tip = None
    if version is None:
        badges.append(state_badge("draft"))
        parts.insert(0, "no version yet")
    else:
        state = "published" if version.is_published else "draft"
        badges.append(state_badge(state, version=version.version))
        at = version.published_at or version.updated_at
        parts.insert(0, f"{'published' if version.is_published else 'saved'} {moment(at)}")
        tip = exact(at)
        if version.parent_version:
            parts.insert(0, f"from {version.parent_version}")
    if not prompt.is_active:
        badges.append(state_badge("inactive"))
    if desk.is_dirty and opened.can_write:
        badges.append(changed_badge("Unsaved edits"))
    labels = [label_badge(name, version=number) for name, number in prompt.labels.items()]
    st.markdown(
        f"{' '.join(badges)} :small[:gray[{' · '.join(parts)}]] {' '.join(labels)}",
        help=tip,
        width="content",
    )


def notices(scope: Scope, desk: Desk) -> None:
    """Draw what a person must know before typing on."""
    opened = desk.opened
    suggestion_note(scope, opened.prompt.prompt_id)
    _tell_of_source(desk)
    if not opened.prompt.is_active:
        st.markdown(
            ":small[:gray[:material/archive: This prompt is inactive: it isn't served and can't be "
            "edited. An operator can restore it under More.]]"
        )
    elif not opened.can_write:
        st.markdown(
            ":small[:gray[:material/visibility: You can read this prompt. "
            "Editing needs the role editor.]]"
        )
    elif desk.texts_before is not None:
        _offer_undo(desk)
    elif desk.restored_at and desk.is_dirty:
        _offer_discard(desk)
    elif opened.unsaved and not desk.is_dirty and opened.unsaved.base_version != _number(desk):
        _tell_of_others(scope, desk)


def _tell_of_source(desk: Desk) -> None:
    version = desk.opened.version
    if version is None or "source_id" not in version.metadata:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="found_in"):
        st.markdown(
            f":small[:gray[:material/travel_explore: {plain(version.change_description)}]]",
            width="content",
        )
        st.page_link(page_path("versions"), label="Where it was found", query_params=address(desk))


def _offer_undo(desk: Desk) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="boosted"):
        st.markdown(
            ":small[:material/auto_awesome: The proposal stands in your text. "
            "Nothing is saved yet.]",
            width="content",
        )
        st.button("Undo", key="boost_undo", type="tertiary", on_click=desk.take_back_texts)


def _offer_discard(desk: Desk) -> None:
    if desk.restored_at is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="restored"):
        st.markdown(
            f":small[:material/history: Unsaved edits from {moment(desk.restored_at)}.]",
            width="content",
        )
        st.button("Discard", key="discard", type="tertiary", on_click=_take_back, args=(desk,))


def _take_back(desk: Desk) -> None:
    # The autosave at the end of this run sees that nothing is unsaved and forgets the edits.
    desk.replace(WorkingCopy.of_body(desk.opened.stored_body))
    desk.restored_at = None


def _tell_of_others(scope: Scope, desk: Desk) -> None:
    unsaved = desk.opened.unsaved
    if unsaved is None:
        return
    base = unsaved.base_version
    with st.container(horizontal=True, vertical_alignment="center", key="unsaved_elsewhere"):
        st.markdown(
            f":small[:material/history: You have unsaved edits of {base or 'the empty prompt'} "
            f"from {moment(unsaved.updated_at)}; typing here replaces them.]",
            width="content",
        )
        if base:
            st.page_link(page_path("editor"), label="Open them", query_params=address(desk, base))
        press = once(
            "Discard",
            lambda: _forget(scope, desk),
            key="discard_other",
            done=lambda _: "Discarded the unsaved edits.",
            type="tertiary",
        )
    if press.error:
        problem.show(press.error)


async def _forget(scope: Scope, desk: Desk) -> bool:
    await discard_draft(scope, desk.opened.prompt)
    desk.opened = desk.opened._replace(unsaved=None)
    return True


def _number(desk: Desk) -> str | None:
    return desk.opened.version.version if desk.opened.version else None
