"""Own the choice of a saved example, and keeping, renaming and deleting examples."""

from collections.abc import Callable, Coroutine
from typing import Any

import streamlit as st
from bson import ObjectId

from core.documents import Example
from core.errors import AlreadyExists, NotFound
from core.prompts.examples import (
    NewExample,
    delete_example,
    get_examples,
    rename_example,
    save_example,
)
from core.values.fields import RequiredField
from core.values.scope import RANK, Scope
from streamlit_app import bridge
from streamlit_app.components import problem, toasts
from streamlit_app.components.confirm import confirm
from streamlit_app.components.focus import focus_first_field
from streamlit_app.components.once import Press, once, press_of
from streamlit_app.components.run_target import Target
from streamlit_app.components.variables_form import fill_in, read_values
from streamlit_app.formats import plain

PARAMETER = "example"
_RENAME, _DELETE = "Rename...", "Delete..."


def examples_bar(scope: Scope, target: Target, fields: list[RequiredField]) -> None:
    """Draw the examples of the prompt, if it has some; for editors with the ways to change them."""
    if not fields:
        return
    _offer_undo(scope, target)
    if not target.examples:
        return
    act = None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = _choose(scope, target, fields)
        if chosen and _writes(scope, target):
            act = st.menu_button(
                "More",
                [_RENAME, _DELETE],
                key="example_more",
                icon=":material/more_horiz:",
                type="tertiary",
            )
    if act == _RENAME and chosen:
        _ask_to_rename(scope, target, chosen.key, chosen.name)
    elif act == _DELETE and chosen:
        _ask_to_delete(scope, target, chosen.key, chosen.name)


def offer_to_save(scope: Scope, target: Target, fields: list[RequiredField]) -> None:
    """Offer to keep what stands in the form as an example, to editors."""
    if not fields or not _writes(scope, target):
        return
    if st.button("Save as example...", key="example_save", type="tertiary", icon=":material/save:"):
        chosen = st.session_state.get(f"example_{target.owner}")
        names = (one.name for one in target.examples if str(one.key) == chosen)
        _ask_to_save(scope, target, fields, next(names, ""))


def _writes(scope: Scope, target: Target) -> bool:
    return RANK[scope.role_in(target.prompt.application_id) or "viewer"] >= RANK["editor"]


def fill_from_address(scope: Scope, target: Target, fields: list[RequiredField]) -> bool:
    """Fill the form with the example that the address names, once; return whether it did so ever.

    What an address names and is not there any more is left out of it.
    """
    asked = st.query_params.get(PARAMETER, "")
    if not ObjectId.is_valid(asked):
        return False
    filled = f"example_filled_{target.owner}"
    if st.session_state.get(filled) != asked:
        st.session_state[filled] = asked
        _pick(target, ObjectId(asked))
        _fill(scope, target, fields, ObjectId(asked))
    return PARAMETER in st.query_params


def _choose(scope: Scope, target: Target, fields: list[RequiredField]) -> Any:
    names = {str(example.key): example for example in target.examples}
    key, picked = f"example_{target.owner}", f"example_pick_{target.owner}"
    if picked in st.session_state:
        st.session_state[key] = st.session_state.pop(picked)
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    chosen: str | None = st.selectbox(
        "Example",
        list(names),
        index=None,
        key=key,
        format_func=lambda one: names[str(one)].name if str(one) in names else str(one),
        placeholder=f"Choose one of {len(names)}" if len(names) > 1 else "Choose",
        on_change=_take,
        args=(scope, target, fields, key),
        persist_state="session",
    )
    return names.get(chosen) if chosen else None


def _take(scope: Scope, target: Target, fields: list[RequiredField], key: str) -> None:
    chosen: str | None = st.session_state[key]
    if chosen is None:
        st.query_params.pop(PARAMETER, None)
        return
    st.query_params[PARAMETER] = chosen
    st.session_state[f"example_filled_{target.owner}"] = chosen
    _fill(scope, target, fields, ObjectId(chosen))


def _fill(scope: Scope, target: Target, fields: list[RequiredField], example_id: ObjectId) -> None:
    found = bridge.run(get_examples(scope, target.prompt, [example_id]))
    if not found:
        st.query_params.pop(PARAMETER, None)
        toasts.add("That example is not there any more.")
        return
    fill_in(fields, found[0].values, owner=target.owner)


def _pick(target: Target, example_id: ObjectId) -> None:
    """Choose an example in the next run; its box may have been drawn in this one."""
    st.session_state[f"example_pick_{target.owner}"] = str(example_id)


@st.dialog("Save as example", icon=":material/save:")
def _ask_to_save(scope: Scope, target: Target, fields: list[RequiredField], suggested: str) -> None:
    st.caption("The values of the form, for everybody who works on this prompt.")
    st.text_input(
        "Name",
        suggested,
        key="example_name",
        max_chars=200,
        placeholder="e.g. Two speakers, much noise",
    )

    def save(*, replace: bool) -> Coroutine[Any, Any, Example]:
        new = NewExample(
            name=st.session_state["example_name"],
            values=read_values(fields, owner=target.owner),
        )
        return save_example(scope, target.prompt, new, replace=replace)

    buttons = st.container(horizontal=True, horizontal_alignment="right")
    press = press_of("example_store", Example)
    if isinstance(press.error, AlreadyExists):
        words = f"**{plain(press.error.key)}** exists. Save under another name, or replace it."
        st.markdown(words)
        with buttons:
            over = _once("Replace its values", lambda: save(replace=True), key="example_replace")
        saved = over.take()
        if over.error:
            problem.show(over.error)
    else:
        saved = None
        if press.error:
            problem.show(press.error)
    with buttons:
        _once("Save example", lambda: save(replace=False), key="example_store")
    saved = press.take() or saved
    if saved is not None:
        press.error = None
        _pick(target, saved.key)
        st.rerun()
    focus_first_field("example_focus")


def _once(
    label: str, operation: Callable[[], Coroutine[Any, Any, Example]], *, key: str
) -> Press[Example]:
    return once(
        label,
        operation,
        key=key,
        type="primary" if key == "example_store" else "secondary",
        done=lambda saved: f"Saved the example {plain(saved.name)}.",
    )


@st.dialog("Rename example", icon=":material/edit:")
def _ask_to_rename(scope: Scope, target: Target, example_id: ObjectId, name: str) -> None:
    st.text_input("Name", name, key="example_new_name", max_chars=200)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="example_rename_cancel", type="tertiary"):
            st.rerun()
        press = once(
            "Rename",
            lambda: rename_example(
                scope, target.prompt, example_id, st.session_state["example_new_name"]
            ),
            key="example_rename",
            type="primary",
            done=lambda renamed: f"Renamed to {plain(renamed.name)}.",
        )
    if press.error:
        problem.show(press.error)
    if press.take() is not None:
        st.rerun()
    focus_first_field("example_rename_focus")


def _ask_to_delete(scope: Scope, target: Target, example_id: ObjectId, name: str) -> None:
    async def delete() -> Example | None:
        try:
            return await delete_example(scope, target.prompt, example_id)
        except NotFound:  # somebody else was quicker
            return None

    def tell(deleted: Example | None) -> str:
        st.session_state[_deleted(target)] = deleted
        return f"Deleted the example {plain(name)}."

    confirm(
        "Delete example",
        f"**{plain(name)}** goes for everybody who works on this prompt. You can undo it until you "
        "leave this browser tab.",
        verb="Delete example",
        operation=delete,
        key="example_delete",
        done=tell,
    )


def _offer_undo(scope: Scope, target: Target) -> None:
    """Offer to have the example back that was deleted last."""
    deleted: Example | None = st.session_state.get(_deleted(target))
    if deleted is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"Deleted the example {plain(deleted.name)}.", width="content")
        press = once(
            "Undo",
            lambda: save_example(
                scope, target.prompt, NewExample(name=deleted.name, values=deleted.values)
            ),
            key="example_undo",
            type="tertiary",
            icon=":material/undo:",
            done=lambda saved: f"{plain(saved.name)} is back.",
        )
    if press.error:
        problem.show(press.error)
    saved = press.take()
    if saved is not None:
        st.session_state.pop(_deleted(target))
        _pick(target, saved.key)
        st.rerun()


def _deleted(target: Target) -> str:
    return f"example_deleted_{target.owner}"
