"""Own the dialog that makes drafts of the ticked proposals: how many, where to, and once."""

from collections.abc import Coroutine, Sequence
from typing import Any, Final

import streamlit as st
from pydantic import BaseModel, ValidationError

from core.documents import SourceText
from core.extraction.saving import Chosen, Saved, save_chosen
from core.extraction.sources import get_source
from core.prompts.naming import Folder, Tags
from core.search.engine import SearchEngine
from core.values.scope import Scope
from streamlit_app import viewer
from streamlit_app.components import problem, toasts
from streamlit_app.components.extract.opening import reload_saved
from streamlit_app.components.extract.state import Item, Review
from streamlit_app.components.job import Job, Progress, job_of
from streamlit_app.components.once import once
from streamlit_app.components.problem import as_problem
from streamlit_app.formats import counted, plain

AT_ONCE: Final = 20
_JOB: Final = "extract_save"

Outcome = list[tuple[int, Saved]]


class Place(BaseModel):
    """Where all drafts of one saving go, and the tags that each of them gets."""

    folder: Folder = ""
    tags: Tags = ()


def save_job() -> Job[Outcome]:
    """Return the saving of this browser session."""
    return job_of(_JOB, list)


@st.dialog("Save drafts")
def ask_to_save(scope: Scope, review: Review, items: Sequence[Item], application: str) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""
    number = counted(len(items), "draft")
    st.markdown(
        f"Makes **{number}** in *{plain(application)}*, each with the place in the source where "
        "it was found. Nothing is served until somebody publishes it."
    )
    _ask_place()
    job = save_job()
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="extract_save_cancel", type="tertiary"):
            job.cancel()
            st.rerun()
        press = once(
            f"Save {number}",
            lambda: _start(job, scope, review, items),
            key="extract_save",
            type="primary",
            disabled=job.is_under_way,
        )
    if press.error:
        problem.show(press.error)
    done = job.watch("Saving drafts...")
    if job.error:
        problem.show(job.error)
    if done is not None:
        toasts.add(tell(done))
        job.forget()
        st.rerun()


def _ask_place() -> None:
    st.text_input(
        "Folder",
        key="extract_folder",
        max_chars=300,
        placeholder="None; type one, e.g. Writing/Essays",
    )
    st.multiselect(
        "Tags for all of them",
        [],
        key="extract_tags",
        accept_new_options=True,
        max_selections=20,
        placeholder="Type a tag and press Enter",
    )


def _start(
    job: Job[Outcome], scope: Scope, review: Review, items: Sequence[Item]
) -> Coroutine[Any, Any, None]:
    """Read the dialog and make the call.

    Raises:
        ValidationError: the folder or a tag can't be used.
    """
    state = st.session_state
    place = Place.model_validate({"folder": state["extract_folder"], "tags": state["extract_tags"]})
    engine = viewer.runtime().search
    return job.start(lambda progress: _work(scope, review, items, place, engine, progress))


async def _work(
    scope: Scope,
    review: Review,
    items: Sequence[Item],
    place: Place,
    engine: SearchEngine,
    progress: Progress,
) -> Outcome:
    # The one on the desk is without its text.
    source = await get_source(scope, review.source.key, role="editor")
    done: Outcome = []
    for first in range(0, len(items), AT_ONCE):
        done += await _save_some(scope, source, items[first : first + AT_ONCE], place)
        progress(len(done), len(items))
    review.refused = {
        start: one.problem for start, one in done if one.problem and one.outcome == "refused"
    }
    await reload_saved(scope, review, engine)
    return done


async def _save_some(
    scope: Scope, source: SourceText, items: Sequence[Item], place: Place
) -> Outcome:
    chosen: dict[int, Chosen] = {}
    outcome: dict[int, Saved] = {}
    for item in items:
        try:
            chosen[item.start] = _chosen(item, place)
        except ValidationError as error:
            outcome[item.start] = Saved("refused", problem=as_problem(error))
    saved = await save_chosen(scope, source, list(chosen.values()))
    outcome.update(zip(chosen, saved, strict=True))
    return [(item.start, outcome[item.start]) for item in items]


def _chosen(item: Item, place: Place) -> Chosen:
    return Chosen(
        start=item.start,
        end=item.end,
        name=item.name,
        description=item.description,
        folder=place.folder,
        tags=(*item.tags, *place.tags),
        # What nobody touched is made from the source anew, by the same rules.
        content=item.content if item.is_edited else None,
    )


def tell(done: Outcome) -> str:
    """Return what saving did, in words."""
    outcomes = [one.outcome for _, one in done]
    parts = [f"Saved {counted(outcomes.count('created'), 'draft')}"]
    if existing := outcomes.count("existing"):
        parts.append(f"{existing:,} had been saved before")
    if refused := outcomes.count("refused"):
        parts.append(f"{refused:,} could not be saved and say why")
    return ", ".join(parts) + "."
