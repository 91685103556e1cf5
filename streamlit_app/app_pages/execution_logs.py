"""Own the execution log: every run of the viewer's applications, filtered, and one in detail."""

from typing import NamedTuple

import streamlit as st

from core.errors import PromptHubError
from core.execution.log import ExecutionPage, has_executions, list_executions
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.executions.detail import open_detail, show_asked
from streamlit_app.components.executions.export import offer_export
from streamlit_app.components.executions.filters import PAGES, Chosen, choose, clear
from streamlit_app.components.executions.live import live_since, live_tail, live_toggle
from streamlit_app.components.executions.names import Names, load_names
from streamlit_app.components.executions.table import execution_table
from streamlit_app.components.no_match import no_match
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

REFRESH_SECONDS = 2.0
_REFRESHES = "runs_refresh"


def main() -> None:
    """Show the filters, the executions that match, and the one that the address names."""
    scope = viewer.scope()
    actions = title_row("Executions")
    if not bridge.run(has_executions(scope)):
        invite()
        return
    with actions:
        live_toggle()
    chosen = choose(scope)
    with actions:
        offer_export(scope, chosen)
    show_asked(scope, chosen.query)
    since = live_since()
    if since and not chosen.query.end:
        live_tail(scope, chosen.query, since)
        chosen = chosen._replace(query=chosen.query.model_copy(update={"end": since}))
    refreshes = bool(st.session_state.get(_REFRESHES))
    st.fragment(show_list, run_every=REFRESH_SECONDS if refreshes else None)(
        scope, chosen, refreshes=refreshes
    )


class Shown(NamedTuple):
    """One page of the list, and who ran what is on it."""

    page: ExecutionPage
    names: Names


async def load(scope: Scope, chosen: Chosen, *, skip: int) -> Shown:
    """Load one page of executions with what they name."""
    page = await list_executions(scope, chosen.query, skip=skip, limit=PAGES.size)
    return Shown(page, await load_names(scope, page.items))


def show_list(scope: Scope, chosen: Chosen, *, refreshes: bool) -> None:
    """Draw the page of the list that is open; it refreshes by itself while something runs."""
    try:
        found, names = bridge.run(load(scope, chosen, skip=PAGES.skip))
    except PromptHubError as error:
        problem.show(error)
        return
    runs = any(row.status in {"running", "queued"} for row in found.items)
    if runs != refreshes:
        st.session_state[_REFRESHES] = runs
        st.rerun()
    if not found.total:
        tell_no_match(chosen)
        return
    execution_table(found.items, names, on_open=open_detail)
    show_pages(found)


def show_pages(found: ExecutionPage) -> None:
    """Draw how many match, and the pages of them."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        more = "more than " if found.total_is_capped else ""
        st.caption(f"{more}{counted(found.total, 'run')}".capitalize(), width="content")
        PAGES.draw(found.total)


def tell_no_match(chosen: Chosen) -> None:
    """Say that nothing matches, and which filters to remove."""
    told = ", ".join(chosen.set_filters)
    period = chosen.period.lower()
    no_match(
        f"Nothing matches in the period “{period}”. "
        + (f"Remove {plain(told)}, or choose a longer period." if told else "Choose a longer one."),
        show="Show all runs",
        key="show_all_runs",
        on_click=clear,
    )


def invite() -> None:
    """Say what will be here, and how to make the first entry."""
    st.markdown(
        "Every run of a prompt is kept here: the exact messages, the answer, tokens, cost and "
        "time. Nothing was run yet."
    )
    st.page_link(
        page_path("playground"),
        label="Run a prompt in the playground",
        icon=":material/play_circle:",
    )


if __name__ == "__main__":
    main()
