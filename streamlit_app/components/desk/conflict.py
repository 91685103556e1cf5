"""Own what is shown when somebody else saved the version that is being edited."""

from collections.abc import Sequence

import streamlit as st

from core.errors import Invalid
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.desk.merge import Item, Side, list_items, merge
from streamlit_app.components.desk.saving import forget_errors, saving, say_outcome
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.desk.working_copy import WorkingCopy
from streamlit_app.components.once import once
from streamlit_app.components.when import moment
from streamlit_app.editor import merge_view
from streamlit_app.formats import counted, plain

SIDES: dict[Side, str] = {"theirs": "Theirs", "yours": "Yours", "both": "Both"}
TEXT_HEIGHT = 220
LONGEST = 80


def conflict_panel(scope: Scope, desk: Desk) -> None:
    """Show what differs and let the person choose by field; nothing while there is no conflict."""
    theirs = desk.theirs
    if theirs is None:
        return
    with st.container(border=True, key="conflict"):
        try:
            items = list_items(theirs.body, desk.copy.readable(), desk.opened.stored_body)
        except Invalid as error:
            problem.show(error)
            items = []
        what = "was published" if theirs.is_published else "changed"
        st.markdown(
            f":orange[:material/warning:] **{theirs.version} {what} while you were editing** "
            f"({moment(theirs.updated_at)}, {counted(len(items), 'difference')}). "
            "Keep yours, take theirs, or choose by field."
        )
        for item in items:
            _ask(desk, item)
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.button("Take theirs", key="take_theirs", on_click=_take, args=(desk,))
            if theirs.is_published:
                st.button("Keep yours", key="keep_mine", on_click=_rebase, args=(desk,))
                if items:
                    st.button(
                        "Use as picked", key="merge", on_click=_use_picked, args=(desk, items)
                    )
            else:
                _keep_mine(scope, desk)
                if items:
                    _save_picked(scope, desk, items)


def _ask(desk: Desk, item: Item) -> None:
    sides = [side for side in SIDES if side != "both" or item.both is not None]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(item.title)}**", width=150)
        picked = st.segmented_control(
            f"{item.title}: which",
            sides,
            default=item.suggested,
            required=True,
            format_func=SIDES.__getitem__,
            key=_pick_key(desk, item),
            label_visibility="collapsed",
            width="content",
        )
        if not item.is_text:
            st.markdown(
                f":small[:gray[Theirs] {plain(_short(item.theirs))} · "
                f":gray[yours] {plain(_short(item.yours))}]",
                width="stretch",
            )
    if item.is_text:
        joined = item.both if picked == "both" else None
        merge_view(
            item.theirs,
            item.yours if joined is None else joined,
            key=desk.key(f"conflict_{item.key}"),
            height=TEXT_HEIGHT,
            old_title="Theirs",
            new_title="Yours" if joined is None else "Both: theirs with your edits",
        )


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"


def _pick_key(desk: Desk, item: Item) -> str:
    return desk.key(f"pick_{item.key}")


def _save_picked(scope: Scope, desk: Desk, items: Sequence[Item]) -> None:
    def operation():  # noqa: ANN202  # the coroutine of `saving`
        _use_picked(desk, items)
        return saving(scope, desk)

    press = once("Save as picked", operation, key="merge", done=say_outcome)
    if press.error:
        problem.show(press.error)
    if press.take() is not None:
        st.rerun()


def _use_picked(desk: Desk, items: Sequence[Item]) -> None:
    """Put the text with every choice on the desk, on top of what they stored."""
    if desk.theirs is None:
        return
    desk.collect()
    picked: dict[str, tuple[Item, Side]] = {
        item.key: (item, st.session_state.get(_pick_key(desk, item), item.suggested))
        for item in items
    }
    merged = merge(desk.theirs.body, desk.copy.body(), picked)
    desk.replace(WorkingCopy.of_body(merged))
    _rebase(desk)


def _keep_mine(scope: Scope, desk: Desk) -> None:
    def operation():  # noqa: ANN202  # the coroutine of `saving`
        _rebase(desk)
        return saving(scope, desk)

    press = once("Keep yours", operation, key="keep_mine", done=say_outcome)
    if press.error:
        problem.show(press.error)
    if press.take() is not None:
        st.rerun()


def _take(desk: Desk) -> None:
    if desk.theirs is None:
        return
    desk.opened = desk.opened._replace(version=desk.theirs)
    desk.replace(WorkingCopy.of_body(desk.theirs.body))
    desk.theirs = desk.restored_at = None
    forget_errors()


def _rebase(desk: Desk) -> None:
    """Let the next save start from what they stored, so that it replaces it knowingly."""
    if desk.theirs is not None:
        desk.opened = desk.opened._replace(version=desk.theirs)
        desk.theirs = None
        forget_errors()
