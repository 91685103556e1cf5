"""Own the audit trail: who did what to which thing, filtered, and one event in detail."""

import streamlit as st

from core.audit import AuditPage, list_events
from core.errors import PromptHubError
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.audit.detail import open_event, show_asked
from streamlit_app.components.audit.export import offer_export
from streamlit_app.components.audit.filters import PAGES, Chosen, choose, clear
from streamlit_app.components.audit.names import Names, load_names
from streamlit_app.components.audit.table import event_table
from streamlit_app.components.no_match import no_match
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import counted, plain


def main() -> None:
    """Show the filters, the events that match, and the one that the address names."""
    scope = viewer.scope()
    actions = title_row("Audit")
    chosen = choose(scope)
    with actions:
        offer_export(scope, chosen.query)
    show_asked(scope)
    show_list(scope, chosen)


def show_list(scope: Scope, chosen: Chosen) -> None:
    """Draw the page of the list that is open."""
    try:
        found, names = bridge.run(load(scope, chosen, skip=PAGES.skip))
    except PromptHubError as error:
        problem.show(error)
        return
    if not found.total:
        tell_no_match(chosen)
        return
    event_table(found.items, names, on_open=open_event)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        more = "more than " if found.total_is_capped else ""
        st.caption(f"{more}{counted(found.total, 'event')}".capitalize(), width="content")
        PAGES.draw(found.total)


async def load(scope: Scope, chosen: Chosen, *, skip: int) -> tuple[AuditPage, Names]:
    """Load one page of events with what they name."""
    found = await list_events(scope, chosen.query, skip=skip, limit=PAGES.size)
    return found, await load_names(scope, found.items)


def tell_no_match(chosen: Chosen) -> None:
    """Say that nothing matches, and which filters to remove."""
    told = ", ".join(map(plain, chosen.words))
    if not told:
        st.markdown("Nothing was recorded yet.")
        return
    no_match(
        f"Nothing matches. Remove {told}.", show="Show everything", key="audit_all", on_click=clear
    )


if __name__ == "__main__":
    main()
