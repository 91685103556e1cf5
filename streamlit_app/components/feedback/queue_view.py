"""Own the queue: one answer left, its rating right; one key saves and shows the next."""

import asyncio
from typing import Any, Final, NamedTuple, cast

import streamlit as st
from bson import ObjectId

from core.documents import ExecutionLog, Feedback
from core.errors import PromptHubError
from core.execution.log import get_execution
from core.feedback import find_own_ratings
from core.feedback.queue import WINDOW
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.answer_text import answer_markdown
from streamlit_app.components.execution_card import model_of
from streamlit_app.components.feedback.choices import Choice, clear
from streamlit_app.components.feedback.line import (
    Line,
    comment_key,
    load_again,
    suggestion_key,
)
from streamlit_app.components.no_match import no_match
from streamlit_app.components.sent_messages import keeps_content, sent_messages
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import DASH, counted, duration, money, plain
from streamlit_app.navigation import page_path

FACES: Final = {
    1: ("sentiment_very_dissatisfied", "useless"),
    2: ("sentiment_dissatisfied", "poor"),
    3: ("sentiment_neutral", "fair"),
    4: ("sentiment_satisfied", "good"),
    5: ("sentiment_very_satisfied", "great"),
}
# An answer longer than this scrolls in a box, so that the rating stays in sight.
_LONG_CHARS, _LONG_LINES, _BOX = 1400, 18, 460
# Just wide enough for the five faces in a row, with their keys.
_RATING = 345


class _Shown(NamedTuple):
    row: ExecutionLog
    own: Feedback | None


@st.fragment
def queue_view(scope: Scope, choice: Choice) -> None:
    """Draw the answer that is open, or what comes after the last."""
    try:
        line = Line.of_session(scope, choice.queue)
    except PromptHubError as error:
        problem.show(error)
        return
    if not line.items:
        _tell_empty(choice)
        return
    _progress(line)
    key = line.open
    if key is None:
        _tell_end(line)
        return
    try:
        shown = bridge.run(_load(scope, key))
    except PromptHubError as error:
        problem.show(error)
        _walk(line, key)
        return
    pair = st.container(horizontal=True, gap="medium")
    with pair.container(width="stretch"):
        _answer(shown.row)
        _input(shown.row)
    with pair.container(width=_RATING):
        _rate(scope, line, shown)
        _walk(line, key)


async def _load(scope: Scope, key: ObjectId) -> _Shown:
    row, own = await asyncio.gather(get_execution(scope, key), find_own_ratings(scope, [key]))
    return _Shown(row, own.get(key))


def _progress(line: Line) -> None:
    total = len(line.items)
    position = min(line.at + 1, total)
    more = " and more" if line.has_more else ""
    words = f"{position} of {total}{more} · not rated by you, of the last {WINDOW.days} days"
    st.progress(line.at / total, f":small[:gray[{words}, newest first]]")


def _answer(row: ExecutionLog) -> None:
    text = str(row.output_data.get("text", ""))
    cost = money(row.cost_usd, row.cost_status)
    with st.container(border=True):
        about = " · ".join(
            (
                plain(f"{row.prompt_id or 'Unsaved text'} {row.version or ''}".strip()),
                plain(model_of(row)),
                duration(row.latency_ms),
                "cost unknown" if cost == DASH else plain(cost),
                ago(row.created_at),
            )
        )
        st.markdown(f"**Answer** :small[:gray[{about}]]", help=exact(row.created_at))
        is_long = len(text) > _LONG_CHARS or text.count("\n") > _LONG_LINES
        box = st.container(height=_BOX, border=False) if is_long else st.container()
        box.markdown(answer_markdown(text))


def _input(row: ExecutionLog) -> None:
    folded = st.expander(
        "Input and prompt", icon=":material/input:", key=f"input_{row.key}", on_change="rerun"
    )
    if not folded.open:
        return
    with folded:
        values: dict[str, Any] = row.input_data.get("variables", {})
        for name, value in values.items():
            st.markdown(f":small[:gray[{plain(name)}]]")
            if isinstance(value, dict | list):
                st.json(cast("Any", value))
            else:
                st.code(str(value), language=None, wrap_lines=True)
        if keeps_content(row):
            sent_messages(row, key=f"queue_{row.key}")
        st.page_link(
            page_path("executions"),
            label="Open in the log",
            icon=":material/list_alt:",
            query_params={"execution": str(row.key)},
        )


def _rate(scope: Scope, line: Line, shown: _Shown) -> None:
    key, own = shown.row.key, shown.own
    with st.container(border=True):
        st.markdown("**How good is this answer?**")
        st.session_state.setdefault(comment_key(key), own.comment if own else "")
        written = own.improvement_suggestion if own else ""
        st.session_state.setdefault(suggestion_key(key), written)
        st.text_area(
            "Comment",
            key=comment_key(key),
            height=84,
            max_chars=5000,
            placeholder="What was good or missing?",
        )
        st.text_area(
            "Better prompt text (optional)",
            key=suggestion_key(key),
            height=84,
            max_chars=5000,
            placeholder="Say what the prompt should do differently. It goes to the author.",
        )
        with st.container(horizontal=True, gap="xsmall"):
            for number, (face, word) in FACES.items():
                st.button(
                    f":material/{face}:",
                    key=f"rate_{number}_{key}",
                    type="primary" if own and own.rating == number else "secondary",
                    help=f"{number}: {word}",
                    shortcut=str(number),
                    on_click=line.rate,
                    args=(scope, key, number),
                )
        if own:
            st.caption(f"You gave it {own.rating}. Another number corrects that.")
        else:
            st.caption("1 useless … 5 great. Saves and shows the next answer.")
        if line.error:
            problem.show(line.error, title="Not saved.")


def _walk(line: Line, key: ObjectId) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        _back(line, key)
        st.button(
            "Skip",
            key="queue_skip",
            type="tertiary",
            icon=":material/skip_next:",
            shortcut="S",
            on_click=line.skip,
            args=(key,),
        )


def _back(line: Line, key: ObjectId | None) -> None:
    st.button(
        "Back",
        key="queue_back",
        type="tertiary",
        icon=":material/undo:",
        shortcut="B",
        disabled=line.at == 0,
        on_click=line.back,
        args=(key,),
    )


def _tell_end(line: Line) -> None:
    rated = len(line.given)
    words = f"You rated {counted(rated, 'answer')}." if rated else "That was the last one."
    skipped = f" {counted(line.skipped, 'answer')} skipped." if line.skipped else ""
    with st.container(border=True):
        st.markdown(f"**{words}**{skipped}")
        with st.container(horizontal=True):
            label = "Show the next answers" if line.has_more else "Look for more answers"
            st.button(label, key="queue_again", icon=":material/refresh:", on_click=load_again)
            _back(line, None)


def _tell_empty(choice: Choice) -> None:
    with st.container(border=True):
        if choice.words:
            no_match(
                f"**Nothing to rate of {plain(choice.words)}.** You have rated all its answers "
                f"of the last {WINDOW.days} days, or there are none.",
                show="Show all answers",
                key="queue_all",
                on_click=clear,
            )
            return
        st.markdown(
            f"**All rated.** You have rated every answer of the last {WINDOW.days} days, or "
            "there are none yet. New ones come with the next runs."
        )
        st.page_link(
            page_path("playground"),
            label="Run a prompt in the playground",
            icon=":material/play_circle:",
        )
