"""Own one card: a name, the answer in a box of fixed height, what it took, and what to do."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_app.components.answer_text import answer_markdown
from streamlit_app.components.compare.answers import Answer
from streamlit_app.components.compare.word_diff import diff_markdown
from streamlit_app.components.execution_card import COST_HELP, ESTIMATED
from streamlit_app.formats import count, counted, duration, money, plain

HEIGHT = 250
FIGURES_HEIGHT = 66
# A growing text is sent whole each time; what is far beyond the box waits for the end.
MAX_GROWING = 6000
KEPT_NOWHERE = "The log of this application keeps no answers; only who ran it has seen this one."
_ICON = ":material/error:"


@dataclass
class Places:
    """Where the parts of a card are drawn that change while an answer grows."""

    title: DeltaGenerator
    text: DeltaGenerator
    time: DeltaGenerator
    cost: DeltaGenerator
    checks: DeltaGenerator
    acts: DeltaGenerator
    drawn: str = ""


def make_card() -> Places:
    """Draw an empty card, the same height whatever comes."""
    with st.container(border=True, gap="small"):
        title = st.empty()
        with st.container(height=HEIGHT, border=False):
            text = st.empty()
        with st.container(gap=None, height=FIGURES_HEIGHT, border=False):
            time, cost, checks = st.empty(), st.empty(), st.empty()
        acts = st.container(
            horizontal=True,
            horizontal_alignment="distribute",
            vertical_alignment="center",
            height=44,
            border=False,
        )
    return Places(title, text, time, cost, checks, acts)


def draw_title(places: Places, name: str, more: str) -> None:
    """Name the card; `more` says the version and parameters in small letters."""
    suffix = f" :small[:gray[{plain(more)}]]" if more else ""
    places.title.markdown(f"**{plain(name)}**{suffix}")


def draw_growing(places: Places, answer: Answer, *, is_blind: bool) -> None:
    """Draw what has come so far; only what is new is sent."""
    text = answer.text if len(answer.text) <= MAX_GROWING else f"…{answer.text[-MAX_GROWING:]}"
    told = answer_markdown(text) + (" ▌" if answer.is_growing else "")
    if answer.has_failed:
        draw_text(places, answer, is_blind=is_blind)
    elif told != places.drawn:
        places.drawn = told
        places.text.markdown(told)
    if is_blind:
        places.time.caption("Time and cost appear after all are rated")
        return
    draw_figures(places, answer)


def draw_text(places: Places, answer: Answer, *, is_blind: bool, base: str | None = None) -> None:
    """Draw the answer, or why there is none; with `base` how it differs from that text."""
    if answer.status == "success":
        told = diff_markdown(base, answer.text) if base else answer_markdown(answer.text)
        nothing = KEPT_NOWHERE if answer.keeps_no_text else "The model answered no text."
        places.text.markdown(told if answer.text else f":gray[{nothing}]")
    elif answer.has_failed and is_blind:
        places.text.error("**No answer.** The reason appears after all are rated.", icon=_ICON)
    elif answer.has_failed:
        show, icon = _failure(places.text, answer)
        show(answer.why or "**Stopped.**", icon=icon)
    else:
        places.text.caption("Not run." if answer.status is None else "On its way.")


def _failure(place: DeltaGenerator, answer: Answer) -> tuple[Callable[..., object], str]:
    match answer.status:
        case "blocked":
            return place.warning, ":material/shield:"
        case "cancelled":
            return place.info, ":material/block:"
        case "timeout":
            return place.error, ":material/timer_off:"
        case _:
            return place.error, _ICON


def draw_figures(places: Places, answer: Answer) -> None:
    """Draw the lines of time, of cost and tokens, and of the checks."""
    places.time.caption(_time(answer))
    places.cost.caption(_cost(answer), help=_cost_help(answer))
    if answer.verdicts:
        failed = [one for one in answer.verdicts if not one.passed]
        told = "\n\n".join(
            f"{'✓' if one.passed else '✗'} {plain(one.check)}: {plain(one.reason)}"
            for one in answer.verdicts
        )
        words = (
            f":material/shield: {counted(len(failed), 'check')} refused it"
            if failed
            else f":material/verified_user: {counted(len(answer.verdicts), 'check')} passed"
        )
        places.checks.caption(words, help=told)
    else:
        places.checks.caption(":material/shield: no checks" if answer.status == "success" else "")


def _time(answer: Answer) -> str:
    if answer.status == "queued":
        return ":material/schedule: waiting for its turn"
    if answer.latency_ms is None:
        return ":material/timer_off: the model was not called" if answer.has_failed else " "
    took = duration(answer.latency_ms)
    if answer.has_failed:
        return f":material/timer_off: ended after {took}"
    if answer.first_text_ms is None:
        waits = "waiting for the first text" if answer.is_growing else "not streamed"
        return f":material/timer: {took} · {waits}"
    return f":material/timer: {took} · first text {duration(answer.first_text_ms)}"


def _cost(answer: Answer) -> str:
    if answer.is_growing:
        return ":material/payments: cost comes with the end"
    if answer.output_tokens is None:
        return ":material/payments: not charged" if answer.has_failed else " "
    about = "about " if answer.is_estimated else ""
    tokens = f"{about}{count(answer.input_tokens)} in, {count(answer.output_tokens)} out"
    return f":material/payments: {plain(money(answer.cost_usd, answer.cost_status))} · {tokens}"


def _cost_help(answer: Answer) -> str | None:
    if answer.output_tokens is None:
        return None
    told = [COST_HELP[answer.cost_status]] if answer.cost_status != "priced" else []
    return " ".join([*told, *([ESTIMATED] if answer.is_estimated else [])]) or None
