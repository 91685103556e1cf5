"""Own the view of one comparison: its choices, its cards, its summary, and what to do with it."""

from typing import Literal, get_args

import streamlit as st
from bson import ObjectId
from streamlit.delta_generator import DeltaGenerator

from core.documents import Comparison
from core.errors import NotFound
from core.execution.comparison_report import report_comparison
from core.execution.comparisons import (
    ComparisonChanges,
    delete_comparison,
    rename_comparison,
)
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.compare.address import OPENED, address_of, leave
from streamlit_app.components.compare.blind import unrated
from streamlit_app.components.compare.export import offer_export
from streamlit_app.components.compare.grid import again, grid
from streamlit_app.components.compare.live import LiveComparisons
from streamlit_app.components.compare.opened import (
    BLIND,
    DIFFERENCES,
    INPUT,
    REPETITION,
    Opened,
)
from streamlit_app.components.compare.summary import summary
from streamlit_app.components.confirm import confirm
from streamlit_app.components.once import once
from streamlit_app.components.title_row import title_row
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted, plain

Act = Literal["rename", "delete"]
_ACTS = {"rename": "Rename...", "delete": "Delete..."}
REFRESH_SECONDS = 2.0


def look(scope: Scope, key: ObjectId | str, runs: LiveComparisons) -> None:
    """Draw the comparison that the address names, or say why it can't be shown."""
    if not isinstance(key, ObjectId):
        _refuse(NotFound("comparison", key))
        return
    try:
        report = bridge.run(report_comparison(scope, key))
    except NotFound as error:
        _refuse(error)
        return
    opened = Opened(scope, report, runs.running.get(key))
    actions = title_row("Compare")
    with actions:
        _acts(opened, runs)
    _describe(opened)
    _choose(opened)
    grid(opened, runs)
    if opened.runs_elsewhere:
        _watch(scope, key, sum(column.running for column in report.columns))
    summary(opened)


def _refuse(error: NotFound) -> None:
    title_row("Compare")
    problem.show(error, title="This comparison can't be shown.")
    st.caption(
        "It was deleted, or it is of an application that you are no member of. "
        "Ask whoever sent you the link."
    )
    st.button("All comparisons", key="compare_back", on_click=leave, args=(OPENED,))


def _describe(opened: Opened) -> None:
    made = opened.comparison
    who = plain(made.created_by.partition(":")[2] or made.created_by).replace("@", "\u2060@")
    size = [
        counted(len(made.columns), "column"),
        counted(len(made.inputs), "input"),
        f"{made.repetitions} times each" if made.repetitions > 1 else "",
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Saved",
            key="compare_saved",
            type="tertiary",
            icon=":material/arrow_back:",
            help="All comparisons of this application",
            on_click=_to_saved,
            args=(made.application_id,),
        )
        st.markdown(f"**{plain(made.name)}**", width="content")
        st.caption(
            " · ".join(filter(None, [*size, who, ago(made.created_at)])),
            help=exact(made.created_at),
            width="content",
        )


def _to_saved(application_id: ObjectId) -> None:
    leave(OPENED)
    st.query_params["application"] = str(application_id)


def _choose(opened: Opened) -> None:
    made = opened.comparison
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(made.inputs) > 1:
            st.caption("Input", width="content")
            st.pagination(len(made.inputs), key=INPUT, bind="query-params")
        if made.repetitions > 1:
            st.caption("Repetition", width="content")
            st.pagination(made.repetitions, key=REPETITION, bind="query-params")
        values = made.inputs[opened.at]
        if values:
            first = str(next(iter(values.values())))[:40].replace("\n", " ")
            with st.popover(plain(f"Input: {first}"), icon=":material/input:"):
                for name, value in values.items():
                    st.markdown(f":small[:gray[{plain(name)}]]  \n{plain(str(value)[:2000])}")
        if len(made.columns) > 1 and not opened.runs:
            _ask_differences(opened)


def _ask_differences(opened: Opened) -> None:
    names = [opened.title(column, opened.answer(column))[0] for column in range(len(opened.names))]
    key = "compare_differences"
    st.session_state[key] = opened.base
    st.selectbox(
        "Differences",
        range(len(names)),
        index=None,
        key=key,
        format_func=lambda column: f"Differences from {names[int(column)]}",
        placeholder="Show differences from ...",
        label_visibility="collapsed",
        on_change=_write_differences,
        args=(key,),
        width=290,
        help="Words that the other answers add are tinted; what they leave out is struck through.",
    )


def _write_differences(key: str) -> None:
    chosen: int | None = st.session_state[key]
    leave((DIFFERENCES,))
    if chosen is not None:
        st.query_params[DIFFERENCES] = str(chosen + 1)


def _acts(opened: Opened, runs: LiveComparisons) -> None:
    _blind_switch(opened)
    if not opened.is_blind and not opened.runs:
        offer_export(opened)
    if not opened.can_edit:
        st.caption("Running and rating need the role editor.", width="content")
        return
    if not opened.runs:
        _more(opened)
    _primary(opened, runs)


def _blind_switch(opened: Opened) -> None:
    left = unrated(opened.scope, opened.report)
    st.toggle(
        "Blind",
        key=BLIND,
        bind="query-params",
        help="Hides names and figures and shuffles the answers until you have rated all "
        f"({counted(left, 'answer')} to rate).",
    )


def _primary(opened: Opened, runs: LiveComparisons) -> None:
    if opened.runs and opened.live is not None:
        st.button(
            "Stop",
            key="compare_stop",
            type="primary",
            icon=":material/stop:",
            shortcut="Esc",
            on_click=opened.live.stop,
        )
        st.empty()  # in the place of what stood here before, which would linger till the end
        return
    missing = sum(len(opened.missing(column)) for column in range(len(opened.comparison.columns)))
    if missing and any(column.succeeded for column in opened.report.columns):
        st.button(
            f"Run the {missing} left",
            key="compare_rest",
            icon=":material/replay:",
            help="Runs what has no answer yet; what has been answered stays.",
            on_click=again,
            args=(opened, runs, list(range(len(opened.comparison.columns)))),
        )
    prompts = {column.prompt_id for column in opened.comparison.columns}
    if len(prompts) == 1 and (prompt_id := prompts.pop()):
        st.button(
            "Set up again",
            key="compare_setup_again",
            type="primary",
            icon=":material/tune:",
            help="Opens these columns to change them or to run them on other inputs. "
            "That makes another comparison; this one stays.",
            on_click=_set_up_again,
            args=(opened.comparison, prompt_id),
        )


def _set_up_again(made: Comparison, prompt_id: str) -> None:
    leave(OPENED)
    for name, value in address_of(prompt_id, made.application_id, made.columns).items():
        st.query_params[name] = value


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
    _to_saved(made.application_id)
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


@st.fragment(run_every=REFRESH_SECONDS)
def _watch(scope: Scope, key: ObjectId, running: int) -> None:
    """Run the page again when answers of somebody else's run have come."""
    place: DeltaGenerator = st.empty()
    place.caption(f":material/progress_activity: {counted(running, 'answer')} on the way")
    report = bridge.run(report_comparison(scope, key))
    if sum(column.running for column in report.columns) != running:
        st.rerun()
