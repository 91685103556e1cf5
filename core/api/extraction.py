"""Own the routes of extraction: pages, files and texts, and making prompts of what is in them."""

from typing import Any

from bson import ObjectId
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.api.answers import answer
from core.api.dependencies import AskedKey, AskedPrompt, AskingScope, Running, to_value
from core.api.strict_route import UserRoute, UserRunRoute
from core.api.upload import UserUploadRoute, read_upload
from core.documents import PromptSource, SourceText
from core.errors import Invalid, PromptHubError
from core.extraction import bulk, provenance, saving, sources
from core.extraction.describe import describe_found
from core.values.ids import Id
from prompthub.wire import extraction as wire
from prompthub.wire.versions import RequiredField

fetches = APIRouter(prefix="/extract", route_class=UserRunRoute, tags=["extraction"])
uploads = APIRouter(prefix="/extract", route_class=UserUploadRoute, tags=["extraction"])
router = APIRouter(prefix="/extract", route_class=UserRoute, tags=["extraction"])
of_prompt = APIRouter(
    prefix="/prompts/{prompt_id}/sources", route_class=UserRoute, tags=["extraction"]
)
checks = APIRouter(
    prefix="/prompts/{prompt_id}/sources", route_class=UserRunRoute, tags=["extraction"]
)


@fetches.post("/url", response_model=wire.Extraction)
async def extract_url(body: wire.ExtractUrl, scope: AskingScope, runtime: Running) -> Response:
    """Fetch a page or PDF file and find the prompts in it; nothing on it is followed or run."""
    application_id = ObjectId(body.application_id)
    source = await sources.take_page(scope, application_id, body.url, runtime.extractor)
    return answer(wire.Extraction(**await _show(source)))


@fetches.post("/text", response_model=wire.Extraction)
async def extract_text(body: wire.ExtractText, scope: AskingScope, runtime: Running) -> Response:
    """Find the prompts in a text or in Markdown."""
    application_id = ObjectId(body.application_id)
    by = runtime.extractor
    source = await sources.take_text(scope, application_id, body.text, by, title=body.title)
    return answer(wire.Extraction(**await _show(source)))


@router.post("/bulk", response_model=wire.BulkStarted, status_code=202)
async def extract_bulk(
    body: wire.ExtractBulk, scope: AskingScope, idempotency_key: AskedKey = None
) -> Response:
    """Find the prompts in many pages, in the background.

    A repetition under the same `Idempotency-Key` is answered with the job of the first.
    """
    application_id = ObjectId(body.application_id)
    job = await bulk.start_bulk(scope, application_id, body.urls, idempotency_key=idempotency_key)
    started = wire.BulkStarted(job_id=str(job.key))
    return answer(started, status=202, headers={"Location": f"/api/v1/jobs/{job.key}"})


@uploads.post("/pdf", response_model=wire.Extraction)
async def extract_pdf(request: Request, scope: AskingScope, runtime: Running) -> Response:
    """Find the prompts in a PDF file, sent as the part `file` of a form."""
    by = runtime.extractor
    form = await read_upload(
        request, fields=frozenset({"application_id"}), limit=by.settings.max_file_bytes
    )
    asked = form.fields["application_id"]
    if not ObjectId.is_valid(asked):
        raise Invalid("This is no id of an application.", field="application_id")
    source = await sources.take_file(scope, ObjectId(asked), form.data, by, name=form.name)
    return answer(wire.Extraction(**await _show(source)))


@router.get("/{source_id}", response_model=wire.Source)
async def get_source(source_id: Id, scope: AskingScope) -> Response:
    """Show a source with its whole text."""
    source = await sources.get_source(scope, source_id)
    text = await sources.read_text(source)
    return answer(wire.Source(**await _show(source, text), text=text, pages=source.pages))


@fetches.post("/{source_id}/describe", response_model=wire.Described)
async def describe(
    source_id: Id,
    scope: AskingScope,
    runtime: Running,
    body: wire.DescribeRequest | None = None,
) -> Response:
    """Let a model name and describe proposals; the texts and what the rules found stay."""
    wish = body or wire.DescribeRequest()
    source = await sources.get_source(scope, source_id, role="editor")
    spans = None if wish.spans is None else [(one.start, one.end) for one in wish.spans]
    done = await describe_found(scope, source, engine=runtime.engine, model=wish.model, spans=spans)
    return answer(
        wire.Described(
            **await _show(done.source),
            described=done.described,
            left=done.left,
            problems=[_show_problem(one) for one in done.problems],
        )
    )


@router.post("/{source_id}/save", response_model=wire.SaveReport)
async def save(source_id: Id, body: wire.SaveRequest, scope: AskingScope) -> Response:
    """Make a draft prompt of each proposal chosen; one that was saved before is not made again."""
    source = await sources.get_source(scope, source_id, role="editor")
    chosen = [to_value(saving.Chosen, one.model_dump()) for one in body.proposals]
    saved = await saving.save_chosen(scope, source, chosen)
    outcomes = [one.outcome for one in saved]
    return answer(
        wire.SaveReport(
            created=outcomes.count("created"),
            existing=outcomes.count("existing"),
            refused=outcomes.count("refused"),
            items=[_show_saved(position, one) for position, one in enumerate(saved)],
        )
    )


@of_prompt.get("", response_model=wire.PromptSources)
async def list_sources(prompt: AskedPrompt, scope: AskingScope) -> Response:
    """List where a prompt was found."""
    links = await provenance.list_sources(scope, prompt)
    return answer(wire.PromptSources(items=[_show_link(link) for link in links]))


@checks.post("/{source_id}/check", response_model=wire.PromptSource)
async def check_source(
    source_id: Id, prompt: AskedPrompt, scope: AskingScope, runtime: Running
) -> Response:
    """Fetch a source of a prompt, named by the `id` of the list, again and say if it changed."""
    link = await provenance.check_again(scope, prompt, source_id, runtime.extractor)
    return answer(_show_link(link))


async def _show(source: SourceText, text: str | None = None) -> dict[str, Any]:
    known = await sources.read_text(source) if text is None else text
    return {
        "source_id": str(source.key),
        "application_id": str(source.application_id),
        "source_type": source.source_type,
        "source_url": source.source_url,
        "title": source.title,
        "extracted_by": source.extracted_by,
        "fetched_at": source.fetched_at,
        "proposals": [
            wire.Proposal(
                text=one.text,
                name=one.name,
                kind=one.kind,
                variables=[field.name for field in one.fields],
                span=wire.Span(page=one.page, start=one.start, end=one.end),
                confidence=one.confidence,
                content=one.content,
                required_fields=[RequiredField(**field.model_dump()) for field in one.fields],
                description=one.description,
                tags=list(one.tags),
                described_by=one.described_by or None,
            )
            for one in await sources.list_found(source, known)
        ],
    }


def _show_saved(position: int, saved: saving.Saved) -> wire.SavedProposal:
    problem = saved.problem and _show_problem(saved.problem)
    return wire.SavedProposal(
        position=position,
        outcome=saved.outcome,
        prompt_id=saved.prompt_id,
        version=saved.version,
        problem=problem,
    )


def _show_problem(error: PromptHubError) -> wire.SaveProblem:
    return wire.SaveProblem(
        code=error.code,
        message=error.message,
        field=str(error.facts.get("field") or ""),
        remedy=str(error.facts.get("remedy") or ""),
    )


def _show_link(link: PromptSource) -> wire.PromptSource:
    return wire.PromptSource.model_validate(
        {
            "id": str(link.key),
            "source_id": str(link.source_id),
            "source_type": link.source_type,
            "source_url": link.source_url,
            "title": link.extraction_metadata.get("title") or "",
            "spans": link.spans,
            "version": link.version,
            "extracted_by": link.extracted_by,
            "created_at": link.created_at,
            "checked_at": link.checked_at,
            "check_state": link.check_state or None,
        }
    )
