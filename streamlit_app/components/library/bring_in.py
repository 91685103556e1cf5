"""Own the dialog that brings in prompts from a file, after a look at what would happen."""

from dataclasses import dataclass, field
from functools import partial
from typing import Final

import streamlit as st
from bson import ObjectId
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import Invalid
from core.prompts.bulk import import_prompts
from core.transfer import Item, Report
from core.transfer import bring_in as take
from core.transfer.incoming import Incoming, read_file
from core.transfer.lists import look_over
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components import problem, toasts
from streamlit_app.components.application_choice import application_choice
from streamlit_app.components.job import Job, Progress, job_of
from streamlit_app.components.library.preview import show_preview
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.once import once
from streamlit_app.formats import counted

MAX_MEGABYTES: Final = 50
_LOOK: Final = "import_look"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be brought in, where, and how."""

    file_id: str
    application_id: ObjectId
    publish: bool
    move_labels: bool


@dataclass
class Look:
    """One file as it was read, and the looks at what it would change."""

    file_id: str
    incoming: Incoming
    asked: Asked | None = None
    job: Job[Report] = field(default_factory=Job[Report])


@st.dialog("Import prompts", width="large")
def bring_in(shelf: Shelf) -> None:
    """Ask for the file and the application, show what would happen, and do it."""
    uploaded = st.file_uploader(
        f"An export of PromptHub, or a list with one JSON object per line; up to {MAX_MEGABYTES} "
        "MB",
        type=["json", "jsonl", "ndjson"],
        key="import_file",
        max_upload_size=MAX_MEGABYTES,
    )
    if uploaded is None:
        explain()
        return
    try:
        look = look_of(uploaded)
    except Invalid as error:
        problem.show(error, title="This file can't be read.")
        return
    asked = ask_how(shelf, look)
    report = preview(shelf.scope, look, asked)
    if report is not None:
        show_preview(report, lambda item: name_of(look.incoming, item), look.incoming.problems)
        offer_import(shelf.scope, look, asked, report)


def explain() -> None:
    """Say what a list looks like."""
    st.caption(
        "Nothing is saved before you have seen what would happen. A line of a list needs `id`, "
        "`name` and `content`; `description`, `folder` and `tags` are optional:"
    )
    st.code(
        '{"id": "greeting", "name": "Greeting", "content": "Hello {{ name }}", "tags": ["demo"]}',
        language="json",
        wrap_lines=True,
    )


def look_of(uploaded: UploadedFile) -> Look:
    """Return the file as it was read; once, however often the dialog runs.

    Raises:
        Invalid: it can't be read.
    """
    look: Look | None = st.session_state.get(_LOOK)
    if look is None or look.file_id != uploaded.file_id:
        look = Look(uploaded.file_id, read_file(uploaded.getvalue()))
        st.session_state[_LOOK] = look
    return look


def ask_how(shelf: Shelf, look: Look) -> Asked:
    """Draw the choices: where, whether to publish, whether labels move."""
    publish = move = False
    with st.container(horizontal=True, vertical_alignment="bottom"):
        application = application_choice(shelf.writable(), key="import_application")
        if shelf.holds("operator", application.key):
            publish = st.toggle(
                "Publish",
                value=look.incoming.is_export,
                key=f"import_publish_{look.incoming.is_export}",
                help="What the file has published, is published here; labels are set."
                if look.incoming.is_export
                else "Serve each prompt at once. Otherwise it comes as a draft.",
            )
        else:
            st.caption("Comes as drafts; publishing needs the role operator.", width="content")
        if publish and look.incoming.is_export:
            move = st.toggle(
                "Move what is set here",
                key="import_move",
                help="Labels and the served version that a prompt has here move to those of the "
                "file. Otherwise they stay.",
            )
    return Asked(look.file_id, application.key, publish=publish, move_labels=move)


def preview(scope: Scope, look: Look, asked: Asked) -> Report | None:
    """Return what would happen, looked up anew when something else is asked for."""
    if look.asked != asked:
        look.asked, look.job = asked, Job[Report]()
        bridge.run(look.job.start(partial(_look, scope, look.incoming, asked)))
    report = look.job.watch("Looking at what would change...")
    if look.job.error:
        problem.show(look.job.error)
    return report


async def _look(scope: Scope, incoming: Incoming, asked: Asked, progress: Progress) -> Report:
    if not incoming.is_export:
        return await look_over(scope, asked.application_id, incoming.records)
    return await take(
        scope,
        asked.application_id,
        incoming.prompts,
        dry_run=True,
        move_labels=asked.move_labels,
        as_drafts=not asked.publish,
        progress=progress,
    )


def name_of(incoming: Incoming, item: Item) -> str:
    """Return what a prompt of the file is called."""
    if not incoming.is_export:
        return incoming.records[item.position].name
    return item.prompt_id or f"Prompt {item.position + 1:,} of the file"


def offer_import(scope: Scope, look: Look, asked: Asked, report: Report) -> None:
    """Draw the button, the progress, and close the dialog when all is in."""
    job = job_of("import", Report)
    number = report.count("created") + report.count("changed")
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if not number and not job.is_under_way:
            st.caption("Nothing of it is new here.", width="content")
        if st.button("Cancel", key="import_cancel", type="tertiary"):
            st.session_state.pop(_LOOK, None)
            st.rerun()
        if number:
            once(
                f"Import {counted(number, 'prompt')}",
                lambda: job.start(partial(_work, scope, look.incoming, asked)),
                key="import_submit",
                type="primary",
            )
    done = job.watch("Importing prompts...")
    if job.error:
        problem.show(job.error)
    if done:
        toasts.add(tell(done))
        job.forget()
        st.session_state.pop(_LOOK, None)
        st.rerun()


async def _work(scope: Scope, incoming: Incoming, asked: Asked, progress: Progress) -> Report:
    if incoming.is_export:
        return await take(
            scope,
            asked.application_id,
            incoming.prompts,
            move_labels=asked.move_labels,
            as_drafts=not asked.publish,
            progress=progress,
        )
    records = [one.model_copy(update={"publish": asked.publish}) for one in incoming.records]
    report = await look_over(scope, asked.application_id, records)
    await import_prompts(scope, asked.application_id, records, progress=progress)
    return report


def tell(report: Report) -> str:
    """Return what an import did, in words."""
    changed, unchanged, refused = map(report.count, ("changed", "unchanged", "refused"))
    parts = [
        f"{changed:,} got a new version" if changed else "",
        f"{unchanged:,} were there already" if unchanged else "",
        f"{refused:,} could not be taken" if refused else "",
    ]
    imported = f"Imported {counted(report.count('created'), 'prompt')}"
    return ", ".join([imported, *filter(None, parts)]) + "."
