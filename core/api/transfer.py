"""Own the routes of files of prompts: export, import, and the copy of one prompt."""

from typing import Annotated

from bson import ObjectId
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core import transfer
from core.api.answers import answer
from core.api.dependencies import AskedPrompt, AskingScope, to_value
from core.api.prompts import tag_prompt
from core.api.strict_route import UserImportRoute, UserRoute
from core.errors import Invalid
from core.prompts.catalogue import NewPrompt
from core.prompts.duplicate import duplicate_prompt
from core.transfer import ExportQuery, Item, Report
from core.values.ids import Id
from prompthub.wire import transfer as wire
from prompthub.wire.literals import PromptState
from prompthub.wire.prompts import Prompt

files = APIRouter(route_class=UserImportRoute, tags=["import and export"])
copies = APIRouter(prefix="/prompts/{prompt_id}", route_class=UserRoute, tags=["prompts"])


@files.get("/export", response_model=wire.Export)
async def export_prompts(
    scope: AskingScope,
    application_id: Id,
    prompt_id: Annotated[
        tuple[str, ...], Query(max_length=wire.MAX_PROMPTS, description="Repeat for several.")
    ] = (),
    state: Annotated[PromptState | None, Query(description="Default: all, inactive too.")] = None,
) -> Response:
    """Write a file of an application's prompts with all their versions, ordered by id.

    It holds no secrets, people or times; the same library gives the same file.
    """
    asked_for = {"application_id": application_id, "prompt_ids": prompt_id, "state": state}
    query = to_value(ExportQuery, asked_for, where="query")
    export = await transfer.export_prompts(scope, query)
    return StreamingResponse(
        export.pieces,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{export.name}"'},
    )


@files.post("/import", response_model=wire.ImportReport)
async def import_prompts(body: wire.ImportRequest, scope: AskingScope) -> Response:
    """Take the prompts of a file, or with `dry_run` tell what would happen.

    Each prompt is taken whole or refused whole with its reasons, whatever the others are. The same
    file again changes nothing. Publishing needs an operator; an editor brings in drafts.
    """
    if body.schema_number != wire.SCHEMA:
        raise Invalid(
            f"The file has the schema {body.schema_number}; this server reads {wire.SCHEMA}.",
            field="schema",
            remedy="Import it into a server of the version that wrote it, or a newer one.",
        )
    report = await transfer.bring_in(
        scope,
        ObjectId(body.application_id),
        body.prompts,
        dry_run=body.dry_run,
        move_labels=body.move_labels,
    )
    return answer(_show(report))


def _show(report: Report) -> wire.ImportReport:
    return wire.ImportReport(
        dry_run=report.dry_run,
        created=report.count("created"),
        changed=report.count("changed"),
        unchanged=report.count("unchanged"),
        refused=report.count("refused"),
        items=[_show_item(item) for item in report.items],
    )


def _show_item(item: Item) -> wire.ImportItem:
    return wire.ImportItem(
        position=item.position,
        prompt_id=item.prompt_id,
        outcome=item.outcome,
        versions_added=list(item.versions_added),
        versions_published=list(item.versions_published),
        labels=dict(item.labels),
        current_version=item.current_version,
        kept=list(item.kept),
        problems=[wire.ImportProblem.model_validate(one._asdict()) for one in item.problems],
    )


@copies.post("/duplicate", status_code=201, response_model=Prompt)
async def duplicate(
    request: Request, body: wire.Duplication, prompt: AskedPrompt, scope: AskingScope
) -> Response:
    """Copy what a prompt serves, else its newest version, into a new prompt as draft 1.0.0."""
    target = body.application_id or str(prompt.application_id)
    name = prompt.name if body.name is None else body.name
    checked = to_value(NewPrompt, {"application_id": target, "name": name})
    copy = await duplicate_prompt(
        scope, prompt, body.prompt_id, application_id=ObjectId(target), name=checked.name
    )
    return tag_prompt(request, copy, status=201)
