"""Own the list of applications: search, rows with what matters, pages."""

from typing import Final, NamedTuple

import streamlit as st

from core.accounts.directory import ApplicationPage, ApplicationQuery, find_applications
from core.documents import Application
from core.execution.budget import BudgetState, list_budget_states
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.applications.budget_bar import budget_words
from streamlit_app.components.applications.wording import last_use, role_badge, state_badge
from streamlit_app.components.filter_select import filter_switch
from streamlit_app.components.no_match import no_match
from streamlit_app.components.pages import Pages
from streamlit_app.components.search_box import search_box
from streamlit_app.formats import counted, plain, some_of
from streamlit_app.navigation import page_path

_PAGES: Final = Pages("app_page", 20)
_STATES: Final[dict[str, bool | None]] = {"All": None, "Active": True, "Deactivated": False}


class Listed(NamedTuple):
    """One page of applications and the state of the budgets that the viewer may see."""

    page: ApplicationPage
    budgets: dict[object, BudgetState]


def application_list(scope: Scope) -> None:
    """Draw the filters, the rows and the pages."""
    query = _filters()
    shown = bridge.run(_load(scope, query, skip=_PAGES.skip))
    if not shown.page.visible:
        _tell_none()
        return
    st.caption(some_of(shown.page.total, shown.page.visible, "application"))
    if not shown.page.total:
        no_match(
            "Nothing matches. Change the text, or show all.",
            show="Show all applications",
            key="show_all",
            on_click=_show_all,
        )
    with st.container(gap="xsmall"):
        for application in shown.page.items:
            _row(scope, application, shown.budgets.get(application.key))
    _PAGES.draw(shown.page.total)


async def _load(scope: Scope, query: ApplicationQuery, *, skip: int) -> Listed:
    page = await find_applications(scope, query, skip=skip, limit=_PAGES.size)
    budgets = await list_budget_states(scope, page.items)
    return Listed(page, {**budgets})


def _filters() -> ApplicationQuery:
    with st.container(horizontal=True, vertical_alignment="center"):
        text = search_box(
            "Search", "Name of an application", key="app_q", on_change=_PAGES.begin_again
        )
        state = filter_switch("State", list(_STATES), key="app_state", on_change=_PAGES.begin_again)
    return ApplicationQuery(text=text, is_active=_STATES[state])


def _tell_none() -> None:
    with st.container(border=True):
        st.markdown("**You are in no application yet**")
        st.caption(
            "An application owns prompts. The programs that use them fetch and run them with its "
            "key; the people you invite work on them, each with a role. Create one with the "
            "button above, or let somebody invite you into theirs."
        )


def _show_all() -> None:
    st.session_state["app_q"] = ""
    st.session_state["app_state"] = "All"
    _PAGES.begin_again()


def _row(scope: Scope, application: Application, budget: BudgetState | None) -> None:
    role = scope.role_in(application.key) or "viewer"
    with st.container(border=True, gap="xxsmall"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            with st.container(
                horizontal=True,
                vertical_alignment="center",
                gap="xsmall",
                width="content",
                key=f"name_{application.key}",
            ):
                st.page_link(
                    page_path("applications"),
                    label=f":blue[**{plain(application.name)}**]",
                    query_params={"application": str(application.key)},
                )
                badges = (
                    role_badge(role, is_owner=application.owner_id == scope.user_id),
                    state_badge(application),
                )
                st.markdown(" ".join(filter(None, badges)), width="content")
            with st.container(horizontal=True, width="content", gap="small"):
                _figures(application, budget, is_admin=role == "admin")
        if application.description:
            st.caption(plain(_first_line(application.description)))


def _figures(application: Application, budget: BudgetState | None, *, is_admin: bool) -> None:
    people = len(application.members) + 1
    st.caption(counted(people, "person", "people"), width=80, text_alignment="right")
    st.caption(last_use(application), width=150, text_alignment="right")
    if is_admin:
        warns = budget is not None and budget.level in {"nearly", "used_up"}
        words = plain(budget_words(budget))
        st.caption(
            f":orange[:material/warning: {words}]" if warns else words,
            width=150,
            text_alignment="right",
        )


def _first_line(text: str, longest: int = 160) -> str:
    line = text.strip().splitlines()[0]
    return line if len(line) <= longest else f"{line[:longest]}…"
