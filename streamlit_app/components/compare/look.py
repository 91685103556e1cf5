"""Own the view of one comparison: its choices, its cards, its summary, and what to do with it."""

import streamlit as st
from bson import ObjectId
from streamlit.delta_generator import DeltaGenerator

from core.errors import NotFound
from core.values.scope import Scope
from streamlit_app.components import problem
from streamlit_app.components.compare.acts import comparison_acts, to_saved
from streamlit_app.components.compare.address import OPENED, leave
from streamlit_app.components.compare.blind import letter, to_rate
from streamlit_app.components.compare.grid import grid
from streamlit_app.components.compare.live import LiveComparisons
from streamlit_app.components.compare.opened import (
    DIFFERENCES,
    INPUT,
    REPETITION,
    Opened,
    load_report,
)
from streamlit_app.components.compare.summary import summary
from streamlit_app.components.people import actor_of
from streamlit_app.components.title_row import title_row
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted, plain

REFRESH_SECONDS = 2.0


def look(scope: Scope, key: ObjectId | str, runs: LiveComparisons) -> None:
    """Draw the comparison that the address names, or say why it can't be shown."""
    if not isinstance(key, ObjectId):
        _refuse(NotFound("comparison", key))
        return
    live = runs.running.get(key)
    is_running = live is not None and not live.is_over
    try:
        report = load_report(scope, key)
    except NotFound as error:
        _refuse(error)
        return
    opened = Opened(scope, report, live, is_running)
    actions = title_row("Compare")
    with actions:
        comparison_acts(opened, runs)
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
    who = actor_of(made.created_by)
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
            on_click=to_saved,
            args=(made.application_id,),
        )
        st.markdown(f"**{plain(made.name)}**", width="content")
        st.caption(
            " · ".join(filter(None, [*size, who, ago(made.created_at)])),
            help=exact(made.created_at),
            width="content",
        )


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
        if opened.is_blind and not opened.runs and opened.can_edit:
            _lead_to_next(opened)


def _lead_to_next(opened: Opened) -> None:
    """Say how much of a blind comparison is rated, and lead to what is not."""
    left = list(to_rate(opened.scope, opened.report))
    total = sum(column.succeeded for column in opened.report.columns)
    st.caption(f"{total - len(left)} of {counted(total, 'answer')} rated", width="content")
    here = (opened.at, opened.repetition)
    others = sorted({cell.position[1:] for cell in left} - {here})
    if others:
        later = [place for place in others if place > here]
        st.button(
            "Next to rate",
            key="compare_next",
            icon=":material/arrow_forward:",
            on_click=_go_to,
            args=((later or others)[0],),
        )


def _go_to(place: tuple[int, int]) -> None:
    for key, at in zip((INPUT, REPETITION), place, strict=True):
        if key in st.session_state:
            st.session_state[key] = at + 1


def _ask_differences(opened: Opened) -> None:
    """Offer to tell the answers from one of them; the cards' order, which also hides names."""
    order = opened.order()
    names = {
        column: opened.title(column, opened.answer(column))[0] or f"column {column + 1}"
        for column in order
    }
    key = "compare_differences"
    st.session_state[key] = opened.base
    st.selectbox(
        "Differences",
        order,
        index=None,
        key=key,
        format_func=lambda column: f"Differences from {names[int(column)]}",
        placeholder="Show differences from ...",
        label_visibility="collapsed",
        on_change=_write_differences,
        args=(key, order if opened.is_blind else None),
        width=290,
        help="Words that the other answers add are tinted; what they leave out is struck through.",
    )


def _write_differences(key: str, order: list[int] | None) -> None:
    chosen: int | None = st.session_state[key]
    leave((DIFFERENCES,))
    if chosen is not None:
        place = letter(order.index(chosen))[-1] if order else str(chosen + 1)
        st.query_params[DIFFERENCES] = place


@st.fragment(run_every=REFRESH_SECONDS)
def _watch(scope: Scope, key: ObjectId, running: int) -> None:
    """Run the page again when answers of somebody else's run have come."""
    place: DeltaGenerator = st.empty()
    place.caption(f":material/progress_activity: {counted(running, 'answer')} on the way")
    report = load_report(scope, key)
    if sum(column.running for column in report.columns) != running:
        st.rerun()
