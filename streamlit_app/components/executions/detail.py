"""Own the drawer of one execution: what happened and why first, then everything that is known."""

from typing import Any, NamedTuple, cast

import streamlit as st
from bson import ObjectId

from core.documents import ExecutionLog, Feedback
from core.errors import PromptHubError
from core.execution.log import ExecutionQuery, Neighbours, find_neighbours, get_execution
from core.feedback import find_own_ratings
from core.values.scope import Scope
from streamlit_app import bridge, viewer
from streamlit_app.components import erase_dialog, problem
from streamlit_app.components.badges import status_badge
from streamlit_app.components.executions import replay
from streamlit_app.components.executions.checks import checks, failed_checks
from streamlit_app.components.executions.curl import curl_of
from streamlit_app.components.executions.names import Names, load_names
from streamlit_app.components.executions.rate import rate
from streamlit_app.components.executions.timing import timing
from streamlit_app.components.message_view import Part, ShownMessage, message_view
from streamlit_app.components.run_panel import address_of
from streamlit_app.components.sent_messages import keeps_content, sent_messages, tell_not_kept
from streamlit_app.components.when import to_the_second
from streamlit_app.formats import plain
from streamlit_app.navigation import page_path

PARAMETER = "execution"
REFRESH_SECONDS = 1.0


def open_detail(execution_id: ObjectId) -> None:
    """Name the execution in the address, which opens its drawer; for callbacks."""
    st.query_params[PARAMETER] = str(execution_id)


def close_detail() -> None:
    """Take it from the address again; for callbacks."""
    st.query_params.pop(PARAMETER, None)


def show_asked(scope: Scope, query: ExecutionQuery) -> None:
    """Open the drawer of the execution that the address names, if it names one."""
    asked = st.query_params.get(PARAMETER)
    if not asked:
        return
    try:
        row, beside, own, names = bridge.run(_load(scope, query, asked))
    except PromptHubError as error:
        close_detail()
        problem.show(error)
        return
    if replay.PARAMETER in st.query_params and replay.can_replay(scope, row):
        replay.show_replay(scope, row)
        return
    if erase_dialog.is_asked(scope, row):
        erase_dialog.ask_to_erase_run(scope, row)
        return
    title = f"{row.prompt_id or 'Unsaved text'} {row.version or ''}".strip()

    @st.dialog(
        plain(title),
        position="right",
        width=560,
        icon=":material/receipt_long:",
        on_dismiss=close_detail,
    )
    def drawer() -> None:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            _walk(beside)
            rate(scope, row, own)
            _offer_to_erase(scope, row)
        st.fragment(_detail, run_every=REFRESH_SECONDS if _runs(row) else None)(scope, row, names)

    drawer()


class _Asked(NamedTuple):
    row: ExecutionLog
    beside: Neighbours
    own: Feedback | None
    names: Names


async def _load(scope: Scope, query: ExecutionQuery, asked: str) -> _Asked:
    row = await _get(scope, asked)
    beside = await find_neighbours(scope, query, row)
    own = await find_own_ratings(scope, [row.key]) if scope.user_id else {}
    return _Asked(row, beside, own.get(row.key), await load_names(scope, [row]))


async def _get(scope: Scope, asked: str) -> ExecutionLog:
    # An id that is none is not found, as any other that nobody has.
    return await get_execution(scope, ObjectId(asked) if ObjectId.is_valid(asked) else ObjectId())


def _runs(row: ExecutionLog) -> bool:
    return row.status in {"running", "queued"}


def _walk(beside: Neighbours) -> None:
    for label, icon, shortcut, key in (
        ("Newer", "arrow_upward", "K", beside.newer),
        ("Older", "arrow_downward", "J", beside.older),
    ):
        if key is not None and st.button(
            label,
            key=f"walk_{label}",
            type="tertiary",
            icon=f":material/{icon}:",
            shortcut=shortcut,
            on_click=open_detail,
            args=(key,),
        ):
            st.rerun()
    if beside == (None, None):
        st.caption("The only execution that matches.", width="content")


def _offer_to_erase(scope: Scope, row: ExecutionLog) -> None:
    if erase_dialog.can_erase(scope, row) and st.button(
        "Erase...",
        key="erase",
        type="tertiary",
        icon=":material/delete_forever:",
        on_click=erase_dialog.open_erase,
    ):
        st.rerun()


def _detail(scope: Scope, row: ExecutionLog, names: Names) -> None:
    if _runs(row):
        row = bridge.run(get_execution(scope, row.key))
        if not _runs(row):
            st.rerun()
    _state(row, names)
    _actions(scope, row)
    failed = failed_checks(row)
    messages, variables, verdicts, times = st.tabs(
        ["Messages", "Variables", f"Checks {failed}" if failed else "Checks", "Timing"]
    )
    with messages:
        sent_messages(row, key=f"detail_{row.key}")
        _answer(row)
    with variables:
        _variables(row)
    with verdicts:
        checks(row)
    with times:
        timing(row)


def _state(row: ExecutionLog, names: Names) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(status_badge(row.status), width="content")
        st.caption(
            f"run {str(row.key)[-6:]} · {to_the_second(row.created_at)} · "
            f"{plain(names.caller(row))}",
            width="content",
            help=f"Execution {row.key}",
        )
    _origin(row)
    if row.error_message:
        st.markdown(f"**{plain(row.error_message)}**")
    elif _runs(row):
        st.markdown("**The model is answering.** This refreshes by itself.")
    elif row.finish_reason == "length":
        st.markdown(
            "**The answer was cut off** at the longest allowed; raise the limit to see more."
        )
    if row.omitted_params:
        names_of = ", ".join(map(plain, row.omitted_params))
        st.markdown(f":small[:orange[:material/warning:] The model does not take {names_of}.]")


def _origin(row: ExecutionLog) -> None:
    origin = str(row.metadata.get("replay_of", ""))
    if ObjectId.is_valid(origin) and st.button(
        f"Replay of run {origin[-6:]}",
        key="replay_origin",
        type="tertiary",
        icon=":material/replay:",
        help="Open the run that was replayed",
        on_click=open_detail,
        args=(ObjectId(origin),),
    ):
        st.rerun()


def _actions(scope: Scope, row: ExecutionLog) -> None:
    if row.prompt_id is None:
        return
    with st.container(horizontal=True):
        if scope.role_in(row.application_id) != "viewer" and st.button(
            "Open in playground",
            key="open_in_playground",
            type="primary",
            icon=":material/play_circle:",
        ):
            st.switch_page(page_path("playground"), query_params=address_of(row))
        if replay.can_replay(scope, row) and st.button(
            "Replay on...",
            key="replay",
            icon=":material/replay:",
            on_click=replay.open_replay,
        ):
            st.rerun()
        if row.version and keeps_content(row):
            with st.popover("Copy as curl", icon=":material/terminal:", type="tertiary"):
                st.caption("Put the key of the application into PROMPTHUB_API_KEY first.")
                st.code(curl_of(row, viewer.runtime().settings.server), language="bash")


def _answer(row: ExecutionLog) -> None:
    text: object = row.output_data.get("text")
    if isinstance(text, str) and text:
        message_view(
            [
                ShownMessage(
                    "Answer" if row.status == "success" else "Answer, unfinished", [Part(text)]
                )
            ],
            key=f"answer_{row.key}",
            label="Answer",
        )
    elif keeps_content(row) and not _runs(row):
        st.caption("There is no answer.")


def _variables(row: ExecutionLog) -> None:
    if not keeps_content(row):
        tell_not_kept(row)
        return
    values: dict[str, Any] = row.input_data.get("variables", {})
    if not values:
        st.caption("It was run without variables.")
    for name, value in values.items():
        st.markdown(f":small[:gray[{plain(name)}]]")
        if isinstance(value, dict | list):
            st.json(cast("Any", value))
        else:
            st.code(str(value), language=None, wrap_lines=True)
