"""Own the filters of the audit trail; each is in the address and can be shared."""

from datetime import timedelta
from typing import Final, NamedTuple

import streamlit as st
from bson import ObjectId

from core import clock
from core.accounts.directory import ApplicationQuery, find_applications, find_named
from core.audit import AuditQuery
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components.application_picker import application_picker
from streamlit_app.components.audit.wording import ACTIONS, in_words
from streamlit_app.components.filter_select import filter_select
from streamlit_app.components.pages import Pages
from streamlit_app.components.search_box import search_box
from streamlit_app.formats import plain

PERIODS: Final[dict[str, timedelta | None]] = {
    "Last 24 hours": timedelta(hours=24),
    "Last 7 days": timedelta(days=7),
    "Last 30 days": timedelta(days=30),
    "Last year": timedelta(days=365),
    "All time": None,
}
USUAL_PERIOD: Final = "Last 30 days"
EVERYTHING: Final = "Everything"
PAGES: Final = Pages("audit_page", 15)
APPLICATION, TARGET = "application", "target"


class Chosen(NamedTuple):
    """The query, and the words of the filters that are set, for the state without a match."""

    query: AuditQuery
    words: list[str]


def choose(scope: Scope) -> Chosen:
    """Draw the filters and return what they say."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        actor = _actor()
        application_id, application = _application(scope)
        action = filter_select(
            "What",
            [EVERYTHING, *ACTIONS],
            key="action",
            width=250,
            words=in_words,
            on_change=PAGES.begin_again,
        )
        period = filter_select(
            "Period",
            list(PERIODS),
            key="since",
            width=150,
            usual=USUAL_PERIOD,
            on_change=PAGES.begin_again,
        )
        target = _target()
    window = PERIODS[period]
    query = AuditQuery(
        application_id=application_id,
        actor=actor or None,
        action=None if action == EVERYTHING else action,
        target=target or None,
        start=clock.now() - window if window else None,
    )
    words = [
        f"the person “{actor}”" if actor else "",
        f"the application {application}" if application_id and scope.sees_everything else "",
        f"“{in_words(action)}”" if action != EVERYTHING else "",
        "the one thing it was done to" if target else "",
        f"the period “{period.lower()}”" if window else "",
    ]
    return Chosen(query, [word for word in words if word])


def clear() -> None:
    """Show everything of all time; for callbacks."""
    st.session_state["actor"] = ""
    st.session_state["action"] = EVERYTHING
    st.session_state["since"] = "All time"
    for name in (TARGET, *([APPLICATION] if viewer.scope().sees_everything else [])):
        st.query_params.pop(name, None)
    PAGES.begin_again()


def _actor() -> str:
    return search_box(
        "Who",
        "Email of who did it, or system",
        key="actor",
        live=False,
        max_chars=300,
        on_change=PAGES.begin_again,
    )


def _application(scope: Scope) -> tuple[ObjectId | None, str]:
    """Draw the application whose trail is read; who is no superuser reads that of one at a time."""
    key, name = bridge.run(_asked_application(scope, st.query_params.get(APPLICATION, "")))
    application_picker(
        scope,
        name,
        key="audit_application",
        on_pick=_pick_application,
        on_any=_forget_application if key and scope.sees_everything else None,
        width=190,
        administered=True,
    )
    return key, name


async def _asked_application(scope: Scope, asked: str) -> tuple[ObjectId | None, str]:
    """Return the application that the address names, else all of them or the first by name."""
    if ObjectId.is_valid(asked) and scope.role_in(ObjectId(asked)) == "admin":
        key = ObjectId(asked)
        return key, (await find_named(scope, [key])).get(key, asked)
    if scope.sees_everything:
        return None, ""
    query = ApplicationQuery(administered=True)
    first = (await find_applications(scope, query, limit=1)).items[0]
    return first.key, first.name


def _pick_application(key: ObjectId) -> None:
    st.query_params[APPLICATION] = str(key)
    PAGES.begin_again()


def _forget_application() -> None:
    st.query_params.pop(APPLICATION, None)
    PAGES.begin_again()


def _target() -> str:
    target = st.query_params.get(TARGET, "")[:300]
    if target:
        st.button(
            f"Only {plain(target.partition(':')[0])} {plain(target[-6:])}",
            key="audit_target",
            icon=":material/close:",
            icon_position="right",
            help="Show what was done to everything",
            on_click=_forget_target,
        )
    return target


def _forget_target() -> None:
    st.query_params.pop(TARGET, None)
    PAGES.begin_again()
