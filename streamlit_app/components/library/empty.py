"""Own the library without any prompt: what a prompt is, and three ways to start."""

import streamlit as st

from core.prompts.bulk import ImportCounts
from core.prompts.samples import load_samples, read_samples
from streamlit_app.components import problem, toasts
from streamlit_app.components.application_choice import application_choice
from streamlit_app.components.job import job_of
from streamlit_app.components.library.bring_in import bring_in
from streamlit_app.components.library.new_prompt import new_prompt
from streamlit_app.components.library.shelf import Shelf
from streamlit_app.components.once import once
from streamlit_app.formats import counted

SAMPLES = "samples"
WHAT = "A prompt is a text with variables, kept in versions. Applications fetch the published one."


def empty_library(shelf: Shelf) -> None:
    """Draw what the viewer can start with; in words where the roles allow nothing."""
    st.caption(WHAT)
    if not shelf.applications:
        st.markdown("You are in no application yet. Ask somebody who administers one to add you.")
        return
    if not shelf.writable():
        st.markdown(
            "There is nothing to read yet. Prompts appear here when somebody writes them; to "
            "write them yourself, ask an admin of your application for the role editor."
        )
        return
    with st.grid(3, min_column_width=240):
        offer_to_write(shelf)
        offer_to_import(shelf)
        if shelf.writable("operator"):
            offer_examples(shelf)


def is_loading() -> bool:
    """Whether the examples are on their way; until all are there the library counts as empty."""
    return job_of(SAMPLES, ImportCounts).is_under_way


def card(title: str, words: str) -> None:
    """Draw the head of one way to start."""
    st.markdown(f"**{title}**")
    st.caption(words)


def offer_to_write(shelf: Shelf) -> None:
    """Draw the first way: a prompt of one's own."""
    with st.container(border=True, height="stretch"):
        card(
            ":material/edit_note: Write your first prompt",
            "Start from a blank page. You can publish it when it works.",
        )
        if st.button("New prompt", key="empty_new", type="primary", width="stretch", shortcut="N"):
            new_prompt(shelf, (), ())


def offer_to_import(shelf: Shelf) -> None:
    """Draw the second way: prompts that exist elsewhere."""
    with st.container(border=True, height="stretch"):
        card(
            ":material/upload_file: Bring prompts you have",
            "You see what a file holds before anything is saved.",
        )
        if st.button("Import a file...", key="empty_import", width="stretch"):
            bring_in(shelf)


def offer_examples(shelf: Shelf) -> None:
    """Draw the third way: real prompts to look around with."""
    with st.container(border=True, height="stretch"):
        card(
            ":material/library_add: Look at examples",
            f"Adds {len(read_samples())} real prompts, in the public domain and published.",
        )
        application = application_choice(shelf.writable("operator"), key="samples_application")
        job = job_of(SAMPLES, ImportCounts)
        once(
            "Load examples",
            lambda: job.start(
                lambda progress: load_samples(shelf.scope, application.key, progress=progress)
            ),
            key="load_samples",
            width="stretch",
        )
        counts = job.watch("Loading examples...")
        if job.error:
            problem.show(job.error)
        if counts:
            toasts.add(f"Imported {counted(counts.created, 'prompt')}.")
            job.forget()
            st.rerun()
