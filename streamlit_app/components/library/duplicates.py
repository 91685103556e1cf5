"""Own the view of duplicates: prompts that say the same, or nearly, in groups to clear up."""

from typing import Literal

import streamlit as st
from bson import ObjectId

from core.errors import PromptHubError
from core.prompts.catalogue import deactivate_prompt
from core.search.duplicates import Cluster, Duplicates, list_duplicates
from core.search.similar import Neighbour
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.badges import state_badge
from streamlit_app.components.confirm import confirm
from streamlit_app.components.library.filters import application_select
from streamlit_app.components.library.name_link import name_link, state_of
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.pages import Pages
from streamlit_app.components.search.compare import (
    badge_of,
    compare_texts,
    likeness,
    text_of,
    title_of,
)
from streamlit_app.components.search.notice import search_notice
from streamlit_app.components.title_row import title_row
from streamlit_app.components.when import ago
from streamlit_app.formats import counted, plain

PARAMETER, NAME = "show", "duplicates"
PAGES = Pages("group_page", 10)
SECONDS = 60
Kinds = Literal["All", "Same text", "Similar"]
WORDS = {"same": "Same text", "similar": "Similar"}


def is_asked_for() -> bool:
    """Whether the address asks for the duplicates instead of the list."""
    return st.query_params.get(PARAMETER) == NAME


def offer_duplicates() -> None:
    """Draw the way here, for the title row."""
    st.button(
        "Duplicates",
        key="show_duplicates",
        type="tertiary",
        icon=":material/content_copy:",
        on_click=_show,
        args=(NAME,),
    )


def _show(name: str | None) -> None:
    if name:
        st.query_params[PARAMETER] = name
    elif PARAMETER in st.query_params:
        del st.query_params[PARAMETER]


def duplicates_view(shelf: Shelf) -> None:
    """Compare all prompts that the viewer sees, and draw the groups."""
    with title_row("Duplicates"):
        st.button(
            "Back to the library",
            key="hide_duplicates",
            icon=":material/arrow_back:",
            on_click=_show,
            args=(None,),
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        line = st.container()
        application_id = application_select(shelf)
    try:
        with st.spinner("Comparing the texts of all prompts...", show_time=True):
            found = load(shelf, application_id)
    except PromptHubError as error:
        problem.show(error)
        return
    search_notice(is_search=False, meanwhile="More groups may appear.")
    line.caption(count_line(found))
    if not found.clusters:
        nothing_found(found)
    else:
        groups(shelf, found)


def load(shelf: Shelf, application_id: ObjectId | None) -> Duplicates:
    """Find the groups; nearest first within each kind."""
    engine = viewer.runtime().search
    work = list_duplicates(shelf.scope, application_id, engine=engine)
    return bridge.run(work, timeout_seconds=SECONDS)


def count_line(found: Duplicates) -> str:
    """Return how many groups there are."""
    if not found.clusters:
        return ""
    prompts = {member.prompt.key for cluster in found.clusters for member in cluster.members}
    return f"{counted(len(found.clusters), 'group')} · {counted(len(prompts), 'prompt')}"


def nothing_found(found: Duplicates) -> None:
    """Say that all is well, and what was compared."""
    with st.container(border=True):
        st.markdown(":material/check_circle: **No duplicates.** Each prompt says something else.")
        st.caption(
            found.notice
            or "Compared was what each active prompt says now: what is served, else the newest. "
            "When you save a text that exists already, you are told."
        )


@st.fragment
def groups(shelf: Shelf, found: Duplicates) -> None:
    """Draw the groups of the kind chosen, page by page."""
    if found.notice:
        st.caption(f":material/info: {found.notice}")
    kind = kind_switch(found)
    shown = [one for one in found.clusters if kind in ("All", WORDS[one.kind])]
    with st.container(gap="small"):
        for cluster in PAGES.part(shown):
            group(shelf, cluster)
    PAGES.draw(len(shown))


def kind_switch(found: Duplicates) -> Kinds:
    """Draw the choice between groups of the same and of similar texts; none for one kind."""
    if len({cluster.kind for cluster in found.clusters}) == 1:
        return "All"
    same = sum(cluster.kind == "same" for cluster in found.clusters)
    options: dict[Kinds, int] = {
        "All": len(found.clusters),
        "Same text": same,
        "Similar": len(found.clusters) - same,
    }
    return st.segmented_control(
        "Kind",
        list(options),
        format_func=lambda kind: f"{kind} ({options[kind]})",
        key="duplicate_kind",
        default="All",
        required=True,
        label_visibility="collapsed",
        on_change=PAGES.begin_again,
    )


def group(shelf: Shelf, cluster: Cluster) -> None:
    """Draw one group, the oldest prompt first."""
    first = cluster.members[0]
    key = f"duplicates_{cluster.kind}_{first.prompt.key}"
    with st.container(border=True, gap="xsmall", key=key):
        st.markdown(badge_of(cluster.kind))
        for member in cluster.members:
            member_row(shelf, cluster, first, member)


def member_row(shelf: Shelf, cluster: Cluster, first: Neighbour, member: Neighbour) -> None:
    """Draw one prompt of a group, with what can be done to it."""
    prompt = member.prompt
    key = f"{cluster.kind}_{first.prompt.key}_{prompt.key}"
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        beside = state_badge(state_of(prompt), version=member.version)
        with st.container():  # on a narrow page it shrinks, and the acts stay in line
            name_link(prompt, f"{beside} :small[:gray[{belonging(shelf, member)}]]", key=key)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            offer_comparison(first, member, key)
            offer_to_deactivate(shelf, member, key)


def belonging(shelf: Shelf, member: Neighbour) -> str:
    """Return where a prompt belongs and since when it is as it is."""
    prompt = member.prompt
    parts = [shelf.name_of(prompt.application_id), prompt.folder]
    return " · ".join([*(plain(one) for one in parts if one), f"changed {ago(prompt.updated_at)}"])


def offer_comparison(first: Neighbour, member: Neighbour, key: str) -> None:
    """Set a prompt beside the oldest of its group."""
    if member is first:
        return
    if st.button(
        "Compare",
        key=f"compare_{key}",
        type="tertiary",
        icon=":material/compare:",
        help=f"With {plain(first.prompt.name)}, the oldest here. {likeness(member)}",
    ):
        titles = (title_of(first), title_of(member))
        compare_texts(text_of(first), text_of(member), titles=titles, key=f"compared_{key}")


def offer_to_deactivate(shelf: Shelf, member: Neighbour, key: str) -> None:
    """Take one of the prompts out of service, after asking."""
    prompt = member.prompt
    if not shelf.holds("operator", prompt.application_id):
        return
    if st.button("Deactivate...", key=f"off_{key}", type="tertiary", icon=":material/archive:"):
        served = "Applications can't fetch it any more. " if prompt.current_version else ""
        confirm(
            f"Deactivate {plain(prompt.name)}?",
            f"{served}Its versions and runs stay readable, and you can restore it at any time: "
            "choose *Inactive* in the library.",
            verb="Deactivate",
            operation=lambda: deactivate_prompt(shelf.scope, prompt),
            key="deactivate_duplicate",
            done=lambda gone: f"Deactivated {plain(gone.name)}.",
        )
