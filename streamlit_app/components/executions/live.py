"""Own the live tail: runs that came since it was turned on, above the list, which stays in place.

The browser asks, and only while somebody can see it: not in a hidden tab, not behind a dialog.
"""

from datetime import datetime
from typing import Final

import streamlit as st

from core import clock
from core.errors import PromptHubError
from core.execution.log import ExecutionPage, ExecutionQuery, list_executions
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.executions.detail import open_detail
from streamlit_app.components.executions.names import Names, load_names
from streamlit_app.components.executions.table import execution_table
from streamlit_app.components.ticker import tick_every
from streamlit_app.components.when import to_the_second
from streamlit_app.formats import counted

EVERY_MS: Final = 2000
SHOWN: Final = 5
# Head and rows of the table, so that nothing below moves as they come.
_BOX: Final = 36 * (SHOWN + 1) + 6
_SINCE: Final = "runs_live_since"
_TOGGLE: Final = "live"


def live_toggle() -> None:
    """Draw the toggle; it is in the address."""
    st.toggle(
        "Live",
        key=_TOGGLE,
        bind="query-params",
        help="Shows new runs above the list, which stays as it is. It rests while the tab is "
        "hidden or a run is open.",
        on_change=_begin,
    )


def _begin() -> None:
    st.session_state.pop(_SINCE, None)


def live_since() -> datetime | None:
    """Return since when new runs are shown apart, None where they are not."""
    if not st.session_state.get(_TOGGLE):
        return None
    since: datetime = st.session_state.setdefault(_SINCE, clock.now())
    return since


@st.fragment
def live_tail(scope: Scope, query: ExecutionQuery, since: datetime) -> None:
    """Draw what came since, and ask again and again; `query` is that of the list."""
    fresh = query.model_copy(update={"start": since, "end": None})
    try:
        found, names = bridge.run(_load(scope, fresh))
    except PromptHubError as error:
        problem.show(error)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        more = "more than " if found.total_is_capped else ""
        words = f"{more}{counted(found.total, 'new run')}" if found.total else "No new runs"
        st.markdown(
            f":blue[:material/sensors:] **{words}** :small[:gray[since {to_the_second(since)}]]",
            width="content",
        )
        if found.total:
            label = "Show them in the list"
            if st.button(label, key="runs_live_show", type="tertiary", on_click=_begin):
                st.rerun()
    with st.container(height=_BOX, border=False):
        if found.items:
            execution_table(found.items, names, on_open=open_detail, key="live")
        else:
            st.caption("They appear here as they come.")
    tick_every(EVERY_MS, key="runs_ticker")


async def _load(scope: Scope, query: ExecutionQuery) -> tuple[ExecutionPage, Names]:
    found = await list_executions(scope, query, limit=SHOWN)
    return found, await load_names(scope, found.items)
