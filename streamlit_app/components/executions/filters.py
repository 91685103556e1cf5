"""Own the row of filters of the execution log; each is in the address and can be shared."""

from datetime import timedelta
from typing import NamedTuple

import streamlit as st
from bson import ObjectId

from core import clock
from core.accounts.directory import find_named
from core.errors import PromptHubError
from core.execution.log import ExecutionQuery
from core.prompts.catalogue import get_prompt
from core.prompts.versions import list_versions
from core.values.scope import Scope
from prompthub.wire.literals import ExecutionStatus
from streamlit_app import bridge, viewer
from streamlit_app.components.executions.person import (
    asked_person,
    forget_person,
    person_picker,
)
from streamlit_app.components.executions.span import asked_span, forget_span, show_span, told
from streamlit_app.components.filter_select import filter_select
from streamlit_app.components.pages import Pages
from streamlit_app.components.prompt_address import asked_for
from streamlit_app.components.prompt_picker import Found, prompt_picker
from streamlit_app.components.search_box import search_box

PERIODS: dict[str, timedelta | None] = {
    "Last hour": timedelta(hours=1),
    "Last 24 hours": timedelta(hours=24),
    "Last 7 days": timedelta(days=7),
    "Last 30 days": timedelta(days=30),
    "All time": None,
}
USUAL_PERIOD = "Last 24 hours"
STATES: dict[str, ExecutionStatus | None] = {
    "All states": None,
    "Success": "success",
    "Failed": "failed",
    "Timeout": "timeout",
    "Blocked": "blocked",
    "Cancelled": "cancelled",
    "Running": "running",
}
PAGES = Pages("runs_page", 15)
ALL_MODELS, ALL_VERSIONS = "All models", "All versions"
LISTED_VERSIONS = 50


class Chosen(NamedTuple):
    """The query, and the words of the filters that are set, for the state without a match."""

    query: ExecutionQuery
    set_filters: list[str]
    period: str


def choose(scope: Scope) -> Chosen:
    """Draw the filters and return what they say."""
    asked, person_id = asked_for(), asked_person()
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        text = _text()
        span = asked_span()
        if span:
            show_span(span)
            period = told(span)
        else:
            period = _select("Period", list(PERIODS), key="period", width=150, usual=USUAL_PERIOD)
        application = _application(scope, asked.application_id)
        _prompt(scope, asked.prompt_id, application)
        version = _version(scope, asked.prompt_id, asked.application_id)
        model = _model()
        state = _select("State", list(STATES), key="status", width=125)
        person = person_picker(scope, person_id)
    window = PERIODS.get(period)
    query = ExecutionQuery(
        application_id=asked.application_id,
        prompt_id=asked.prompt_id,
        version=version,
        model=model,
        status=STATES[state],
        user_id=person_id,
        start=span.start if span else clock.now() - window if window else None,
        end=span.end if span else None,
        text=text,
    )
    words = [
        f"the text “{text}”" if text else "",
        f"the prompt {asked.prompt_id}" if asked.prompt_id else "",
        f"the application {application}" if application and not asked.prompt_id else "",
        f"the version {version}" if version else "",
        f"the model {model}" if model else "",
        f"the state {state}" if STATES[state] else "",
        f"the person {person}" if person else "",
    ]
    return Chosen(query, [word for word in words if word], period)


def clear() -> None:
    """Show everything of all time; for callbacks."""
    forget_span()
    forget_person()
    for name in ("prompt", "application", "version"):
        st.query_params.pop(name, None)
    st.session_state["search"] = ""
    st.session_state["period"] = "All time"
    st.session_state["status"] = next(iter(STATES))
    st.session_state["by_model"] = ALL_MODELS
    PAGES.begin_again()


def _text() -> str:
    return search_box(
        "Search",
        "Text in input or answer",
        key="search",
        live=False,
        on_change=PAGES.begin_again,
    )


def _select(
    label: str, options: list[str], *, key: str, width: int, usual: str | None = None
) -> str:
    return filter_select(
        label, options, key=key, width=width, usual=usual, on_change=PAGES.begin_again
    )


def _application(scope: Scope, application_id: ObjectId | None) -> str:
    if application_id is None:
        return ""
    return bridge.run(find_named(scope, [application_id])).get(application_id, "")


def _prompt(scope: Scope, prompt_id: str | None, application: str) -> None:
    prompt_picker(
        scope,
        prompt_id or (f"All of {application}" if application else "All prompts"),
        key="runs_prompt",
        on_pick=_choose_prompt,
        width=165,
        on_any=_forget_prompt if prompt_id or application else None,
    )


def _choose_prompt(prompt: Found) -> None:
    _forget_prompt()
    st.query_params["prompt"] = prompt.prompt_id
    st.query_params["application"] = str(prompt.application_id)


def _forget_prompt() -> None:
    for name in ("prompt", "application", "version"):
        st.query_params.pop(name, None)
    PAGES.begin_again()


def _version(scope: Scope, prompt_id: str | None, application_id: ObjectId | None) -> str | None:
    """Draw the versions of the prompt chosen; without one a number alone says nothing."""
    if prompt_id is None:
        return None
    asked = st.query_params.get("version")
    numbers = bridge.run(_numbers(scope, prompt_id, application_id))
    if asked and asked not in numbers:
        numbers.insert(0, asked)
    options = [ALL_VERSIONS, *numbers]
    key = f"runs_version_{prompt_id}_{application_id}"
    chosen = st.selectbox(
        "Version",
        options,
        index=options.index(asked) if asked else 0,
        key=key,
        label_visibility="collapsed",
        width=125,
        on_change=_write_version,
        args=(key,),
    )
    return None if chosen == ALL_VERSIONS else chosen


def _write_version(key: str) -> None:
    chosen: str = st.session_state[key]
    if chosen == ALL_VERSIONS:
        st.query_params.pop("version", None)
    else:
        st.query_params["version"] = chosen
    PAGES.begin_again()


async def _numbers(scope: Scope, prompt_id: str, application_id: ObjectId | None) -> list[str]:
    try:
        prompt = await get_prompt(scope, prompt_id, application_id)
        page = await list_versions(scope, prompt, skip=0, limit=LISTED_VERSIONS)
    except PromptHubError:
        # The log outlives prompts; its rows can still be filtered by the id.
        return []
    return [version.version for version in page.items]


def _model() -> str | None:
    models = bridge.run(viewer.runtime().engine.registry.models())
    chosen = filter_select(
        "Model",
        [ALL_MODELS, *(model.name for model in models)],
        key="by_model",
        width=165,
        accept_new_options=True,
        on_change=PAGES.begin_again,
    )
    return None if chosen == ALL_MODELS else chosen
