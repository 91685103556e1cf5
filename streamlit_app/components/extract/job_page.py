"""Own the view of a background reading: how far it is, each address with what came of it."""

from collections.abc import Sequence
from typing import Final

import streamlit as st
from bson import ObjectId

from core.documents import Job, JobItem
from core.errors import PromptHubError
from core.extraction.bulk import KIND, result_of
from core.jobs.queue import cancel_job, get_job, list_jobs
from core.values.scope import RANK, Scope
from prompthub.wire.literals import JobItemState, JobStatus
from streamlit_app import bridge, viewer
from streamlit_app.components import problem, toasts
from streamlit_app.components.extract.address import back_to_list, open_job, open_source
from streamlit_app.components.extract.wording import MAX_TITLE
from streamlit_app.components.once import once
from streamlit_app.components.pages import Pages
from streamlit_app.components.people import actor_of
from streamlit_app.components.ticker import tick_every
from streamlit_app.components.title_row import title_row
from streamlit_app.components.when import ago, exact
from streamlit_app.formats import counted, plain

EVERY_MS: Final = 2_000
SHOWN_JOBS: Final = 3
PAGES: Final = Pages("job_page", 25)
_STATUS: Final[dict[JobStatus, str]] = {
    "queued": ":blue-badge[:material/schedule: Queued]",
    "running": ":blue-badge[:material/progress_activity: Running]",
    "done": ":green-badge[:material/check: Done]",
    "failed": ":red-badge[:material/error: Failed]",
    "cancelled": ":gray-badge[:material/block: Cancelled]",
}
_STATE: Final[dict[JobItemState, str]] = {
    "waiting": ":gray-badge[:material/schedule: Waiting]",
    "running": ":blue-badge[:material/progress_activity: Reading]",
    "done": ":green-badge[:material/check: Read]",
    "failed": ":red-badge[:material/error: Failed]",
    "cancelled": ":gray-badge[:material/block: Cancelled]",
}


def job_page(scope: Scope, job_id: ObjectId) -> None:
    """Draw the head, and below it what follows the job until it is over."""
    try:
        job = bridge.run(get_job(scope, job_id))
    except PromptHubError as error:
        title_row("Extract")
        problem.show(error)
        back_to_list()
        return
    with title_row(f"Reading {counted(job.total, 'address', 'addresses')}"):
        back_to_list()
        if not job.is_over and _may_cancel(scope, job):
            press = once(
                "Cancel",
                lambda: cancel_job(scope, job.key),
                key=f"cancel_{job.key}",
                icon=":material/block:",
                done=lambda _: "Cancelled. What was read stays.",
            )
            if press.error:
                problem.show(press.error)
    if job.is_over:
        _draw(job)
    else:
        _follow(job_id)


def recent_jobs(scope: Scope) -> None:
    """Draw the newest background readings, with how far they are; nothing without any."""
    page = bridge.run(list_jobs(scope, limit=SHOWN_JOBS))
    jobs = [job for job in page.items if job.kind == KIND]
    if not jobs:
        return
    st.subheader("Read in the background", anchor=False)
    for job in jobs:
        with st.container(
            border=True,
            horizontal=True,
            horizontal_alignment="distribute",
            vertical_alignment="center",
            key=f"name_job_{job.key}",
        ):
            if st.button(
                f":blue[**{counted(job.total, 'address', 'addresses')}**]",
                key=f"job_{job.key}",
                type="tertiary",
            ):
                open_job(job.key)
            st.markdown(
                f":small[:gray[{_progress(job)} · {ago(job.created_at)} by "
                f"{actor_of(job.created_by)}]] {_STATUS[job.status]}",
                help=exact(job.created_at),
                width="content",
            )


@st.fragment
def _follow(job_id: ObjectId) -> None:
    """Look again every two seconds; the whole page is drawn when the job is over."""
    try:
        job = bridge.run(get_job(viewer.scope(), job_id))
    except PromptHubError as error:
        problem.show(error)
        return
    if job.is_over:
        toasts.add(f"{_progress(job)}.".capitalize())
        st.rerun()
    _draw(job)
    tick_every(EVERY_MS, key="job_ticker")


def _draw(job: Job) -> None:
    st.markdown(
        f"{_STATUS[job.status]} :small[:gray[{_progress(job)} · {ago(job.created_at)} by "
        f"{actor_of(job.created_by)}]]",
        help=exact(job.created_at),
    )
    if not job.is_over:
        st.progress((job.done + job.failed) / max(job.total, 1))
        st.caption("It goes on when you leave this page. Pages of one host are read in turn.")
    with st.container(gap="xsmall"):
        _rows(PAGES.part(job.items))
    PAGES.draw(len(job.items))


def _rows(items: Sequence[JobItem]) -> None:
    for number, item in enumerate(items, start=PAGES.skip):
        with st.container(border=True, gap="xxsmall", key=f"name_item_{number}"):
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
            ):
                _address(item, number)
                st.markdown(f"{_found(item)} {_STATE[item.state]}", width="content")
            if item.problem and item.state in {"failed", "waiting"}:
                again = "It is tried again. " if item.state == "waiting" else ""
                words = f"{item.problem.message} {again}{item.problem.remedy}"
                st.markdown(f":small[{plain(words.strip())}]")


def _address(item: JobItem, number: int) -> None:
    shown = item.subject.partition("://")[2] or item.subject
    shown = shown if len(shown) <= MAX_TITLE else shown[: MAX_TITLE - 1] + "\u2026"
    result = result_of(item)
    if result is None:
        st.markdown(plain(shown), width="content")
        return
    with st.container(gap="xxsmall", width="content"):
        if st.button(
            f":blue[**{plain(result.title[:MAX_TITLE] or shown)}**]",
            key=f"job_source_{number}",
            type="tertiary",
            help="Open its review.",
        ):
            open_source(result.source_id)
        if result.title:
            st.caption(plain(shown))


def _found(item: JobItem) -> str:
    result = result_of(item)
    if result is None:
        return ""
    return f":small[:gray[{counted(result.prompts + result.answers, 'proposal')}]]"


def _progress(job: Job) -> str:
    failed = f", {job.failed:,} failed" if job.failed else ""
    return f"{job.done:,} of {job.total:,} read{failed}"


def _may_cancel(scope: Scope, job: Job) -> bool:
    held = scope.role_in(job.application_id)
    return held is not None and RANK[held] >= RANK["editor"]
