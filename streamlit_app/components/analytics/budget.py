"""Own how far the budgets of the month are used up, for those who administer them."""

from typing import Final, NamedTuple

import streamlit as st

from core.documents import Application
from core.execution.budget import BudgetState, list_budget_states
from streamlit_app import bridge
from streamlit_app.components.analytics.view import View
from streamlit_app.formats import counted, money, plain, share

_MOST: Final = 3


class _Shown(NamedTuple):
    application: Application
    state: BudgetState

    @property
    def used(self) -> float:
        return 1.0 if self.state.share is None else self.state.share


def budgets(view: View) -> None:
    """Draw the budget of the application in view, or those of which little is left."""
    found = [
        one
        for one in bridge.run(_load(view))
        if view.around.application is not None or one.state.level in {"nearly", "used_up"}
    ]
    for one in sorted(found, key=lambda one: -one.used)[:_MOST]:
        _bar(one)


async def _load(view: View) -> list[_Shown]:
    chosen = view.around.application
    limited = [chosen] if chosen else view.around.survey.limited
    states = await list_budget_states(view.scope, limited)
    return [_Shown(one, states[one.key]) for one in limited if one.key in states]


def _bar(one: _Shown) -> None:
    state = one.state
    words = plain(
        f"Budget of {one.application.name} this month: {money(state.spent_usd)} of "
        f"{money(state.limit_usd)} ({share(one.used)}){_end(state)}"
    )
    if state.level in {"nearly", "used_up"}:
        words = f":orange-badge[:material/warning: Budget] {words}"
    st.progress(min(1.0, one.used), text=words)


def _end(state: BudgetState) -> str:
    unpriced = state.unpriced
    left_out = f", without {counted(unpriced, 'call')} of unknown price" if unpriced else ""
    stopped = state.level == "used_up" and state.hard_stop
    return left_out + ("; nothing is run until the next month" if stopped else "")
