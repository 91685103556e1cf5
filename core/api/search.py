"""Own the routes of search: prompts by meaning and words, similar ones, duplicates."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from core.api.answers import answer
from core.api.dependencies import AskedPrompt, AskingScope, Running, to_value
from core.api.strict_route import UserRoute
from core.prompts.versions import get_version
from core.search.duplicates import list_duplicates
from core.search.find import Found, SearchQuery, find_prompts
from core.search.similar import Neighbour, find_similar
from core.values.ids import Id
from prompthub.wire import search as wire
from prompthub.wire.literals import PromptState

# Before the routes of prompts, whose ids these paths are not (`RESERVED_IDS`).
router = APIRouter(prefix="/prompts", route_class=UserRoute, tags=["search"])
of_prompt = APIRouter(prefix="/prompts/{prompt_id}", route_class=UserRoute, tags=["search"])


@router.get("/search", response_model=wire.SearchResults)
async def search(
    scope: AskingScope,
    runtime: Running,
    *,
    q: Annotated[wire.QueryText, Query(description="What the prompt is about, in any words.")],
    tag: Annotated[
        tuple[str, ...], Query(description="Repeat for several; all must be there.")
    ] = (),
    folder: Annotated[str | None, Query(description="The folder and those inside it.")] = None,
    application_id: Id | None = None,
    state: Annotated[PromptState | None, Query(description="Default: all active ones.")] = None,
    label: Annotated[str | None, Query(description="Prompts that hold this label.")] = None,
    all_versions: Annotated[
        bool, Query(description="Each version by itself, not only what a prompt stands by.")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=wire.MAX_HITS, description="Hits at most.")] = 20,
) -> Response:
    """Find prompts by meaning and words, best first; without an embedder by words alone."""
    asked = {"text": q, "tags": tag, "folder": folder, "application_id": application_id}
    narrowed = {"state": state, "label": label, "all_versions": all_versions, "limit": limit}
    query = to_value(SearchQuery, {**asked, **narrowed}, where="query")
    return answer(_show(await find_prompts(scope, query, engine=runtime.search)))


@router.post("/semantic-search", response_model=wire.SearchResults)
async def search_by_body(
    body: wire.SemanticSearch, scope: AskingScope, runtime: Running
) -> Response:
    """The same search with the query in the body, where it stays out of logs of addresses."""
    asked = body.model_dump(exclude={"query"})
    query = to_value(SearchQuery, {**asked, "text": body.query})
    return answer(_show(await find_prompts(scope, query, engine=runtime.search)))


@router.get("/duplicates", response_model=wire.Duplicates)
async def show_duplicates(
    scope: AskingScope, runtime: Running, application_id: Id | None = None
) -> Response:
    """Group the prompts that say the same, or nearly, by what each stands by."""
    found = await list_duplicates(scope, application_id, engine=runtime.search)
    clusters = [
        wire.Cluster(kind=cluster.kind, members=[_neighbour(one) for one in cluster.members])
        for cluster in found.clusters
    ]
    return answer(wire.Duplicates(items=clusters, notice=found.notice))


@of_prompt.get("/similar", response_model=wire.Neighbours)
async def show_similar(
    prompt: AskedPrompt,
    scope: AskingScope,
    runtime: Running,
    limit: Annotated[int, Query(ge=1, le=wire.MAX_HITS, description="Items at most.")] = 20,
) -> Response:
    """List other prompts of the application that say the same as this one, or nearly."""
    number = prompt.current_version or prompt.newest_version
    found: list[Neighbour] = []
    if number is not None:
        found = await find_similar(
            scope,
            prompt.application_id,
            await get_version(scope, prompt, number),
            title=prompt.name,
            exclude=prompt.key,
            engine=runtime.search,
            limit=limit,
        )
    items = [_neighbour(one) for one in found]
    return answer(wire.Neighbours(items=items, notice=runtime.search.notice))


def _show(found: Found) -> wire.SearchResults:
    return wire.SearchResults(
        items=[
            wire.SearchHit(
                prompt_id=hit.prompt.prompt_id,
                application_id=str(hit.prompt.application_id),
                version=hit.version,
                name=hit.prompt.name,
                score=round(hit.score, 4),
                passage="".join(piece.text for piece in hit.passage),
                matches=list(hit.matches),
            )
            for hit in found.items
        ],
        mode=found.mode,
        notice=found.notice,
    )


def _neighbour(one: Neighbour) -> wire.Neighbour:
    return wire.Neighbour(
        prompt_id=one.prompt.prompt_id,
        application_id=str(one.prompt.application_id),
        version=one.version,
        name=one.prompt.name,
        kind=one.kind,
        cosine=None if one.cosine is None else round(one.cosine, 4),
        overlap=round(one.overlap, 4),
    )
