"""Own what can be done with a comparison that is looked at: the right side of its title row."""

from typing import Literal, get_args

import streamlit as st
from bson import ObjectId

from core.documents import Comparison
from core.execution.comparisons import ComparisonChanges, delete_comparison, rename_comparison
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.compare.address import OPENED, address_of, leave
from streamlit_app.components.compare.export import offer_export
from streamlit_app.components.compare.grid import again
from streamlit_app.components.compare.live import LiveComparisons
from streamlit_app.components.compare.opened import BLIND, Opened
from streamlit_app.components.confirm import confirm
from streamlit_app.components.focus import focus_first_field
from streamlit_app.components.once import once, press_of
from streamlit_app.formats import plain

Act = Literal["rename", "delete"]
_ACTS = {"rename": "Rename...", "delete": "Delete..."}
RUN, REST = "compare_run", "compare_rest"


def blind_switch() -> None:
    """Draw the switch that hides names; also before a run, so that none is ever seen."""
    st.toggle(
        "Blind",
        key=BLIND,
        bind="query-params",
        help="Hides names and figures and shuffles the answers until you have rated all.",
    )


def comparison_acts(opened: Opened, runs: LiveComparisons) -> None:
    """Draw what can be done now.

    What stood here before a run keeps its place while it runs: a button that goes would stay on
    the page, greyed, until the run is over.
    """
    live = opened.live
    blind_switch()
    if not opened.is_blind and not opened.runs:
        offer_export(opened)
    if not opened.can_edit:
        st.caption("Running and rating need the role editor.", width="content")
        return
    if not opened.runs:
        _more(opened)
    if live is not None and opened.runs:
        _stop(opened, key=REST if live.is_continued else RUN)
        if live.is_continued:
            _offer_set_up(opened)
        return
    _offer_rest(opened, runs)
    _offer_set_up(opened)


def _stop(opened: Opened, *, key: str) -> None:
    if opened.live is not None:
        st.button(
            "Stop",
            key=key,
            type="primary",
            icon=":material/stop:",
            shortcut="Esc",
            on_click=opened.live.stop,
        )


def _offer_rest(opened: Opened, runs: LiveComparisons) -> None:
    columns = list(range(len(opened.comparison.columns)))
    missing = sum(len(opened.missing(column)) for column in columns)
    if not missing:
        return
    has_some = any(column.cells for column in opened.report.columns)
    st.button(
        f"Run the {missing} left" if has_some else f"Run all {missing}",
        key=REST,
        icon=":material/replay:",
        help="Runs what has no answer yet; what has been answered stays.",
        on_click=again,
        args=(opened, runs, columns),
    )


def _offer_set_up(opened: Opened) -> None:
    made = opened.comparison
    prompts = {column.prompt_id for column in made.columns}
    if len(prompts) == 1 and (prompt_id := prompts.pop()):
        st.button(
            "Set up again",
            key="compare_setup_again",
            type="secondary" if opened.runs else "primary",
            icon=":material/tune:",
            disabled=opened.runs,
            help="Opens these columns to change them or to run them on other inputs. "
            "That makes another comparison; this one stays.",
            on_click=_set_up_again,
            args=(made, prompt_id),
        )


def _set_up_again(made: Comparison, prompt_id: str) -> None:
    press_of(RUN, Comparison).settle()
    leave(OPENED)
    for name, value in address_of(prompt_id, made.application_id, made.columns).items():
        st.query_params[name] = value


def to_saved(application_id: ObjectId) -> None:
    """Leave the comparison for the list of its application; for callbacks."""
    press_of(RUN, Comparison).settle()
    leave(OPENED)
    st.query_params["application"] = str(application_id)


def _more(opened: Opened) -> None:
    chosen: Act | None = st.menu_button(
        "More",
        get_args(Act),
        key="compare_more",
        type="tertiary",
        icon=":material/more_horiz:",
        format_func=_ACTS.__getitem__,
    )
    scope, made = opened.scope, opened.comparison
    if chosen == "rename":
        ask_for_name(scope, made)
    elif chosen == "delete":
        confirm(
            "Delete this comparison",
            f"**{plain(made.name)}** goes for everybody, and its link with it. "
            "The executions stay in the log. It can't be undone.",
            verb="Delete it",
            operation=lambda: delete_comparison(scope, made),
            key="compare_delete",
            done=lambda _: _after_deletion(made),
        )


def _after_deletion(made: Comparison) -> str:
    to_saved(made.application_id)
    return f"Deleted {plain(made.name)}."


@st.dialog("Rename", icon=":material/edit:")
def ask_for_name(scope: Scope, made: Comparison) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""
    st.text_input("Name", made.name, key="compare_name", max_chars=200)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="compare_name_cancel", type="tertiary"):
            st.rerun()
        press = once(
            "Save name",
            lambda: rename_comparison(
                scope, made, ComparisonChanges(name=st.session_state["compare_name"])
            ),
            key="compare_rename",
            done=lambda after: f"Renamed to {plain(after.name)}.",
            type="primary",
        )
    if press.error:
        problem.show(press.error)
    if press.take() is not None:
        st.rerun()
    focus_first_field("compare_name_focus")
