"""Own how the playground takes up the run that its address names, and notes the newest there."""

import streamlit as st
from bson import ObjectId

from core.errors import NotFound
from core.execution.stream import ExecutionRequest
from core.values.fields import RequiredField
from core.values.generation import ModelParams
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.param_overrides import fill_in_params
from streamlit_app.components.playground.free_text import fill_in_texts, request_of_messages
from streamlit_app.components.playground.panel import Panel
from streamlit_app.components.playground.rating import remember_rating
from streamlit_app.components.playground.restore import Found, find_conversation
from streamlit_app.components.run_target import Target
from streamlit_app.components.sent_messages import keeps_content
from streamlit_app.components.variables_form import fill_in

PARAMETER = "execution"


def recall(
    scope: Scope, panel: Panel, target: Target, fields: list[RequiredField], *, fills: bool
) -> None:
    """Take up the run that the address names, once; with `fills` its values go into the form."""
    found = _find(scope, panel)
    prompt = target.prompt
    if found is None or found.row.prompt_id != prompt.prompt_id:
        return
    if found.row.application_id != prompt.application_id:
        return
    given = found.row.input_data
    if fills and keeps_content(found.row):
        fill_in(fields, given.get("variables", {}), owner=target.owner)
    if fills and target.version:
        params = ModelParams.model_validate(given.get("model_params", {}))
        fill_in_params(params, target.version.model_params, owner=target.owner)
    _take_up(panel, found, found.request())


def recall_text(scope: Scope, panel: Panel) -> None:
    """Take up the run of a free text that the address names, once."""
    found = _find(scope, panel)
    if found is None or found.row.prompt_id or found.row.application_id != panel.owner:
        return
    if found.opening:
        fill_in_texts(found.opening, owner=panel.owner)
        params = ModelParams.model_validate(found.row.input_data.get("model_params", {}))
        fill_in_params(params, ModelParams(), owner=panel.owner)
    _take_up(panel, found, request_of_messages(found.request(), found.opening))


def note_newest(panel: Panel, *, keeps_words: bool) -> None:
    """Put the run that ended last into the address, where the log keeps what was said."""
    last = panel.last
    if last is None or not last.is_over or not keeps_words:
        return
    execution_id = last.ended().execution_id
    if execution_id is None or panel.filled_from == str(execution_id):
        return
    panel.filled_from = st.query_params[PARAMETER] = str(execution_id)


def _find(scope: Scope, panel: Panel) -> Found | None:
    asked = st.query_params.get(PARAMETER, "")
    if not ObjectId.is_valid(asked) or panel.filled_from == asked:
        return None
    panel.filled_from = asked
    try:
        return bridge.run(find_conversation(scope, ObjectId(asked)))
    except NotFound:
        return None


def _take_up(panel: Panel, found: Found, request: ExecutionRequest) -> None:
    if not found.turns or panel.is_running:
        return
    panel.take_up(request, found.turns)
    for turn in found.turns:
        execution_id = turn.ended().execution_id
        if execution_id:
            remember_rating(execution_id, found.ratings.get(execution_id))
