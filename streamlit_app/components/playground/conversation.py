"""Own how the conversation of the playground is drawn: each turn, and what can be said next."""

import streamlit as st
from bson import ObjectId
from streamlit.delta_generator import DeltaGenerator

from core.execution.log import get_execution
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.answer_text import answer_markdown
from streamlit_app.components.badges import status_badge
from streamlit_app.components.execution_card import figures_line
from streamlit_app.components.live_run import LiveRun
from streamlit_app.components.playground.panel import Panel
from streamlit_app.components.playground.rating import rate_answer
from streamlit_app.components.playground.turns import Ended, Turn
from streamlit_app.components.sent_messages import sent_messages
from streamlit_app.formats import counted, duration
from streamlit_app.navigation import page_path

PERSON, MODEL = ":material/person:", ":material/smart_toy:"


def conversation(scope: Scope, panel: Panel, *, drawn: tuple[int, bool], may_run: bool) -> None:
    """Draw all turns, following the last one while its answer arrives; then the page runs again.

    `drawn` is what the page says of it so far: the panel's number, and whether an answer was
    arriving. A quick one is over before its turn is drawn; without another run, Stop would stay.
    """
    if panel.error and panel.draft is None:
        problem.show(panel.error)
    if not panel.turns:
        with st.container(border=True):
            st.caption("The answer appears here. You can go on talking to it.")
        return
    running: tuple[LiveRun, DeltaGenerator, DeltaGenerator] | None = None
    for number, turn in enumerate(panel.turns):
        with _place_of(number, turn):
            run = turn.run
            if run is not None and not run.is_over:
                running = run, st.empty(), st.container(border=not number).empty()
            else:
                _draw_ended(scope, panel, turn, is_first=not number, may_run=may_run)
    if may_run:
        _say_next(scope, panel)
    if running:
        run, head, box = running
        run.follow(lambda: _draw_growing(run, head, box))
    if (panel.number, panel.is_running) != drawn:
        st.rerun()


def _place_of(number: int, turn: Turn) -> DeltaGenerator:
    if not number:
        return st.container()
    with st.chat_message("user", avatar=PERSON):
        st.text(turn.said)
    return st.chat_message("assistant", avatar=MODEL)


def _draw_growing(run: LiveRun, head: DeltaGenerator, box: DeltaGenerator) -> None:
    waits = "" if run.text else ", waiting for the first text"
    head.markdown(f"{status_badge('running')} :small[{duration(run.elapsed_ms())}{waits}]")
    if run.text:
        box.markdown(answer_markdown(run.text))


def _draw_ended(scope: Scope, panel: Panel, turn: Turn, *, is_first: bool, may_run: bool) -> None:
    """Draw an answer: of the first turn the figures lead, later they follow what was said."""
    ended = turn.ended()
    if is_first or ended.status != "success":
        st.markdown(status_badge(ended.status))
    if is_first:
        _figures(ended)
    _answer(ended, border=is_first)
    if not is_first:
        _figures(ended)
    if ended.execution_id:
        _offer_acts(scope, ended, ended.execution_id, may_run=may_run)
        if turn is panel.last:
            _offer_messages(scope, ended.execution_id)


def _answer(ended: Ended, *, border: bool) -> None:
    if ended.text:
        st.container(border=border).markdown(answer_markdown(ended.text))
    elif ended.status == "success":
        st.caption("The model answered no text.")
    if ended.error:
        problem.show(ended.error)


def _figures(ended: Ended) -> None:
    if ended.figures:
        figures_line(ended.figures)


def _offer_acts(scope: Scope, ended: Ended, execution_id: ObjectId, *, may_run: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if ended.text and may_run:
            rate_answer(scope, execution_id)
        st.page_link(
            page_path("executions"),
            label="Open in the log",
            icon=":material/list_alt:",
            query_params={"execution": str(execution_id)},
        )


def _offer_messages(scope: Scope, execution_id: ObjectId) -> None:
    messages = st.expander("Messages sent", key=f"sent_{execution_id}", on_change="rerun")
    if messages.open:
        with messages:
            row = bridge.run(get_execution(scope, execution_id))
            sent_messages(row, key=f"playground_{execution_id}")


def _say_next(scope: Scope, panel: Panel) -> None:
    """Draw the field for the next message, or the one being edited; and the way back."""
    if panel.draft is not None and not panel.is_running:
        _edit(scope, panel)
    elif panel.can_reply or (panel.is_running and len(panel.turns) > 1):
        # The number makes a new field for each message: one that is sent twice finds no second.
        st.chat_input(
            "Say something to the answer, e.g. 'Shorter'",
            key=f"say_{panel.owner}",
            disabled=panel.is_running,
            on_submit=_say,
            args=(scope, panel, panel.number),
        )
    if len(panel.turns) > 1 and not panel.is_running:
        _offer_to_change(scope, panel)


def _say(scope: Scope, panel: Panel, seen: int) -> None:
    text: str | None = st.session_state.get(f"say_{panel.owner}")
    panel.say(seen, scope, text or "")


def _edit(scope: Scope, panel: Panel) -> None:
    if panel.error:
        problem.show(panel.error)
    key = f"edit_{panel.owner}_{panel.number}"
    st.text_area("Your message", panel.draft or "", key=key, height="content")
    with st.container(horizontal=True):
        st.button(
            "Send",
            key=f"{key}_send",
            icon=":material/send:",
            on_click=_send_edited,
            args=(scope, panel, panel.number, key),
        )
        st.button(
            "Cancel", key=f"{key}_cancel", type="tertiary", on_click=_drop_draft, args=(panel,)
        )


def _send_edited(scope: Scope, panel: Panel, seen: int, key: str) -> None:
    text: str = st.session_state[key]
    if panel.is_new_draft:
        panel.say(seen, scope, text)
    else:
        panel.say_again(seen, scope, text)


def _drop_draft(panel: Panel) -> None:
    panel.draft = panel.error = None


def _offer_to_change(scope: Scope, panel: Panel) -> None:
    last = panel.turns[-1]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{counted(len(panel.turns), 'turn')}",
            width="content",
            help="Each turn is an execution of its own in the log. The conversation goes on with "
            "the version, model and values it began with.",
        )
        if panel.draft is None:
            st.button(
                "Edit my message",
                key="edit_last",
                type="tertiary",
                icon=":material/edit:",
                on_click=panel.edit_last,
            )
            st.button(
                "Send again",
                key="send_again",
                type="tertiary",
                icon=":material/replay:",
                on_click=panel.say_again,
                args=(panel.number, scope, last.said),
            )
        st.button(
            "Start over",
            key="start_over",
            type="tertiary",
            icon=":material/restart_alt:",
            on_click=_start_over,
            args=(panel,),
        )


def _start_over(panel: Panel) -> None:
    panel.start_over()
    st.query_params.pop("execution", None)
