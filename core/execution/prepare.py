"""Own the way from a request to a model call: who may, which version, which model, which words."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple

from bson import ObjectId

from core.accounts.applications import get_application
from core.documents import Application, ExecutionLog, Prompt
from core.errors import Conflict, Invalid, ModelRequired, NotAllowed, PromptHubError
from core.execution.budget import Budget
from core.execution.checked import checked_input
from core.execution.idempotency import digest_of, require_first
from core.execution.observed import Observed
from core.execution.record import insert_refused
from core.execution.request import Engine, ExecutionRequest
from core.execution.storable import check_messages
from core.guardrails.base import CheckedInput
from core.guardrails.policy import check_policy
from core.prompts.catalogue import get_prompt
from core.prompts.composition import compose
from core.prompts.resolve import resolve_version
from core.providers.base import CompletionRequest
from core.providers.registry import ResolvedModel
from core.templates.compose import Part, merged_policy, preview_composed
from core.templates.render import MarkedMessage
from core.values.body import VersionBody
from core.values.guardrail_policy import GuardrailPolicy
from core.values.messages import Message
from core.values.scope import Scope
from core.values.storable import check_storable

# How metrics name what failed before its model was looked up: any text may stand in its place.
UNRESOLVED: Final = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An execution ready to call its model; `row` is not stored yet."""

    row: ExecutionLog
    resolved: ResolvedModel
    request: CompletionRequest
    policy: GuardrailPolicy
    checked: CheckedInput
    keeps_content: bool
    budget: Budget

    @property
    def model(self) -> str:
        """The model as connection/model."""
        return f"{self.resolved.connection.name}/{self.resolved.model}"


class _Place(NamedTuple):
    application: Application
    prompt: Prompt | None


async def prepare(scope: Scope, request: ExecutionRequest, *, engine: Engine) -> Prepared:
    """Check, resolve, choose and render; a failure after the prompt is found leaves a failed row.

    Raises:
        NotFound: the application or the prompt is not visible; no row is written.
        NotAllowed: the role does not allow running; no row is written.
        Unavailable: the process is being stopped.
        Conflict: the application or the prompt is deactivated, or the version not published.
        RateLimited: the application's minute is used up; no row is written.
        BudgetExceeded: its month is, and that stops it; no row is written.
        Invalid: variables, template, selector, model or guardrails break a rule.
        NotConfigured: the model's connection has no key.
        AnsweredBefore: the same succeeded under the same key; more in `require_first`.
    """
    if request.verifies is None:  # whose execution is under way and may end
        engine.running.require_open()
    place = await _find_place(scope, request)
    row = _new_row(scope, place, request)
    await require_first(row)
    limits = place.application.limits
    await engine.rate.take(
        "executions",
        str(place.application.key),
        limit=limits.executions_per_minute or engine.limits.per_minute,
    )
    await Budget.of(place.application, engine.metrics).require_left()
    try:
        return await _plan(scope, place, request, row, engine=engine)
    except PromptHubError as error:
        observed = Observed(engine, row, model=UNRESOLVED)
        observed.begin()
        observed.end("failed", error_type=error.code)
        await insert_refused(row, error)
        error.add_facts(execution_id=str(row.key), execution_status=row.status)
        raise


async def _find_place(scope: Scope, request: ExecutionRequest) -> _Place:
    prompt = None
    if request.prompt_id is not None:
        prompt = await get_prompt(scope, request.prompt_id, request.application_id)
    application_id = prompt.application_id if prompt else request.application_id
    if application_id is None:
        raise Invalid(
            "It is not said for which application this runs.",
            field="application_id",
            remedy="Name the application.",
        )
    _require_may_run(scope, request, application_id)
    application = await get_application(scope, application_id)
    if not application.is_active:
        raise Conflict(f"The application {application.name} is deactivated; restore it first.")
    if prompt is not None and not prompt.is_active:
        raise Conflict(f"The prompt {prompt.prompt_id} is deactivated; restore it first.")
    return _Place(application, prompt)


def _require_may_run(scope: Scope, request: ExecutionRequest, application_id: ObjectId) -> None:
    """Pass for an application's key on its saved versions, and for people who are editors."""
    if scope.kind == "application" and request.body is not None and request.verifies is None:
        raise NotAllowed("An API key runs saved versions only.", role="editor")
    role = "viewer" if scope.kind == "application" else "editor"
    scope.require(role, application_id, kind="application", key=str(application_id))


def _new_row(scope: Scope, place: _Place, request: ExecutionRequest) -> ExecutionLog:
    row = ExecutionLog(
        application_id=place.application.key,
        prompt_id=place.prompt.prompt_id if place.prompt else None,
        user_id=scope.user_id,
        request_id=scope.request_id or None,
        comparison_id=request.comparison_id,
        verifies=request.verifies,
        idempotency_key=request.idempotency_key,
        request_digest=None if request.idempotency_key is None else digest_of(request),
        model_provider="",
        model_name="",
    )
    days = place.application.retention_days
    if days is not None:
        row.expires_at = row.created_at + timedelta(days=days)
    return row


async def _plan(
    scope: Scope, place: _Place, request: ExecutionRequest, row: ExecutionLog, *, engine: Engine
) -> Prepared:
    """Fill the row step by step, so that a failed one shows how far it came."""
    keeps_content = place.application.log_content == "full"
    check_storable(dict(request.metadata), field="metadata")
    row.metadata = dict(request.metadata)
    check_storable(dict(request.variables), field="variables")
    check_messages(request.messages)
    body = await _find_body(scope, place, request, row)
    name = f"{row.prompt_id}@{row.version}" if row.version else ""
    composed = await compose(body, place.application.key, name=name)
    variables = request.variables
    if request.comparison_id is not None:
        variables = await asyncio.to_thread(_known_ones, composed.part, variables)
    row.dependencies = [used._asdict() for used in composed.used]
    params = body.model_params.overridden_by(request.model_params)
    row.input_data = {"model_params": params.model_dump(mode="json", exclude_none=True)}
    if keeps_content:
        row.input_data["variables"] = dict(variables)
        row.input_data |= {"added_messages": len(request.messages)} if request.messages else {}
    model = request.model or body.model or _default_model(place, engine)
    resolved = _choose_model(model, place, row, engine=engine)
    policy = merged_policy(composed.part)
    marked = await asyncio.to_thread(_check_and_render, policy, composed.part, variables)
    rendered = [Message(role=m.role, content="".join(s.text for s in m.segments)) for m in marked]
    messages = [*rendered, *request.messages]
    if keeps_content:
        row.rendered_messages = messages
    return Prepared(
        row=row,
        resolved=resolved,
        request=CompletionRequest(model=resolved.model, messages=tuple(messages), params=params),
        policy=policy,
        checked=checked_input(marked, variables, added=request.messages),
        keeps_content=keeps_content,
        budget=Budget.of(place.application, engine.metrics),
    )


def _known_ones(part: Part, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a version does not know: the inputs of a comparison are for all its columns.

    Raises:
        TemplateInvalid: a template is refused.
    """
    return {name: value for name, value in variables.items() if part.knows(name)}


def _check_and_render(
    policy: GuardrailPolicy, part: Part, variables: Mapping[str, Any]
) -> list[MarkedMessage]:
    # A saved policy was checked, but perhaps where checks were installed that are not here.
    check_policy(policy)
    return preview_composed(part, variables)


async def _find_body(
    scope: Scope, place: _Place, request: ExecutionRequest, row: ExecutionLog
) -> VersionBody:
    if request.body is not None:
        return request.body
    if place.prompt is None:
        raise Invalid(
            "There is nothing to run.", field="prompt_id", remedy="Name a prompt or give a body."
        )
    version = await resolve_version(scope, place.prompt, request.version or "latest")
    row.prompt_version_id = version.key
    row.version = version.version
    return version.body


def _default_model(place: _Place, engine: Engine) -> str | None:
    of_prompt = place.prompt.default_model if place.prompt else None
    return of_prompt or engine.settings.default_model or None


def _choose_model(
    model: str | None, place: _Place, row: ExecutionLog, *, engine: Engine
) -> ResolvedModel:
    if model is None:
        raise ModelRequired
    check_storable(model, field="model")
    row.model_provider, _, row.model_name = model.partition("/")
    allowed = place.application.allowed_models
    if allowed and model not in allowed:
        raise Invalid(
            f"The application {place.application.name} may not use this model.",
            field="model",
            remedy=f"Use one of: {', '.join(allowed)}.",
        )
    return engine.registry.find(model)
