"""Own the dialog in which a model proposes names, descriptions and tags of what was found."""

from collections.abc import Coroutine
from typing import Any, Final

import streamlit as st
from bson import ObjectId

from core.errors import Invalid
from core.execution.request import Engine
from core.extraction.describe import Described, describe_found
from core.extraction.sources import get_source
from core.values.scope import Scope
from prompthub.wire.extraction import MAX_DESCRIBED
from streamlit_app import viewer
from streamlit_app.components import problem, toasts
from streamlit_app.components.job import Job, job_of
from streamlit_app.components.model_select import model_select
from streamlit_app.components.once import once
from streamlit_app.formats import counted, plain

_MODEL: Final = "describe_model"


def describe_job(source_id: ObjectId) -> Job[Described]:
    """Return the asking about a source in this browser session."""
    return job_of(f"describe_{source_id}", Described)


def ask_to_describe(scope: Scope, source_id: ObjectId, number: int) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""
    job = describe_job(source_id)

    @st.dialog("Suggest names", icon=":material/auto_awesome:", on_dismiss=job.cancel)
    def ask() -> None:
        some = min(number, MAX_DESCRIBED)
        st.markdown(
            f"A model proposes name, description and tags of {counted(some, 'prompt')}, ten in a "
            "call. The texts stay as they were found, and what you typed stays too. Each call is "
            "a run: it is in the log and costs what a run costs."
        )
        default = viewer.runtime().settings.providers.default_model
        model_select(
            "Model", default, key=_MODEL, placeholder="Choose a model", help="Who is asked."
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel", key="describe_cancel", type="tertiary"):
                job.cancel()
                st.rerun()
            press = once(
                "Suggest names",
                lambda: _start(job, scope, source_id),
                key="describe_start",
                type="primary",
                disabled=job.is_under_way,
            )
        if press.error:
            problem.show(press.error)
        done = job.watch("Asking the model...")
        if job.error:
            problem.show(job.error)
        if done is not None:
            job.forget()
            toasts.add(tell(done))
            st.rerun()

    ask()


def tell(done: Described) -> str:
    """Return what came of asking, in words."""
    words = f"Described {counted(done.described, 'prompt')}."
    if done.left:
        words += f" {done.left:,} are left."
    if done.problems:
        failed = counted(len(done.problems), "call")
        words += f" {failed} failed: {plain(done.problems[0].message)}"
    return words


def _start(job: Job[Described], scope: Scope, source_id: ObjectId) -> Coroutine[Any, Any, None]:
    """Read the dialog and make the call.

    Raises:
        Invalid: no model is chosen.
    """
    model: str | None = st.session_state[_MODEL]
    if not model:
        raise Invalid("No model is chosen.", field="model", remedy="Choose one.")
    engine = viewer.runtime().engine
    return job.start(lambda _: _describe(scope, source_id, model, engine))


async def _describe(scope: Scope, source_id: ObjectId, model: str, engine: Engine) -> Described:
    source = await get_source(scope, source_id, role="editor")
    return await describe_found(scope, source, engine=engine, model=model)
