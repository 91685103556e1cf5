"""Own the dialog that brings in prompts from a file, after a look at what it holds."""

from functools import partial

import streamlit as st
from bson import ObjectId

from core.documents import Application
from core.prompts.bulk import ImportCounts, import_prompts
from core.prompts.reading import Reading, read_leniently
from streamlit_app.components import problem, toasts
from streamlit_app.components.job import Job, Progress, job_of
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.once import once
from streamlit_app.formats import counted, plain

MAX_MEGABYTES = 50
PROBLEMS_SHOWN = 5
NAMES_SHOWN = 3


@st.dialog("Import prompts", width="medium")
def bring_in(shelf: Shelf) -> None:
    """Ask for the application and the file, show what it holds, and import it."""
    application = application_choice(shelf.writable(), key="import_application")
    uploaded = st.file_uploader(
        "File with one JSON object per line (JSONL)",
        type=["jsonl", "ndjson", "json"],
        key="import_file",
        max_upload_size=MAX_MEGABYTES,
        help="Each line needs `id`, `name` and `content`; `description`, `folder` and `tags` are "
        "optional. The same file again changes nothing.",
    )
    if uploaded is None:
        st.code(
            '{"id": "greeting", "name": "Greeting", "content": "Hello {{ name }}", '
            '"tags": ["example"]}',
            language="json",
            wrap_lines=True,
        )
        return
    reading = read_leniently(uploaded.getvalue().splitlines())
    show_reading(reading)
    if reading.records:
        offer_import(shelf, application, reading)


def application_choice(writable: list[Application], *, key: str) -> Application:
    """Draw the choice of an application where there are several; `default` comes first."""
    ordered = sorted(writable, key=lambda application: application.name != "default")
    if len(ordered) == 1:
        return ordered[0]
    return st.selectbox(
        "Application", ordered, format_func=lambda application: application.name, key=key
    )


def show_reading(reading: Reading) -> None:
    """Draw what the file holds, and what is wrong with which line."""
    if reading.records:
        names = ", ".join(f"*{plain(record.name)}*" for record in reading.records[:NAMES_SHOWN])
        more = len(reading.records) - NAMES_SHOWN
        st.markdown(
            f"**{counted(len(reading.records), 'prompt')}** can be imported: {names}"
            + (f" and {more:,} more." if more > 0 else ".")
        )
    elif not reading.problems:
        st.markdown("The file is empty.")
    if reading.problems:
        lines = "\n".join(
            f"- {plain(error.message)}" for error in reading.problems[:PROBLEMS_SHOWN]
        )
        more = len(reading.problems) - PROBLEMS_SHOWN
        st.markdown(
            f":orange[:material/warning:] **{counted(len(reading.problems), 'line')} can't be "
            f"imported** and will be left out.\n{lines}"
            + (f"\n- and {more:,} more" if more > 0 else "")
        )


def offer_import(shelf: Shelf, application: Application, reading: Reading) -> None:
    """Draw the button, the progress, and close the dialog when all is in."""
    work = partial(_work, shelf, application.key, reading)
    job = job_of("import", ImportCounts)
    with st.container(horizontal=True, horizontal_alignment="right"):
        once(
            f"Import {counted(len(reading.records), 'prompt')}",
            lambda: job.start(work),
            key="import_submit",
            type="primary",
        )
    finish(job, "Importing prompts...")


def finish(job: Job[ImportCounts], words: str) -> None:
    """Watch the job of an import, tell what came of it, and run the page again."""
    counts = job.watch(words)
    if job.error:
        problem.show(job.error)
    if counts:
        toasts.add(tell(counts))
        job.forget()
        st.rerun()


def tell(counts: ImportCounts) -> str:
    """Return what an import did, in words."""
    parts = [
        f"{counts.updated:,} got a new version" if counts.updated else "",
        f"{counts.unchanged:,} were there already" if counts.unchanged else "",
    ]
    return ", ".join([f"Imported {counted(counts.created, 'prompt')}", *filter(None, parts)]) + "."


async def _work(
    shelf: Shelf, application_id: ObjectId, reading: Reading, progress: Progress
) -> ImportCounts:
    return await import_prompts(shelf.scope, application_id, reading.records, progress=progress)
