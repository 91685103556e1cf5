"""Own the routes that make a version better: remarks on it, and its rewrite by a model."""

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from core.api.answers import answer
from core.api.dependencies import AskedPrompt, AskingScope, Running
from core.api.strict_route import UserRoute, UserRunRoute
from core.enhancement import boost as boosting
from core.enhancement import validate as validating
from core.prompts.resolve import resolve_version
from core.templates.lint import Finding
from prompthub.wire import enhancement as wire
from prompthub.wire.versions import Change, RenderedMessage, VersionBody

PREFIX = "/prompts/{prompt_id}/versions/{version}"

remarks = APIRouter(prefix=PREFIX, route_class=UserRoute, tags=["enhancement"])
rewrites = APIRouter(prefix=PREFIX, route_class=UserRunRoute, tags=["enhancement"])


@remarks.post("/validate", response_model=wire.Validation)
async def validate(
    version: str, prompt: AskedPrompt, scope: AskingScope, runtime: Running
) -> Response:
    """Say what could be wrong with a version, without asking a model; nothing is stored."""
    found = await resolve_version(scope, prompt, version)
    model = prompt.default_model or runtime.engine.settings.default_model
    # Templates may compute for a second or two, which must not hold up other requests.
    validation = await asyncio.to_thread(validating.validate, found.body, model=model)
    rendered = validation.rendered
    return answer(
        wire.Validation(
            findings=[_show(finding) for finding in validation.findings],
            rendered=None
            if rendered is None
            else [RenderedMessage(role=one.role, content=one.content) for one in rendered],
        )
    )


def _show(finding: Finding) -> wire.Finding:
    return wire.Finding(
        code=finding.code,
        severity=finding.severity,
        field=finding.field,
        position=wire.Position(line=finding.line, column=finding.column),
        message=finding.message,
        remedy=finding.remedy,
    )


@rewrites.post("/boost", response_model=wire.Boosted)
async def boost(
    version: str,
    prompt: AskedPrompt,
    scope: AskingScope,
    runtime: Running,
    body: wire.BoostRequest | None = None,
) -> Response:
    """Let a model rewrite a version's texts; nothing but the execution's row is stored."""
    wish = body or wire.BoostRequest()
    boosted = await boosting.boost(
        scope,
        prompt,
        await resolve_version(scope, prompt, version),
        model=wish.model,
        instruction=wish.instruction,
        engine=runtime.engine,
    )
    return answer(
        wire.Boosted(
            proposal=VersionBody.model_validate(boosted.proposal.model_dump()),
            diff=[
                Change(area=one.area, what=one.what, before=one.before, after=one.after)
                for one in boosted.changes
            ],
            execution_id=str(boosted.execution_id),
        )
    )
