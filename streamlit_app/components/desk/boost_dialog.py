"""Own the dialog in which a model proposes a better text: asked, watched, held against yours."""

from collections.abc import Coroutine
from typing import Any

import streamlit as st

from core.documents import Prompt
from core.enhancement.boost import MAX_INSTRUCTION_CHARS, Boosted, boost
from core.errors import Invalid
from core.execution.recording import execution_of
from core.execution.request import Engine
from core.values.body import VersionBody
from core.values.scope import Scope
from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.change_list import change_rows
from streamlit_app.components.desk.model_pane import inherited_model
from streamlit_app.components.desk.state import Desk
from streamlit_app.components.diff_view import diff_view
from streamlit_app.components.job import Job, Progress, job_of
from streamlit_app.components.model_select import model_select
from streamlit_app.components.once import once
from streamlit_app.navigation import page_path

DIFF_HEIGHT = 260
TEXTS_HEIGHT = 380
_DECIDED = "boost_decided"


def ask_to_boost(scope: Scope, desk: Desk) -> None:
    """Open the dialog; call it in the run of the click that asks for it."""
    job = job_of(f"boost_{desk.opened.prompt.key}", Boosted)

    def leave() -> None:
        job.cancel()
        job.forget()
        job.error = None

    @st.dialog("Boost the text", width="large", icon=":material/auto_awesome:", on_dismiss=leave)
    def ask() -> None:
        if st.session_state.pop(_DECIDED, False):
            st.rerun()
        proposal = _watch(job)
        if proposal is not None:
            _show(desk, proposal, job)
        else:
            _ask(scope, desk, job)

    ask()


def _watch(job: Job[Boosted]) -> Boosted | None:
    """Draw what is under way with the way to stop it, and return what came of it."""
    if not job.is_under_way:
        return None
    place = st.empty()
    with place.container():
        st.markdown("The model rewrites your text. That may take a minute; you can stop it.")
        st.button("Stop", key="boost_stop", icon=":material/stop:", on_click=job.cancel)
        proposal = job.watch("Waiting for the proposal")
    place.empty()
    return proposal


def _ask(scope: Scope, desk: Desk, job: Job[Boosted]) -> None:
    own = bool(desk.copy.texts["metaprompt"].strip())
    st.markdown(
        "A model rewrites the prompt and the system prompt by "
        + ("the metaprompt of this version" if own else "PromptHub's own metaprompt")
        + ". Variables stay as they are, and nothing changes until you take the proposal."
    )
    st.text_area(
        "What you wish for",
        key="boost_instruction",
        max_chars=MAX_INSTRUCTION_CHARS,
        height=90,
        placeholder="Optional, e.g. shorter, and always ask for a source",
    )
    model_select(
        "Model",
        None,
        key="boost_model",
        placeholder=f"As for this text: {desk.copy.model or inherited_model(desk)}",
        help="The one that rewrites; a strong one writes better prompts.",
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        press = once(
            "Ask for a proposal",
            lambda: _start(scope, desk, job),
            key="boost_start",
            type="primary",
            icon=":material/auto_awesome:",
        )
    error = press.error or job.error
    if error:
        problem.show(error, title="No proposal.")
        _link_execution(execution_of(error))
    if press.take() is not None:
        st.rerun(scope="fragment")


def _start(scope: Scope, desk: Desk, job: Job[Boosted]) -> Coroutine[Any, Any, bool]:
    desk.collect()
    body = desk.body()
    if not body.content.strip():
        raise Invalid("There is no text to rewrite yet.", field="content", remedy="Write it first.")
    engine = viewer.runtime().engine
    wish = str(st.session_state.get("boost_instruction") or "")
    model: str | None = st.session_state.get("boost_model")
    return _begin(job, scope, desk.opened.prompt, body, wish, model, engine)


async def _begin(
    job: Job[Boosted],
    scope: Scope,
    prompt: Prompt,
    body: VersionBody,
    wish: str,
    model: str | None,
    engine: Engine,
) -> bool:
    async def work(_tell: Progress) -> Boosted:
        return await boost(scope, prompt, body, model=model, instruction=wish, engine=engine)

    await job.start(work)
    return True


def _show(desk: Desk, proposal: Boosted, job: Job[Boosted]) -> None:
    body = desk.copy.readable()
    if proposal.changes:
        change_rows(proposal.changes)
        several = len(proposal.changes) > 1
        with st.container(height=TEXTS_HEIGHT if several else "content", border=False):
            diff_view(
                body,
                proposal.proposal,
                titles=("Yours", "Proposed"),
                key=f"boost_{proposal.execution_id}",
                height=DIFF_HEIGHT,
            )
    else:
        st.markdown("The model would leave the text as it is.")
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        _link_execution(proposal.execution_id)
        with st.container(horizontal=True, width="content"):
            st.button(
                "Keep yours", key="boost_refuse", type="tertiary", on_click=_decide, args=(job,)
            )
            st.button("Ask again...", key="boost_again", on_click=job.forget)
            if proposal.changes:
                st.button(
                    "Take the proposal",
                    key="boost_take",
                    type="primary",
                    icon=":material/check:",
                    on_click=_take,
                    args=(desk, proposal, job),
                )


def _decide(job: Job[Boosted]) -> None:
    """Forget the proposal and close the dialog; the next run of it sees to that."""
    job.forget()
    st.session_state[_DECIDED] = True


def _take(desk: Desk, proposal: Boosted, job: Job[Boosted]) -> None:
    desk.collect()
    if not job.is_under_way:
        return  # the second click of a double click
    desk.take_texts(
        content=proposal.proposal.content, system_prompt=proposal.proposal.system_prompt
    )
    _decide(job)


def _link_execution(execution_id: object) -> None:
    if execution_id is None:
        st.empty()
        return
    st.page_link(
        page_path("executions"),
        label="Open in the log",
        icon=":material/list_alt:",
        query_params={"execution": str(execution_id)},
        width="content",
    )
