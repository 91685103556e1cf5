"""Own the routes of prompts."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from core.api.answers import answer, expected_revision, prompt_tag, tagged_answer
from core.api.dependencies import AskedPrompt, AskingScope, to_value
from core.api.paging import AskedPage
from core.api.strict_route import CallerRoute, UserRoute
from core.documents import Prompt
from core.prompts import catalogue, labels
from core.prompts.catalogue import NewPrompt, PromptChanges
from core.prompts.listing import PromptQuery, list_prompts
from core.values.ids import Id
from prompthub.wire import prompts as wire
from prompthub.wire.base import MAX_REASON, Page
from prompthub.wire.literals import PromptState

library = APIRouter(prefix="/prompts", route_class=UserRoute, tags=["prompts"])
router = APIRouter(prefix="/prompts/{prompt_id}", route_class=UserRoute, tags=["prompts"])
readable = APIRouter(prefix="/prompts/{prompt_id}", route_class=CallerRoute, tags=["prompts"])


@library.post("", status_code=201, response_model=wire.Prompt)
async def create_prompt(request: Request, body: wire.NewPrompt, scope: AskingScope) -> Response:
    """Create a prompt without any version yet."""
    new = to_value(NewPrompt, body.model_dump(exclude_unset=True))
    return tag_prompt(request, await catalogue.create_prompt(scope, new), status=201)


@library.get("", response_model=Page[wire.Prompt])
async def list_all(
    scope: AskingScope,
    asked: AskedPage,
    text: Annotated[str, Query(description="Words that must all occur somewhere.")] = "",
    tag: Annotated[
        tuple[str, ...], Query(description="Repeat for several; all must be there.")
    ] = (),
    folder: Annotated[str | None, Query(description="The folder and those inside it.")] = None,
    application_id: Id | None = None,
    state: Annotated[PromptState | None, Query(description="Default: all active ones.")] = None,
    label: Annotated[str | None, Query(description="Prompts that hold this label.")] = None,
    sort: Literal["updated", "name"] = "updated",
) -> Response:
    """List the prompts that the caller may see; `total` is exact."""
    asked_for = {"text": text, "tags": tag, "folder": folder, "application_id": application_id}
    query = to_value(
        PromptQuery, {**asked_for, "state": state, "label": label, "sort": sort}, where="query"
    )
    page = await list_prompts(scope, query, skip=asked.skip, limit=asked.limit)
    shown = [_show(prompt) for prompt in page.items]
    return answer(Page[wire.Prompt](**asked.part_of(shown, page.total)))


@readable.get("", response_model=wire.Prompt)
async def get_prompt(request: Request, prompt: AskedPrompt) -> Response:
    """Show one prompt; `If-None-Match` answers 304 while it is unchanged."""
    return tag_prompt(request, prompt)


@router.put("", response_model=wire.Prompt)
async def change_prompt(
    request: Request, body: wire.PromptChanges, prompt: AskedPrompt, scope: AskingScope
) -> Response:
    """Change a prompt; what is absent stays, and a stale `If-Match` answers 412."""
    changes = to_value(PromptChanges, body.model_dump(exclude_unset=True))
    expected = expected_revision(request, prompt)
    after = await catalogue.update_prompt(scope, prompt, changes, expected_revision=expected)
    return tag_prompt(request, after)


@router.delete("", status_code=204)
async def deactivate_prompt(prompt: AskedPrompt, scope: AskingScope) -> Response:
    """Take a prompt out of service; its versions and logs stay readable."""
    await catalogue.deactivate_prompt(scope, prompt)
    return Response(status_code=204)


@router.post("/restore", response_model=wire.Prompt)
async def restore_prompt(request: Request, prompt: AskedPrompt, scope: AskingScope) -> Response:
    """Put a prompt back into service."""
    return tag_prompt(request, await catalogue.restore_prompt(scope, prompt))


@router.put("/labels/{label}", response_model=wire.Prompt)
async def move_label(
    request: Request, label: str, body: wire.LabelTarget, prompt: AskedPrompt, scope: AskingScope
) -> Response:
    """Let a label point to a published version."""
    after = await labels.move_label(scope, prompt, label, body.version, reason=body.reason)
    return tag_prompt(request, after)


@router.delete("/labels/{label}", status_code=204)
async def remove_label(
    label: str,
    prompt: AskedPrompt,
    scope: AskingScope,
    reason: Annotated[
        str, Query(max_length=MAX_REASON, description="Kept in the audit trail.")
    ] = "",
) -> Response:
    """Take a label away."""
    await labels.remove_label(scope, prompt, label, reason=reason)
    return Response(status_code=204)


def tag_prompt(request: Request, prompt: Prompt, *, status: int = 200) -> Response:
    """Return a prompt with its entity tag and, when it was just created, its address."""
    location = (
        f"/api/v1/prompts/{prompt.prompt_id}?application_id={prompt.application_id}"
        if status == 201  # noqa: PLR2004 - created
        else ""
    )
    return tagged_answer(
        request, _show(prompt), prompt_tag(prompt), status=status, location=location
    )


def _show(prompt: Prompt) -> wire.Prompt:
    return wire.Prompt(
        id=str(prompt.key),
        prompt_id=prompt.prompt_id,
        name=prompt.name,
        description=prompt.description,
        folder=prompt.folder,
        application_id=str(prompt.application_id),
        current_version=prompt.current_version,
        newest_version=prompt.newest_version,
        tags=prompt.tags,
        labels=prompt.labels,
        default_model=prompt.default_model,
        is_active=prompt.is_active,
        created_by=prompt.created_by,
        created_at=prompt.created_at,
        updated_at=prompt.updated_at,
        revision=prompt.revision,
    )
