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
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

PAGE_SIZE: Final = 20
_STATES: Final[dict[str, bool | None]] = {"All": None, "Active": True, "Deactivated": False}


class Listed(NamedTuple):
    """One page of applications and the state of the budgets that the viewer may see."""

    page: ApplicationPage
    budgets: dict[object, BudgetState]


def application_list(scope: Scope) -> None:
    """Draw the filters, the rows and the pages."""
    query = _filters()
    shown = bridge.run(_load(scope, query, skip=(_page_asked_for() - 1) * PAGE_SIZE))
    if not shown.page.visible:
        _tell_none()
        return
    _count(shown.page)
    if not shown.page.items:
        _tell_no_match()
    with st.container(gap="xsmall"):
        for application in shown.page.items:
            _row(scope, application, shown.budgets.get(application.key))
    pages = -(-shown.page.total // PAGE_SIZE)
    if pages > 1:
        st.pagination(pages, key="app_page", bind="query-params")


async def _load(scope: Scope, query: ApplicationQuery, *, skip: int) -> Listed:
    page = await find_applications(scope, query, skip=skip, limit=PAGE_SIZE)
    budgets = await list_budget_states(scope, page.items)
    return Listed(page, {**budgets})


def _filters() -> ApplicationQuery:
    with st.container(horizontal=True, vertical_alignment="center"):
        text = st.text_input(
            "Search",
            key="app_q",
            bind="query-params",
            type="search",
            live="250ms",
            placeholder="Name of an application",
            label_visibility="collapsed",
            max_chars=200,
            on_change=_begin_again,
        )
        state = st.segmented_control(
            "State",
            list(_STATES),
            key="app_state",
            bind="query-params",
            default="All",
            required=True,
            label_visibility="collapsed",
            on_change=_begin_again,
        )
    return ApplicationQuery(
        text=(text or "").replace("\0", "").strip()[:200], is_active=_STATES[state]
    )


def _begin_again() -> None:
    if "app_page" in st.session_state:
        st.session_state["app_page"] = 1


def _page_asked_for() -> int:
    asked = str(st.session_state.get("app_page") or st.query_params.get("app_page", "1"))
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1  # noqa: PLR2004  # pages beyond a million are a typing error


def _count(page: ApplicationPage) -> None:
    every = counted(page.visible, "application")
    st.caption(every if page.total == page.visible else f"{page.total:,} of {every}")


def _tell_none() -> None:
    with st.container(border=True):
        st.markdown("**You are in no application yet**")
        st.caption(
            "An application owns prompts. The programs that use them fetch and run them with its "
            "key; the people you invite work on them, each with a role. Create one with the "
            "button above, or let somebody invite you into theirs."
        )


def _tell_no_match() -> None:
    st.markdown("Nothing matches. Change the text, or show all.")
    st.button(
        "Show all applications",
        key="show_all",
        icon=":material/filter_alt_off:",
        on_click=_show_all,
    )


def _show_all() -> None:
    st.session_state["app_q"] = ""
    st.session_state["app_state"] = "All"
    _begin_again()


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
