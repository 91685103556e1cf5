"""Own the dialog that adds a part to a version or changes one: how, of which prompt, which one."""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic import ValidationError

from core.documents import Prompt
from core.errors import Invalid
from core.prompts.catalogue import get_prompt
from core.prompts.composition import check_dependencies
from core.prompts.versions import list_versions
from core.values.body import check_distinct_names
from core.values.dependency import Dependency, DependencyConfig
from core.values.scope import Scope
from prompthub.wire.literals import DependencyType
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.once import once
from streamlit_app.components.prompt_picker import Found, prompt_search
from streamlit_app.formats import plain

KINDS: dict[DependencyType, tuple[str, str]] = {
    "include": ("notes", "Included text"),
    "system_prompt": ("badge", "System prompt"),
    "metaprompt": ("auto_awesome", "Metaprompt"),
    "guardrail": ("shield", "Checks"),
}
LISTED_VERSIONS = 50
_STATE = "part_form"


@dataclass
class PartForm:
    """What is being chosen; `index` is the part that is changed, None for a new one."""

    index: int | None = None
    kept: Dependency | None = None
    prompt_id: str | None = None


def start_part(desk: Desk, index: int | None = None) -> None:
    """Begin with a new part, or with the one at `index`."""
    kept = None if index is None else desk.copy.dependencies[index]
    for key in ("part_kind", "part_version", "part_name"):
        st.session_state.pop(key, None)
    st.session_state[_STATE] = PartForm(index, kept, kept.prompt_id if kept else None)


@st.dialog("A part of another prompt", icon=":material/account_tree:")
def ask_for_part(scope: Scope, desk: Desk) -> None:
    """Open the dialog; call it after `start_part`, in the run of the click that asks for it."""
    form: PartForm = st.session_state[_STATE]
    kind = _ask_kind(form)
    if form.prompt_id is None:
        st.markdown(":small[Of which prompt]")
        prompt_search(
            scope, key="part_prompt", on_pick=_pick, within=desk.opened.prompt.application_id
        )
        return
    prompt = bridge.run(get_prompt(scope, form.prompt_id, desk.opened.prompt.application_id))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Of **{plain(prompt.name)}**", width="content")
        st.button("Another prompt", key="part_other", type="tertiary", on_click=_pick_again)
    _ask_version(scope, prompt, form)
    if kind == "include":
        _ask_name(prompt, form)
    _offer(scope, desk, form, prompt)


def _pick(found: Found) -> None:
    st.session_state[_STATE].prompt_id = found.prompt_id
    st.session_state.pop("part_version", None)


def _pick_again() -> None:
    st.session_state[_STATE].prompt_id = None


def _ask_kind(form: PartForm) -> DependencyType:
    usual: DependencyType = form.kept.dependency_type if form.kept else "include"
    kinds: list[DependencyType] = list(KINDS)
    chosen: DependencyType | None = st.segmented_control(
        "What is used of it",
        kinds,
        default=usual,
        required=True,
        format_func=lambda kind: KINDS[kind][1],
        key="part_kind",
        help="An included text is printed where the text names it. A system prompt or metaprompt "
        "stands before the own one. Of checks the strictest count.",
    )
    return chosen or usual


def _ask_version(scope: Scope, prompt: Prompt, form: PartForm) -> None:
    options = _selectors(scope, prompt)
    chosen = form.kept.version if form.kept and form.kept.prompt_id == prompt.prompt_id else None
    if chosen and chosen not in options:
        options[chosen] = chosen
    names = list(options)
    st.selectbox(
        "Version",
        names,
        index=names.index(chosen) if chosen else 0,
        key="part_version",
        format_func=lambda name: options.get(str(name), str(name)),
        accept_new_options=True,
        placeholder="It has no version yet",
        help="A draft follows latest and labels as they move; publishing fixes them to a number.",
    )


def _selectors(scope: Scope, prompt: Prompt) -> dict[str, str]:
    versions = bridge.run(list_versions(scope, prompt, skip=0, limit=LISTED_VERSIONS)).items
    options: dict[str, str] = {}
    if prompt.current_version:
        options["latest"] = f"latest → {prompt.current_version}"
    options |= {f"label:{name}": f"{name} → {number}" for name, number in prompt.labels.items()}
    return options | {
        one.version: one.version if one.is_published else f"{one.version} · draft"
        for one in versions
    }


def _ask_name(prompt: Prompt, form: PartForm) -> None:
    usual = prompt.prompt_id.replace("-", "_")
    st.text_input(
        "Name in the text",
        (form.kept.config.name or "") if form.kept else "",
        key="part_name",
        max_chars=64,
        placeholder=usual,
        help=f"Write it between braces where the text belongs: {{{{ {usual} }}}}",
    )


def _offer(scope: Scope, desk: Desk, form: PartForm, prompt: Prompt) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="part_cancel", type="tertiary"):
            st.rerun()
        press = once(
            "Add the part" if form.index is None else "Change the part",
            lambda: _take(scope, desk, form, prompt),
            key="part_take",
            done=_say_taken,
            type="primary",
        )
    if press.error:
        problem.show(press.error)
    if press.take() is not None:
        st.rerun()


def _say_taken(part: Dependency) -> str:
    if part.dependency_type == "include":
        return f"Write {{{{ {part.include_name} }}}} in the text where it belongs."
    return f"{KINDS[part.dependency_type][1]} of {plain(part.prompt_id)} is used once you save."


def _take(
    scope: Scope, desk: Desk, form: PartForm, prompt: Prompt
) -> Coroutine[Any, Any, Dependency]:
    desk.collect()
    kind: DependencyType = st.session_state.get("part_kind") or "include"
    name = str(st.session_state.get("part_name", "")).strip() if kind == "include" else ""
    version = st.session_state.get("part_version")
    if not version:
        raise Invalid(
            f"{prompt.name} has no version yet.", field="version", remedy="Save one there first."
        )
    try:
        part = Dependency(
            dependency_type=kind,
            prompt_id=prompt.prompt_id,
            version=str(version).strip(),
            config=DependencyConfig(name=name or None),
        )
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][-1])
        remedy = {
            "name": "Use letters, digits and _, beginning with a letter.",
            "version": "Pick one, or type a number such as 1.2.0, latest or label:production.",
        }.get(field, "")
        raise Invalid(f"The {field} can't be used.", field=field, remedy=remedy) from None
    return _store(scope, desk, form, part)


async def _store(scope: Scope, desk: Desk, form: PartForm, part: Dependency) -> Dependency:
    opened = desk.opened
    scope.require(
        "editor", opened.prompt.application_id, kind="prompt", key=opened.prompt.prompt_id
    )
    parts = list(desk.copy.dependencies)
    if form.index is None:
        parts.append(part)
    else:
        parts[form.index] = part
    body = desk.copy.readable().model_copy(update={"dependencies": tuple(parts)})
    check_distinct_names(body)
    number = opened.version.version if opened.is_draft and opened.version else None
    await check_dependencies(opened.prompt, body, number)
    desk.copy.dependencies = tuple(parts)
    return part
