"""Own the way in: a web address, a PDF file or a pasted text, read in the background."""

from collections.abc import Callable, Coroutine
from typing import Any, Final, Literal, NoReturn, get_args

import streamlit as st

from core.accounts.directory import Listed
from core.documents import SourceText
from core.errors import Invalid
from core.extraction.bulk import start_bulk
from core.extraction.sources import take_file, take_page, take_text
from core.values.scope import Scope
from prompthub.wire.extraction import MAX_URLS
from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.application_choice import application_choice
from streamlit_app.components.extract.address import URL, open_job, open_source
from streamlit_app.components.filter_select import filter_switch
from streamlit_app.components.job import Job, Progress, job_of
from streamlit_app.components.once import once

Way = Literal["Web address", "Several addresses", "PDF file", "Pasted text"]
WAY: Final = "from"
_MAX_URL: Final = 2_000

Work = Callable[[Progress], Coroutine[Any, Any, SourceText]]


def start(scope: Scope, writable: list[Listed]) -> None:
    """Draw the box; when the source is read, go to its review."""
    with st.container(border=True):
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ):
            way: Way = filter_switch("Take prompts from", get_args(Way), key=WAY)
            st.caption("Nothing on a page or in a file is followed or run.", width="content")
        _ask(way)
        if way == "Several addresses":
            _submit_several(scope, writable)
        else:
            _submit(scope, writable, way)


def _ask(way: Way) -> None:
    match way:
        case "Web address":
            st.text_input(
                "Web address",
                st.query_params.get(URL, ""),
                key="extract_url",
                max_chars=_MAX_URL,
                placeholder="https://example.org/good-prompts, a web page or a PDF file",
                label_visibility="collapsed",
            )
        case "Several addresses":
            st.text_area(
                "Addresses",
                key="extract_urls",
                height=140,
                placeholder=f"One address a line, up to {MAX_URLS}. They are read in the "
                "background, those of one host in turn.",
                label_visibility="collapsed",
            )
        case "PDF file":
            megabytes = viewer.runtime().settings.extraction.max_file_bytes // 1024**2
            st.file_uploader(
                f"A PDF file with text in it, up to {megabytes} MB",
                type=["pdf"],
                key="extract_file",
                max_upload_size=max(megabytes, 1),
            )
        case "Pasted text":
            _ask_text()


def _ask_text() -> None:
    st.text_input(
        "Title",
        key="extract_title",
        max_chars=300,
        placeholder="Title, e.g. Notes of the workshop",
        label_visibility="collapsed",
    )
    st.text_area(
        "Text",
        key="extract_text",
        height=180,
        placeholder="Paste a text or Markdown that holds prompts.",
        label_visibility="collapsed",
    )


def _submit(scope: Scope, writable: list[Listed], way: Way) -> None:
    job = job_of("extract_read", SourceText)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        application = application_choice(writable, key="extract_application")
        press = once(
            "Find prompts",
            lambda: job.start(_work(scope, application, way)),
            key="extract_start",
            type="primary",
            icon=":material/travel_explore:",
            disabled=job.is_under_way,
        )
        if job.is_under_way:
            st.button("Cancel", key="extract_cancel", type="tertiary", on_click=job.cancel)
    if press.error:
        problem.show(press.error)
    source = job.watch("Fetching and reading..." if way == "Web address" else "Reading...")
    if job.error:
        problem.show(job.error, title=_FAILED[way])
    if source is not None:
        _go_to(job, source)


def _submit_several(scope: Scope, writable: list[Listed]) -> None:
    """Put a job in, and go to its progress."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        application = application_choice(writable, key="extract_application")
        press = once(
            "Find prompts",
            lambda: start_bulk(scope, application.key, _urls()),
            key="extract_bulk",
            type="primary",
            icon=":material/travel_explore:",
        )
    if press.error:
        problem.show(press.error, title="Nothing was started.")
    job = press.take()
    if job is not None:
        open_job(job.key)


def _urls() -> list[str]:
    lines = str(st.session_state["extract_urls"] or "").split()
    return [line if "://" in line else f"https://{line}" for line in lines]


_FAILED: Final[dict[Way, str]] = {
    "Web address": "This address could not be read.",
    "Several addresses": "Nothing was started.",
    "PDF file": "This file can't be read.",
    "Pasted text": "This text can't be read.",
}


def _work(scope: Scope, application: Listed, way: Way) -> Work:
    """Read what was given.

    Raises:
        Invalid: nothing was given.
    """
    state, by = st.session_state, viewer.runtime().extractor
    match way:
        case "Web address":
            url = str(state["extract_url"] or "").strip()
            if not url:
                raise Invalid("There is no address.", field="url", remedy="Paste one.")
            url = url if "://" in url else f"https://{url}"
            return lambda _: take_page(scope, application.key, url, by)
        case "Several addresses":
            raise Invalid("Several addresses are read in the background.", field="url")
        case "PDF file":
            file = state["extract_file"]
            if file is None:
                raise Invalid("There is no file.", field="file", remedy="Choose one.")
            data, name = file.getvalue(), str(file.name)[:300]
            return lambda _: take_file(scope, application.key, data, by, name=name)
        case "Pasted text":
            text, title = str(state["extract_text"] or ""), str(state["extract_title"] or "")
            if not text.strip():
                raise Invalid("There is no text.", field="text", remedy="Paste some.")
            return lambda _: take_text(scope, application.key, text, by, title=title.strip())


def _go_to(job: Job[SourceText], source: SourceText) -> NoReturn:
    job.forget()
    open_source(source.key)
