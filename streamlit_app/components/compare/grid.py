"""Own the cards beside each other: growing while they run, then to be rated and picked from."""

from collections.abc import Callable, Coroutine
from typing import Any

import streamlit as st

from core.execution.compare import stream
from core.execution.comparison_picks import pick_best, unpick_best
from core.feedback import NewRating, delete_own, rate_execution
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.compare.answers import Answer
from streamlit_app.components.compare.card import (
    Places,
    draw_figures,
    draw_growing,
    draw_text,
    draw_title,
    make_card,
)
from streamlit_app.components.compare.column_editor import NARROWEST
from streamlit_app.components.compare.live import LiveComparison, LiveComparisons
from streamlit_app.components.compare.opened import Opened
from streamlit_app.components.once import press_of
from streamlit_app.formats import counted

_WIDEST = 4


def grid(opened: Opened, runs: LiveComparisons) -> None:
    """Draw a card for each column; while they run, follow them and then run the page again."""
    progress = st.empty()
    with st.grid(min(_WIDEST, len(opened.comparison.columns)), min_column_width=NARROWEST):
        cards = {column: make_card() for column in opened.order()}
    for column, places in cards.items():
        answer = opened.answer(column)
        draw_title(places, *opened.title(column, answer))
        live = opened.live
        if live is not None and opened.runs and opened.position(column) in live.expected:
            places.acts.caption("Rate when all are complete")
        else:
            _finished(opened, runs, column, places, answer)
    if opened.runs and opened.live is not None:
        live = opened.live
        live.follow(lambda: _draw(opened, live, cards, progress.progress))
        # The rows of the last answers are written; those of stopped ones within a moment.
        st.rerun()


def _draw(
    opened: Opened,
    live: LiveComparison,
    cards: dict[int, Places],
    progress: Callable[[float, str], object],
) -> None:
    total = len(live.expected)
    if total > len(cards):
        progress(min(1.0, live.ended / total), f"{live.ended} of {counted(total, 'answer')}")
    for column, places in cards.items():
        answer = opened.answer(column)
        if opened.position(column) in live.expected:
            draw_growing(places, answer, is_blind=opened.is_blind)


def _finished(
    opened: Opened, runs: LiveComparisons, column: int, places: Places, answer: Answer
) -> None:
    base = opened.base
    other = None if base is None or base == column else opened.answer(base).text
    draw_text(places, answer, is_blind=opened.is_blind, base=other)
    if opened.is_blind:
        places.time.caption("Time and cost appear  \nafter all are rated")
    else:
        draw_figures(places, answer)
    with places.acts:
        _acts(opened, runs, column, answer)


def _acts(opened: Opened, runs: LiveComparisons, column: int, answer: Answer) -> None:
    if answer.status == "success":
        _stars(opened, column, answer)
        if opened.can_edit:
            _best(opened, column, answer)
    elif opened.can_edit and not opened.runs:
        place = opened.order().index(column)
        st.button(
            "Try again" if answer.status else "Run",
            key=f"compare_again_{place}",
            type="tertiary",
            icon=":material/replay:",
            on_click=again,
            args=(opened, runs, [column]),
            help="Runs what this column has no answer to",
        )


def again(opened: Opened, runs: LiveComparisons, columns: list[int]) -> None:
    """Run what the columns have no answer to; what has been answered stays. For callbacks."""
    expected = [position for column in columns for position in opened.missing(column)]
    leave = {
        position
        for column in columns
        for position in opened.all_cells(column)
        if position not in expected
    }
    runs.start(
        opened.comparison,
        lambda: stream(
            opened.scope,
            opened.comparison,
            engine=viewer.runtime().engine,
            columns=columns,
            leave=leave,
        ),
        expected,
        is_continued=True,
    )


def _stars(opened: Opened, column: int, answer: Answer) -> None:
    row = answer.execution
    if row is None:
        return
    key = f"stars_{row.key}"
    st.session_state[key] = None if answer.rating is None else answer.rating - 1
    press = press_of(f"rate_{row.key}", object)
    press.grace_seconds = 0  # another number of stars is no double click
    st.feedback(
        "stars",
        key=key,
        disabled=not opened.can_edit,
        on_change=lambda: press.fire(press.number, lambda: _rate(opened, column, answer, key)),
    )
    if press.error:
        problem.show(press.error)


def _rate(opened: Opened, column: int, answer: Answer, key: str) -> Coroutine[Any, Any, object]:
    given: int | None = st.session_state[key]
    row = answer.execution
    if row is None:
        msg = "only what was executed is rated"
        raise RuntimeError(msg)
    if given is not None:
        return rate_execution(opened.scope, row, NewRating(rating=given + 1))
    cell = opened.cell(opened.position(column))
    mine = next(
        one for one in (cell.ratings if cell else ()) if one.user_id == opened.scope.user_id
    )
    return delete_own(opened.scope, mine.key)


def _best(opened: Opened, column: int, answer: Answer) -> None:
    # By its place, as the column's number would tell who it is where names are hidden.
    place, position = opened.order().index(column), opened.position(column)
    act = unpick_best if answer.is_best else pick_best
    st.button(
        "Best",
        key=f"compare_best_{place}",
        type="secondary" if answer.is_best else "tertiary",
        icon=":material/trophy:" if answer.is_best else ":material/emoji_events:",
        help="Your best answer to this input; press again to take it back"
        if answer.is_best
        else "Pick this as the best answer to this input",
        on_click=lambda: bridge.run(act(opened.scope, opened.comparison, position)),
    )
