"""Own the drawer of one event: who did what to what, and each fact before and after."""

from typing import Final

import pandas as pd
import streamlit as st
from bson import ObjectId

from core.audit import get_event
from core.documents import AuditEvent
from core.errors import PromptHubError
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import problem
from streamlit_app.components.audit.filters import PAGES, TARGET
from streamlit_app.components.audit.names import Names, load_names
from streamlit_app.components.audit.wording import in_words
from streamlit_app.components.people import address_of
from streamlit_app.components.when import exact
from streamlit_app.formats import DASH, plain
from streamlit_app.navigation import page_path

PARAMETER: Final = "event"


def open_event(event_id: ObjectId) -> None:
    """Name the event in the address, which opens its drawer; for callbacks."""
    st.query_params[PARAMETER] = str(event_id)


def close_event() -> None:
    """Take it from the address again; for callbacks."""
    st.query_params.pop(PARAMETER, None)


def show_asked(scope: Scope) -> None:
    """Open the drawer of the event that the address names, if it names one."""
    asked = st.query_params.get(PARAMETER)
    if not asked:
        return
    try:
        event, names = bridge.run(_load(scope, asked))
    except PromptHubError as error:
        close_event()
        problem.show(error)
        return

    @st.dialog(
        in_words(event.action),
        position="right",
        width=560,
        icon=":material/history:",
        on_dismiss=close_event,
    )
    def drawer() -> None:
        _draw(event, names)

    drawer()


async def _load(scope: Scope, asked: str) -> tuple[AuditEvent, Names]:
    # An id that is none is not found, as any other that nobody has.
    event = await get_event(scope, ObjectId(asked) if ObjectId.is_valid(asked) else ObjectId())
    return event, await load_names(scope, [event])


def _draw(event: AuditEvent, names: Names) -> None:
    _facts(event, names)
    if event.reason:
        st.markdown(f"> {plain(event.reason)}")
    rows = changes(event, names)
    if rows:
        st.dataframe(  # pyright: ignore[reportUnknownMemberType] - names types of polars
            pd.DataFrame(rows),
            hide_index=True,
            height="content",
            row_height=36,
            placeholder=DASH,
            alt="Each fact before and after",
        )
    else:
        st.caption("No facts were recorded beside it.")
    _ways_on(event, names)


def _facts(event: AuditEvent, names: Names) -> None:
    who = names.actor(event)
    st.markdown(f"{address_of(who) if '@' in who else plain(who)} · {exact(event.created_at)}")
    of = names.applications.get(event.application_id) if event.application_id else None
    where = f" · application {plain(of)}" if of else ""
    st.caption(f"On {plain(names.target(event))} ({plain(event.target)}){where}")
    if event.request_id:
        st.caption(f"Request `{event.request_id}`, as in the server's log")


def changes(event: AuditEvent, names: Names) -> list[dict[str, str | None]]:
    """Return one row for each fact; of what was only there before or after, the other is empty."""
    fields = list(dict.fromkeys([*event.before, *event.after]))
    return [
        {
            "Fact": name.replace("_", " "),
            "Before": names.value(name, event.before[name]) if name in event.before else None,
            "After": names.value(name, event.after[name]) if name in event.after else None,
        }
        for name in fields
    ]


def _ways_on(event: AuditEvent, names: Names) -> None:
    with st.container(horizontal=True):
        st.button(
            "All that was done to it",
            key="audit_to_target",
            icon=":material/filter_alt:",
            on_click=_only_target,
            args=(event.target,),
        )
        kind, _, key = event.target.partition(":")
        found = names.prompts.get(ObjectId(key)) if ObjectId.is_valid(key) else None
        if kind == "prompt" and found:
            st.page_link(
                page_path("versions"),
                label="Open the prompt",
                icon=":material/library_books:",
                query_params={"prompt": found[0], "application": str(found[1])},
            )


def _only_target(target: str) -> None:
    close_event()
    st.query_params[TARGET] = target
    st.session_state["since"] = "All time"
    PAGES.begin_again()
