"""Own the routes of versions: save, edit, publish, roll back, read, render, compare."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.api.answers import answer, expected_revision, tagged_answer, version_tag
from core.api.dependencies import AskedPrompt, AskingScope, to_value
from core.api.paging import AskedPage
from core.api.strict_route import CallerRoute, UserRoute
from core.documents import Prompt, PromptVersion
from core.prompts import publishing, versions
from core.prompts.composition import compose, list_dependents
from core.prompts.diff import compare, suggest_bump
from core.prompts.resolve import resolve_version
from core.prompts.versions import NewVersion
from core.templates.compose import render_composed
from core.values.body import VersionBody
from core.values.dependency import Dependency
from prompthub.wire import versions as wire
from prompthub.wire.base import Page

router = APIRouter(prefix="/prompts/{prompt_id}/versions", route_class=UserRoute, tags=["versions"])
readable = APIRouter(
    prefix="/prompts/{prompt_id}/versions", route_class=CallerRoute, tags=["versions"]
)
BODY_FIELDS = frozenset(VersionBody.model_fields)


@router.post(
    "",
    status_code=201,
    response_model=wire.SavedVersion,
    responses={200: {"description": "A version with this body exists", "model": wire.SavedVersion}},
)
async def save_version(
    request: Request, body: wire.NewVersion, prompt: AskedPrompt, scope: AskingScope
) -> Response:
    """Save a draft; when a version with the same body exists, that one is the answer (200)."""
    saved = await versions.save_version(scope, prompt, _to_new_version(body))
    version = saved.version
    shown = wire.SavedVersion(**_facts(prompt, version), created=saved.created)
    if not saved.created:
        return tagged_answer(request, shown, version_tag(version))
    location = _location(prompt, version)
    return tagged_answer(request, shown, version_tag(version), status=201, location=location)


def _to_new_version(body: wire.NewVersion) -> NewVersion:
    given = body.model_dump(exclude_unset=True)
    said = {name: given.pop(name) for name in BODY_FIELDS & given.keys()}
    return to_value(NewVersion, {**given, "body": to_value(VersionBody, said)})


@router.get("", response_model=Page[wire.Version])
async def list_versions(prompt: AskedPrompt, scope: AskingScope, asked: AskedPage) -> Response:
    """List the versions of a prompt, newest first."""
    page = await versions.list_versions(scope, prompt, skip=asked.skip, limit=asked.limit)
    shown = [show_version(prompt, version) for version in page.items]
    return answer(Page[wire.Version](**asked.part_of(shown, page.total)))


@readable.get("/{version}", response_model=wire.Version)
async def get_version(
    request: Request, version: str, prompt: AskedPrompt, scope: AskingScope
) -> Response:
    """Show the version that a number, `latest` or `label:NAME` means now."""
    found = await resolve_version(scope, prompt, version)
    return tagged_answer(request, show_version(prompt, found), version_tag(found))


@router.put("/{version}", response_model=wire.Version)
async def change_draft(
    request: Request,
    version: str,
    body: wire.VersionChanges,
    prompt: AskedPrompt,
    scope: AskingScope,
) -> Response:
    """Change a draft in place; what is absent stays, and a stale `If-Match` answers 412."""
    present = await versions.get_version(scope, prompt, version)
    given = body.model_dump(exclude_unset=True)
    description, metadata = given.pop("change_description", None), given.pop("metadata", None)
    after = await versions.update_draft(
        scope,
        prompt,
        version,
        to_value(VersionBody, {**present.body.model_dump(), **given}),
        change_description=description,
        metadata=metadata,
        expected_revision=expected_revision(request, present),
    )
    return tagged_answer(request, show_version(prompt, after), version_tag(after))


@router.delete("/{version}", status_code=204)
async def delete_draft(version: str, prompt: AskedPrompt, scope: AskingScope) -> Response:
    """Delete a draft; its number is never given again."""
    await versions.delete_draft(scope, prompt, version)
    return Response(status_code=204)


@router.post("/{version}/publish", response_model=wire.Version)
async def publish_version(
    request: Request,
    version: str,
    prompt: AskedPrompt,
    scope: AskingScope,
    body: wire.Publication | None = None,
) -> Response:
    """Freeze a version and serve it; publishing again changes nothing.

    Only one published without becoming current becomes it when that is asked for later. To serve
    as `latest` what was served before, roll back.
    """
    how = body or wire.Publication()
    published = await publishing.publish_version(
        scope, prompt, version, make_current=how.make_current, reason=how.reason
    )
    return tagged_answer(request, show_version(prompt, published), version_tag(published))


@router.post("/{version}/rollback", status_code=201, response_model=wire.Version)
async def roll_back(
    request: Request, version: str, body: wire.Rollback, prompt: AskedPrompt, scope: AskingScope
) -> Response:
    """Publish a new version with the body of this older one."""
    restored = await publishing.roll_back(scope, prompt, version, reason=body.reason)
    shown, location = show_version(prompt, restored), _location(prompt, restored)
    return tagged_answer(request, shown, version_tag(restored), status=201, location=location)


@readable.post("/{version}/render", response_model=wire.Rendered)
async def render(
    version: str, body: wire.RenderRequest, prompt: AskedPrompt, scope: AskingScope
) -> Response:
    """Fill a version in without calling a model."""
    found = await resolve_version(scope, prompt, version)
    # A template may compute for up to two seconds, which must not hold up other requests.
    name = f"{prompt.prompt_id}@{found.version}"
    composed = await compose(found.body, prompt.application_id, name=name)
    messages = await asyncio.to_thread(render_composed, composed.part, body.variables)
    return answer(
        wire.Rendered(
            messages=[wire.RenderedMessage(role=m.role, content=m.content) for m in messages],
            version=found.version,
            checksum=found.checksum,
        )
    )


@router.get("/{version}/dependents", response_model=wire.Dependents)
async def show_dependents(version: str, prompt: AskedPrompt, scope: AskingScope) -> Response:
    """List the versions that are directly made of this one; look before deleting it."""
    found = await resolve_version(scope, prompt, version)
    return answer(
        wire.Dependents(
            items=[
                wire.Dependent(
                    prompt_id=one.prompt.prompt_id,
                    version=one.version.version,
                    is_published=one.version.is_published,
                    dependencies=[_show_dependency(link) for link in one.dependencies],
                )
                for one in await list_dependents(scope, prompt, found.version)
            ]
        )
    )


@router.get("/{version}/diff/{other}", response_model=wire.Difference)
async def compare_versions(
    version: str, other: str, prompt: AskedPrompt, scope: AskingScope
) -> Response:
    """Say what changed from `version` to `other`."""
    old = await resolve_version(scope, prompt, version)
    new = await resolve_version(scope, prompt, other)
    # Reading two long templates takes a while, which must not hold up other requests.
    changes = await asyncio.to_thread(compare, old.body, new.body)
    return answer(
        wire.Difference(
            from_version=old.version,
            to_version=new.version,
            changes=[
                wire.Change(area=c.area, what=c.what, before=c.before, after=c.after)
                for c in changes
            ],
            suggested_bump=suggest_bump(changes),
        )
    )


def _show_dependency(dependency: Dependency) -> wire.Dependency:
    return wire.Dependency.model_validate(dependency.model_dump(exclude_none=True))


def _location(prompt: Prompt, version: PromptVersion) -> str:
    return (
        f"/api/v1/prompts/{prompt.prompt_id}/versions/{version.version}"
        f"?application_id={prompt.application_id}"
    )


def show_version(prompt: Prompt, version: PromptVersion) -> wire.Version:
    """Return a stored version as the API shows it."""
    return wire.Version(**_facts(prompt, version))


def _facts(prompt: Prompt, version: PromptVersion) -> dict[str, Any]:
    """Return the members of a version's shape; nested values are read by attribute."""
    return {
        "id": str(version.key),
        "prompt_id": prompt.prompt_id,
        "required_fields": [field.model_dump() for field in version.required_fields],
        "model_params": version.model_params.model_dump(),
        "guardrail_config": version.guardrail_config.model_dump(),
        "dependencies": [_show_dependency(one) for one in version.dependencies],
        **{name: getattr(version, name) for name in _SAME},
    }


# The fields that are stored as they are sent.
_SAME = tuple(
    wire.Version.model_fields.keys()
    - {"id", "prompt_id", "required_fields", "model_params", "guardrail_config", "dependencies"}
)
