"""Own the monthly budget of an application: how far it is used, and what happens at its end."""

from decimal import Decimal

import streamlit as st

from core.accounts.applications import ApplicationChanges
from core.documents import Application
from core.execution.budget import get_budget_state
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.applications.acts import field_key, save_button, typed
from streamlit_app.components.applications.budget_bar import budget_bar, month_name
from streamlit_app.components.applications.limits_tab import with_limits
from streamlit_app.components.applications.zones import zone_select
from streamlit_app.formats import counted, money, plain


def budget_tab(scope: Scope, application: Application) -> None:
    """Draw the state of this month and the form of the budget."""
    state = bridge.run(get_budget_state(scope, application.key))
    with st.container(width=640):
        if state.limit_usd is not None:
            budget_bar(state)
        else:
            unpriced = f", without {counted(state.unpriced, 'call')} of unknown price"
            st.markdown(
                f"No budget. Spent in {month_name(state)}: "
                + plain(money(state.spent_usd) + (unpriced if state.unpriced else ""))
            )
        _form(application)


def _form(application: Application) -> None:
    limits = application.limits
    with st.form("app_budget"):
        st.number_input(
            "Budget per month, US dollars",
            min_value=0.0,
            max_value=1_000_000_000.0,
            value=None if limits.monthly_budget_usd is None else float(limits.monthly_budget_usd),
            step=1.0,
            format="%.2f",
            key=field_key(application, "budget"),
            placeholder="None",
            help="Empty: no budget. At 80 % a warning is logged and counted as a metric.",
        )
        st.checkbox(
            "Stop runs when it is used up",
            limits.hard_stop,
            key=field_key(application, "hard_stop"),
            help="Otherwise runs go on and a warning is logged. What runs at that moment ends.",
        )
        zone_select(application)
        save_button(application, "budget", lambda: _read(application), told="Saved the budget.")


def _read(application: Application) -> ApplicationChanges:
    amount: float | None = typed(application, "budget")
    return ApplicationChanges(
        limits=with_limits(
            application,
            monthly_budget_usd=None if amount is None else Decimal(f"{amount:.6f}"),
            hard_stop=typed(application, "hard_stop"),
        ),
        time_zone=typed(application, "zone"),
    )
