"""Own the list of saved comparisons of an application, and the way to a new one."""

import streamlit as st
from bson import ObjectId

from core.accounts.directory import Listed, list_names
from core.execution.comparisons import ComparisonSummary, find_compared_last, list_comparisons
from core.values.scope import RANK, Scope
from streamlit_app import bridge
from streamlit_app.components.compare.setup import open_prompt
from streamlit_app.components.pages import Pages
from streamlit_app.components.people import actor_of
from streamlit_app.components.prompt_address import asked_for
from streamlit_app.components.prompt_picker import prompt_search
from streamlit_app.components.search_box import search_box
from streamlit_app.components.title_row import title_row
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted, plain
from streamlit_app.navigation import page_path

PAGES = Pages("saved_page", 15)
NAME = "saved_name"
# So many are seen at a glance.
FEW = 8
NAMED = 2


def show_saved(scope: Scope) -> None:
    """Draw the search that begins a comparison, and the list."""
    applications = bridge.run(list_names(scope))
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


def _list(scope: Scope, applications: list[Listed]) -> None:
    chosen = _choose_application(scope, applications)
    name = _asked_name()
    page = bridge.run(
        list_comparisons(scope, chosen.key, name=name, skip=PAGES.skip, limit=PAGES.size)
    )
    if page.total > FEW or name:
        search_box("Name", "A part of the name", key=NAME, width=560, on_change=PAGES.begin_again)
    if name and not page.total:
        st.caption(f"No comparison here has {plain(name)} in its name. Type less of it.")
        return
    if not page.total:
        words = "Every comparison that is run is saved here, to be reopened, shared and exported."
        if RANK[scope.role_in(chosen.key) or "viewer"] < RANK["editor"]:
            words += " Running one needs the role editor."
        st.caption(words)
        return
    with st.container(gap="xsmall"):
        for one in page.items:
            _row(one)
    PAGES.draw(page.total)


def _asked_name() -> str:
    """Return what is searched for; the field is drawn after the list is known."""
    name: str | None = st.session_state.get(NAME, st.query_params.get(NAME))
    return (name or "").replace("\0", "").strip()


def _choose_application(scope: Scope, applications: list[Listed]) -> Listed:
    """Draw the choice where there is one; at first the application of the newest comparison."""
    by_key = {str(one.key): one for one in applications}
    key = st.query_params.get("application", "")
    if key not in by_key and len(by_key) > 1:
        key = str(bridge.run(find_compared_last(scope, (one.key for one in applications))))
    if key not in by_key:
        key = next(iter(by_key))
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
    PAGES.begin_again()


def _row(one: ComparisonSummary) -> None:
    who = actor_of(one.created_by)
    size = [_models(one), counted(one.inputs, "input")]
    if one.repetitions > 1:
        size.append(f"{one.repetitions} times each")
    with st.container(
        border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(key=f"name_{one.key}", width="content"):
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


def _models(one: ComparisonSummary) -> str:
    """Name two models, and how many columns there are where they are more."""
    named = [plain(model.partition("/")[2]) for model in one.models[:NAMED]]
    if len(named) == one.columns:
        return " and ".join(named)
    return (
        f"{', '.join(named)} in {counted(one.columns, 'column')}"
        if named
        else counted(one.columns, "column")
    )


def address_of(key: ObjectId) -> dict[str, str]:
    """Return the address of a comparison."""
    return {"comparison": str(key)}
