"""Own how far the budgets of the month are used up."""

import asyncio
from typing import Final, NamedTuple

import streamlit as st

from core import clock
from core.documents import Application, Spending
from core.execution.budget import find_spending, month_at
from streamlit_app import bridge
from streamlit_app.components.analytics.view import View
from streamlit_app.formats import counted, money, plain, share

_WARNED_FROM: Final = 0.8
_MOST: Final = 3


class _State(NamedTuple):
    application: Application
    spending: Spending
    limit_usd: float

    @property
    def used(self) -> float:
        return float(self.spending.spent_usd) / self.limit_usd if self.limit_usd else 1.0


def budgets(view: View) -> None:
    """Draw the budget of the application in view, or those of which little is left."""
    chosen = view.filters.application_id
    states = [
        state
        for state in bridge.run(_load(view))
        if state.application.key == chosen or (chosen is None and state.used >= _WARNED_FROM)
    ]
    states.sort(key=lambda state: -state.used)
    for state in states[:_MOST]:
        _bar(state)


async def _load(view: View) -> list[_State]:
    limited = [
        (one, one.limits.monthly_budget_usd)
        for one in view.applications.values()
        if one.limits.monthly_budget_usd is not None
    ]
    now = clock.now()
    spent = await asyncio.gather(
        *(find_spending(one.key, month_at(now, one.time_zone)) for one, _ in limited)
    )
    return [
        _State(one, spending, float(limit))
        for (one, limit), spending in zip(limited, spent, strict=True)
    ]


def _bar(state: _State) -> None:
    spent, limit = money(state.spending.spent_usd), money(state.limit_usd)
    words = (
        f"Budget of {state.application.name} this month: {spent} of {limit} "
        f"({share(state.used)}){_end(state)}"
    )
    if state.used >= _WARNED_FROM:
        badge = ":orange-badge[:material/warning: Budget]"
        words = f"{badge} {plain(words)}"
    else:
        words = plain(words)
    st.progress(min(1.0, state.used), text=words)


def _end(state: _State) -> str:
    unpriced = state.spending.unpriced
    left_out = f", without {counted(unpriced, 'call')} of unknown price" if unpriced else ""
    if state.used < 1:
        return left_out
    return left_out + (
        "; nothing is run until the next month" if state.application.limits.hard_stop else ""
    )
