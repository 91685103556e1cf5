"""Own the sources: the way to take one in, and the list of those read last."""

import asyncio
from typing import Final

import streamlit as st
from bson import ObjectId

from core.accounts.directory import Listed, list_names
from core.errors import PromptHubError
from core.extraction.listing import SourcePage, TakenSource, list_taken
from core.values.scope import RANK, Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import problem
from streamlit_app.components.application_picker import application_picker
from streamlit_app.components.extract.address import open_source
from streamlit_app.components.extract.job_page import recent_jobs
from streamlit_app.components.extract.start import start
from streamlit_app.components.extract.wording import address_link, title_of, type_badge
from streamlit_app.components.pages import Pages
from streamlit_app.components.people import actor_of
from streamlit_app.components.search_box import search_box
from streamlit_app.components.title_row import title_row
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted, plain

PAGES: Final = Pages("sources_page", 15)
FIND: Final = "sources_find"
APPLICATION: Final = "application"
_READ: Final = "Give a web page, a PDF file or a text of your own."
_REVIEW: Final = (
    "What looks like a prompt is marked in the text. Tick, rename, edit, merge or drop."
)
_SAVE: Final = "What you ticked becomes drafts that remember where they were found."
_STEPS: Final = (
    ("travel_explore", "1. Read", _READ),
    ("fact_check", "2. Review", _REVIEW),
    ("save", "3. Save", _SAVE),
)


def sources_page(scope: Scope) -> None:
    """Draw the way in for those who may write, and the list for all."""
    applications, taken = bridge.run(_look(scope))
    title_row("Extract")
    writable = [one for one in applications if one.is_active and _writes(scope, one)]
    if writable:
        start(scope, writable)
    else:
        st.markdown(
            "Prompts are found here in web pages, PDF files and pasted texts. "
            "Taking a source in needs the role editor; you can read those of your applications."
        )
    recent_jobs(scope)
    if taken.total:
        _list({one.key: one for one in applications})
    else:
        _teach(can_write=bool(writable))


async def _look(scope: Scope) -> tuple[list[Listed], SourcePage]:
    return await asyncio.gather(list_names(scope), list_taken(scope, skip=0, limit=1))


def _writes(scope: Scope, application: Listed) -> bool:
    return RANK[scope.role_in(application.key) or "viewer"] >= RANK["editor"]


def _teach(*, can_write: bool) -> None:
    """Say what will be here, where nothing was read yet."""
    if not can_write:
        st.caption("Nobody has taken a source in yet.")
        return
    with st.grid(3, min_column_width=240):
        for icon, title, words in _STEPS:
            with st.container(border=True):
                st.markdown(f":material/{icon}: **{title}**")
                st.caption(words)


@st.fragment
def _list(applications: dict[ObjectId, Listed]) -> None:
    scope = viewer.scope()
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.subheader("Sources", anchor=False, width="content")
        with st.container(
            horizontal=True, width="content", vertical_alignment="center", gap="xsmall"
        ):
            text = search_box(
                "Search sources",
                "Title or address",
                key=FIND,
                width=260,
                on_change=PAGES.begin_again,
            )
            application_id = _choose_application(scope, applications)
    try:
        taken = bridge.run(
            list_taken(
                scope,
                application_id=application_id,
                text=text,
                skip=PAGES.skip,
                limit=PAGES.size,
            )
        )
    except PromptHubError as error:
        problem.show(error)
        return
    if not taken.total:
        st.markdown("Nothing matches. Clear the search.")
    with st.container(gap="xsmall"):
        for one in taken.items:
            _row(one, applications.get(one.application_id) if len(applications) > 1 else None)
    PAGES.draw(taken.total)


def _choose_application(scope: Scope, applications: dict[ObjectId, Listed]) -> ObjectId | None:
    if len(applications) < 2:  # noqa: PLR2004  # a choice needs two
        return None
    asked = st.query_params.get(APPLICATION, "")
    chosen = applications.get(ObjectId(asked)) if ObjectId.is_valid(asked) else None
    application_picker(
        scope,
        chosen.name if chosen else "",
        key="sources_application",
        on_pick=_pick_application,
        on_any=_any_application if chosen else None,
        width=200,
    )
    return chosen.key if chosen else None


def _pick_application(key: ObjectId) -> None:
    st.query_params[APPLICATION] = str(key)
    PAGES.begin_again()


def _any_application() -> None:
    st.query_params.pop(APPLICATION, None)
    PAGES.begin_again()


def _row(one: TakenSource, application: Listed | None) -> None:
    about = [
        address_link(one) if one.title else "",
        plain(application.name) if application else "",
        f"{ago(one.fetched_at)} by {actor_of(one.created_by)}",
    ]
    with st.container(
        border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(gap="xxsmall", width="stretch", key=f"name_source_{one.key}"):
            # A link to the page that is open would look as if it were chosen.
            if st.button(
                f":blue[**{plain(title_of(one))}**]", key=f"source_{one.key}", type="tertiary"
            ):
                open_source(one.key)
            st.markdown(
                f":small[:gray[{' · '.join(filter(None, about))}]]", help=exact(one.fetched_at)
            )
        st.markdown(_counts(one), width="content")


def _counts(one: TakenSource) -> str:
    saved = f":green-badge[:material/check: {one.saved:,} saved]" if one.saved else ""
    found = f":small[:gray[{counted(one.found, 'proposal')}]]"
    return f"{found} {saved} {type_badge(one.source_type)}"
