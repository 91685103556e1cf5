"""Own how far a monthly budget is used up, as a bar and in a few words."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import streamlit as st

from core.execution.budget import BudgetState
from prompthub.wire.literals import BudgetLevel
from streamlit_app.formats import counted, money, plain, share

_BADGES: Final[Mapping[BudgetLevel, str]] = MappingProxyType(
    {
        "unlimited": "",
        "within": "",
        "nearly": ":orange-badge[:material/warning: Nearly used up] ",
        "used_up": ":red-badge[:material/error: Used up] ",
    }
)


def budget_words(state: BudgetState | None) -> str:
    """Return the state in the width of a column, as plain text."""
    if state is None:
        return "no budget"
    used = 1.0 if state.share is None else state.share
    return f"{share(used)} of {money(state.limit_usd)}"


def budget_bar(state: BudgetState) -> None:
    """Draw the bar with the sum and what it means."""
    used = 1.0 if state.share is None else state.share
    sums = f"{money(state.spent_usd)} of {money(state.limit_usd)}"
    words = f"{sums} in {month_name(state)} ({share(used)})"
    st.progress(min(1.0, used), text=f"{_BADGES[state.level]}{plain(words)}")
    st.caption(plain(meaning(state)))


def month_name(state: BudgetState) -> str:
    """Return the month whose sum this is: November 2026."""
    return f"{date.fromisoformat(f'{state.month}-01'):%B %Y}"


def meaning(state: BudgetState) -> str:
    """Return what happens at this level, and what is in no sum."""
    what = "the next run is refused" if state.hard_stop else "a warning is logged, runs go on"
    said = {
        "unlimited": "",
        "within": f"At 80 % a warning is logged; at 100 % {what}.",
        "nearly": f"A warning was logged at 80 %; at 100 % {what}.",
        "used_up": "Runs are refused until the month ends or the budget is raised."
        if state.hard_stop
        else "Runs go on, as this budget does not stop them.",
    }[state.level]
    if state.unpriced:
        said += f" {counted(state.unpriced, 'call')} of unknown price are in no sum."
    return said
