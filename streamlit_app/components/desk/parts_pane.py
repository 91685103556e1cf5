"""Own what a version is made of and what is made of it: texts and checks of other prompts."""

from collections.abc import Coroutine, Sequence
from typing import Any, Literal, NamedTuple

import streamlit as st
from bson import ObjectId

from core.documents import Prompt, PromptVersion
from core.errors import PromptHubError
from core.prompts.composition import Dependent, find_target, list_dependents
from core.values.dependency import Dependency
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.desk.part_dialog import KINDS, ask_for_part, start_part
from streamlit_app.components.desk.state import Desk
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

MOST_SHOWN = 8
Act = Literal["change", "remove"]
_ACTS: dict[Act, str] = {
    "change": ":material/tune: Change...",
    "remove": ":material/delete: Remove",
}


class Resolved(NamedTuple):
    """What a dependency means now; `error` says why it means nothing."""

    target: tuple[Prompt, PromptVersion] | None
    error: PromptHubError | None


def parts_pane(scope: Scope, desk: Desk) -> None:
    """Draw the parts with the offer to add one, then who is made of this version."""
    resolved, dependents = bridge.run(_load(scope, desk))
    if not desk.copy.dependencies:
        st.caption(
            "This prompt stands alone. Add a part to share a text, a system prompt, a metaprompt "
            f"or checks with other prompts of {plain(desk.opened.application.name)}."
        )
    for index, (part, found) in enumerate(zip(desk.copy.dependencies, resolved, strict=True)):
        _draw_part(scope, desk, index, part, found)
    if desk.opened.can_write:
        if st.button("Add a part...", key="part_add", icon=":material/add:"):
            start_part(desk)
            ask_for_part(scope, desk)
        if any(not part.version[:1].isdigit() for part in desk.copy.dependencies):
            st.caption("Publishing fixes latest and labels to the numbers they mean then.")
    _tell_dependents(desk, dependents)


def _load(scope: Scope, desk: Desk) -> Coroutine[Any, Any, tuple[list[Resolved], list[Dependent]]]:
    prompt, version = desk.opened.prompt, desk.opened.version

    async def load() -> tuple[list[Resolved], list[Dependent]]:
        # Twenty parts at most.
        found = [await _resolve(one, prompt.application_id) for one in desk.copy.dependencies]
        users = await list_dependents(scope, prompt, version.version) if version else []
        return found, users

    return load()


async def _resolve(part: Dependency, application_id: ObjectId) -> Resolved:
    try:
        return Resolved(await find_target(part, application_id), None)
    except PromptHubError as error:
        return Resolved(None, error)


def _draw_part(scope: Scope, desk: Desk, index: int, part: Dependency, found: Resolved) -> None:
    icon, title = KINDS[part.dependency_type]
    with (
        st.container(border=True, gap="xxsmall"),
        st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ),
    ):
        with st.container(width="stretch", gap=None):
            _draw_target(desk, part, found)
            st.markdown(f":small[:gray[:material/{icon}: {title}] {_say_use(part)}]")
        if desk.opened.can_write:
            chosen: Act | None = st.menu_button(
                "Actions",
                list(_ACTS),
                key=f"part_{index}",
                type="tertiary",
                icon=":material/more_horiz:",
                format_func=_ACTS.__getitem__,
                width="content",
            )
            if chosen == "change":
                start_part(desk, index)
                ask_for_part(scope, desk)
            elif chosen == "remove":
                _remove(desk, index)


def _draw_target(desk: Desk, part: Dependency, found: Resolved) -> None:
    if found.target is None:
        reason = found.error.message if found.error else ""
        st.markdown(
            f"**{plain(part.prompt_id)}** {plain(part.version)} "
            f":red-badge[:material/error: missing] :small[{plain(reason)}]"
        )
        return
    prompt, version = found.target
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            page_path("editor"),
            label=f"**{plain(prompt.name)}**",
            query_params={
                "prompt": prompt.prompt_id,
                "application": str(desk.opened.prompt.application_id),
                "version": version.version,
            },
            width="content",
        )
        badges = "" if version.is_published else " :gray-badge[:material/edit_note: Draft]"
        badges += "" if prompt.is_active else " :gray-badge[:material/archive: Inactive]"
        st.markdown(f"{say_selector(part.version, version.version)}{badges}", width="content")


def say_selector(selector: str, number: str) -> str:
    """Return what a selector means now: "latest → 1.2.0", or the number alone."""
    name = selector.removeprefix("label:")
    return number if name == number else f"{plain(name)} → {number}"


def _say_use(part: Dependency) -> str:
    match part.dependency_type:
        case "include":
            return f"printed by `{{{{ {part.include_name} }}}}`"
        case "system_prompt":
            return "its text stands before this system prompt"
        case "metaprompt":
            return "its text stands before this metaprompt when a model rewrites it"
        case "guardrail":
            return "its checks count as well"


def _remove(desk: Desk, index: int) -> None:
    desk.collect()
    gone = desk.copy.dependencies[index]
    kept = desk.copy.dependencies
    desk.copy.dependencies = (*kept[:index], *kept[index + 1 :])
    st.toast(f"Removed {plain(gone.prompt_id)}. It counts once you save.")
    st.rerun(scope="fragment")


def _tell_dependents(desk: Desk, dependents: Sequence[Dependent]) -> None:
    version = desk.opened.version
    if not dependents or version is None:
        return
    st.markdown(
        f"**Used by** :small[:gray[{counted(len(dependents), 'version')} "
        f"made of {version.version}]]"
    )
    with st.container(horizontal=True, gap="small"):
        for one in dependents[:MOST_SHOWN]:
            st.page_link(
                page_path("editor"),
                label=f"{plain(one.prompt.name)} {one.version.version}",
                icon=":material/account_tree:",
                query_params={
                    "prompt": one.prompt.prompt_id,
                    "application": str(one.prompt.application_id),
                    "version": one.version.version,
                },
                width="content",
            )
    if len(dependents) > MOST_SHOWN:
        st.caption(f"and {len(dependents) - MOST_SHOWN:,} more")
