"""Own the list of saved comparisons of an application, and the way to a new one."""

import streamlit as st
from bson import ObjectId

from core.accounts.applications import list_applications
from core.documents import Application
from core.execution.comparisons import ComparisonSummary, list_comparisons
from core.values.scope import RANK, Scope
from streamlit_app import bridge
from streamlit_app.components.compare.setup import open_prompt
from streamlit_app.components.prompt_address import asked_for
from streamlit_app.components.prompt_picker import prompt_search
from streamlit_app.components.title_row import title_row
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

PAGE_SIZE = 15
PAGE = "saved_page"


def show_saved(scope: Scope) -> None:
    """Draw the search that begins a comparison, and the list."""
    applications = bridge.run(list_applications(scope))
    title_row("Compare")
    st.markdown(
        "Let models, versions or parameters answer the same inputs side by side. "
        "Which prompt should they run?"
    )
    with st.container(border=True, width=560):
        _new(scope)
    if applications:
        _list(scope, applications)


@st.fragment
def _new(scope: Scope) -> None:
    """Begin with the choice of a prompt."""
    if asked_for().prompt_id is not None:
        st.rerun()
    prompt_search(scope, key="compare_first", on_pick=open_prompt)


def _list(scope: Scope, applications: list[Application]) -> None:
    chosen = _choose_application(applications)
    skip = (_page() - 1) * PAGE_SIZE
    page = bridge.run(list_comparisons(scope, chosen.key, skip=skip, limit=PAGE_SIZE))
    if not page.total:
        words = "Every comparison that is run is saved here, to be reopened, shared and exported."
        if RANK[scope.role_in(chosen.key) or "viewer"] < RANK["editor"]:
            words += " Running one needs the role editor."
        st.caption(words)
        return
    with st.container(gap="xsmall"):
        for one in page.items:
            _row(one)
    if page.total > PAGE_SIZE:
        st.pagination(-(-page.total // PAGE_SIZE), key=PAGE, bind="query-params")


def _choose_application(applications: list[Application]) -> Application:
    by_key = {str(one.key): one for one in applications}
    asked = st.query_params.get("application", "")
    key = asked if asked in by_key else next(iter(by_key))
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.subheader("Saved comparisons", anchor=False, width="content")
        if len(by_key) > 1:
            st.session_state["compare_application"] = key
            st.selectbox(
                "Application",
                list(by_key),
                key="compare_application",
                format_func=lambda one: by_key[str(one)].name,
                label_visibility="collapsed",
                width=260,
                on_change=_write_application,
            )
    return by_key[key]


def _write_application() -> None:
    st.query_params["application"] = st.session_state["compare_application"]
    st.session_state.pop(PAGE, None)


def _page() -> int:
    asked = st.query_params.get(PAGE, "")
    return max(1, int(asked)) if asked.isdecimal() else 1


def _row(one: ComparisonSummary) -> None:
    who = plain(one.created_by.partition(":")[2] or one.created_by).replace("@", "\u2060@")
    size = [counted(one.columns, "column"), counted(one.inputs, "input")]
    if one.repetitions > 1:
        size.append(f"{one.repetitions} times each")
    with st.container(
        border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.page_link(
            page_path("compare"),
            label=f":blue[**{plain(one.name)}**]",
            query_params=address_of(one.key),
        )
        st.caption(
            " · ".join([*size, who, ago(one.created_at)]),
            help=exact(one.created_at),
            width="content",
        )


def address_of(key: ObjectId) -> dict[str, str]:
    """Return the address of a comparison."""
    return {"comparison": str(key)}
