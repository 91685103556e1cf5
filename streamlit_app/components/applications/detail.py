"""Own the page of one application: its name and state, then one tab for each thing to govern."""

from collections.abc import Callable
from typing import Final, NamedTuple

import streamlit as st
from bson import ObjectId

from core.accounts.applications import get_application
from core.accounts.directory import find_people
from core.documents import Application
from core.errors import NotFound
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.applications.budget_tab import budget_tab
from streamlit_app.components.applications.danger_tab import danger_tab, leave_button
from streamlit_app.components.applications.fresh_key import fresh_key
from streamlit_app.components.applications.key_tab import key_tab
from streamlit_app.components.applications.limits_tab import limits_tab
from streamlit_app.components.applications.log_tab import log_tab
from streamlit_app.components.applications.members_tab import members_tab
from streamlit_app.components.applications.overview import facts, links, overview_tab
from streamlit_app.components.applications.wording import role_badge, state_badge
from streamlit_app.components.title_row import title_row
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

TABS: Final[dict[str, Callable[[Scope, Application], None]]] = {
    "Overview": overview_tab,
    "Key": key_tab,
    "Members": members_tab,
    "Models & limits": limits_tab,
    "Budget": budget_tab,
    "Log": log_tab,
    "Danger": danger_tab,
}


class Shown(NamedTuple):
    """The application and the name of its owner, where the viewer may know it."""

    application: Application
    owner: str


def application_detail(scope: Scope, asked: str) -> None:
    """Draw the application that the address names, or say why not."""
    try:
        shown = bridge.run(_load(scope, asked))
    except NotFound:
        title_row("Applications")
        problem.show(
            NotFound("application", asked),
            title="There is no such application, or it is not yours.",
        )
        st.page_link(
            page_path("applications"), label="All applications", icon=":material/arrow_back:"
        )
        return
    application = shown.application
    title_row(plain(application.name))
    _identify(scope, shown)
    if scope.role_in(application.key) == "admin":
        fresh_key(application)
        _tabs(scope, application)
    else:
        _read_only(scope, shown)


async def _load(scope: Scope, asked: str) -> Shown:
    # An id that is none is not found, as any other that nobody has.
    key = ObjectId(asked) if ObjectId.is_valid(asked) else ObjectId()
    application = await get_application(scope, key)
    owner = (await find_people(scope, [application.owner_id])).get(application.owner_id)
    return Shown(application, (owner.full_name or owner.email) if owner else "")


def _identify(scope: Scope, shown: Shown) -> None:
    application = shown.application
    role = scope.role_in(application.key) or "viewer"
    is_owner = application.owner_id == scope.user_id
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            page_path("applications"), label="All applications", icon=":material/arrow_back:"
        )
        badges = (role_badge(role, is_owner=is_owner), state_badge(application))
        st.markdown(" ".join(filter(None, badges)), width="content")
        if shown.owner and not is_owner:
            st.caption(f"owned by {plain(shown.owner)}", width="content")


def _tabs(scope: Scope, application: Application) -> None:
    places = st.tabs(list(TABS), key="tab", on_change="rerun", bind="query-params")
    for place, draw in zip(places, TABS.values(), strict=True):
        if place.open:
            with place:
                draw(scope, application)


def _read_only(scope: Scope, shown: Shown) -> None:
    application = shown.application
    if application.description:
        st.markdown(plain(application.description))
    links(application)
    facts(application)
    st.caption("Only its admins change these, see the key and invite people.")
    leave_button(scope, application)
