"""Own finding prompts: from a query to ranked versions, each with the reason why it was found."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict, Field

from core.documents import Prompt, PromptVersion
from core.errors import Invalid
from core.search.bm25 import SHORTEST_BEGINNING
from core.search.engine import SearchEngine
from core.search.facts import read_prompt, searched_text
from core.search.passage import Passage, Sought, marked, passage_of
from core.search.postings import Mask
from core.search.rank import Filters, Meaning, Ranked, rank
from core.search.snapshot import Snapshot
from core.search.unwritten import rank_unwritten
from core.search.words import terms_of
from core.values.body import Text
from core.values.ids import Id
from core.values.scope import Scope
from core.values.semver import LABEL
from prompthub.wire.literals import PromptState, SearchMode
from prompthub.wire.search import MAX_HITS, MAX_QUERY

# What was taken out of service a moment ago is left out of the hits; so many more stand by.
SPARE: Final = 5


class SearchQuery(BaseModel):
    """What is searched for, and where; filters are those of the library's list.

    A prompt stands by its current version, else by its newest; with `all_versions` each version
    is found by itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Text = Field(min_length=1, max_length=MAX_QUERY)
    application_id: Id | None = None
    tags: tuple[Text, ...] = ()
    folder: Text | None = None
    state: PromptState | None = None
    label: str | None = None
    all_versions: bool = False
    limit: int = Field(default=20, ge=1, le=MAX_HITS)


class Hit(NamedTuple):
    """A version found: `prompt` without its `search_text`, and why it was found.

    `version` is None for a prompt that has none yet. `name` and `passage` are in pieces with the
    words asked for marked; `matches` are those words as they are written there, or in the id, the
    folder or a tag. `score` orders the hits of one search and means nothing beyond it.
    """

    prompt: Prompt
    version: str | None
    score: float
    name: Passage
    passage: Passage
    matches: tuple[str, ...]


class Found(NamedTuple):
    """Hits, best first; `notice` says in a sentence what search cannot do now, if anything."""

    items: list[Hit]
    mode: SearchMode
    notice: str


async def find_prompts(scope: Scope, query: SearchQuery, *, engine: SearchEngine) -> Found:
    """Return the prompts that mean or say what is asked for, of those that the caller may see.

    Raises:
        NotFound: the application named is not the caller's.
        NotAllowed: an application asks with its key; drafts are searched too.
        Invalid: the label is not written as one.
    """
    filters = _filters(scope, query)
    now = await engine.fresh()
    meaning_of = await engine.meaning_of(now, filters, query.text)
    ranked = await asyncio.to_thread(_rank, now, filters, query, meaning_of, engine)
    hits = await _hits(filters, query, ranked)
    return Found(hits, "lexical" if meaning_of is None else "hybrid", engine.notice)


def _rank(
    now: Snapshot,
    filters: Filters,
    query: SearchQuery,
    meaning_of: Callable[[Mask], Meaning] | None,
    engine: SearchEngine,
) -> list[Ranked]:
    limit = query.limit + SPARE
    understood = engine.understood(query.text)
    written = rank(now, filters, query.text, limit, meaning_of, understood=understood)
    both = [*written, *rank_unwritten(now, filters, query.text)]
    return sorted(both, key=lambda one: -one.score)[:limit]


def _filters(scope: Scope, query: SearchQuery) -> Filters:
    scope.refuse_application()
    application_id = query.application_id and ObjectId(query.application_id)
    if application_id is not None:
        scope.require("viewer", application_id, kind="application", key=str(application_id))
    if query.label is not None and LABEL.fullmatch(query.label) is None:
        raise Invalid(
            "The label has other characters than a-z, 0-9 and -.",
            field="label",
            remedy="Use the name of a label, such as production.",
        )
    return Filters(
        scope=scope,
        application_id=application_id,
        tags=frozenset(query.tags),
        folder=query.folder,
        state=query.state,
        label=query.label,
        all_versions=query.all_versions,
    )


async def _hits(filters: Filters, query: SearchQuery, ranked: Sequence[Ranked]) -> list[Hit]:
    """Return the hits as they are stored now; what may not be shown any more is left out."""
    prompts, versions = await asyncio.gather(_prompts(filters.scope, ranked), _versions(ranked))
    sought = sought_by(query.text)
    return [
        _hit(
            one,
            prompts[one.prompt.key],
            versions.get(one.version.key) if one.version else None,
            sought,
        )
        for one in ranked
        if one.prompt.key in prompts
        and (one.version is None or one.version.key in versions)
        and filters.admit(read_prompt(prompts[one.prompt.key]))
    ][: query.limit]


async def _prompts(scope: Scope, ranked: Sequence[Ranked]) -> dict[ObjectId, dict[str, Any]]:
    keys = list({one.prompt.key for one in ranked})
    found = Prompt.collection().find({"_id": {"$in": keys}, **scope.visible()}, {"search_text": 0})
    return {row["_id"]: row async for row in found}


async def _versions(ranked: Sequence[Ranked]) -> dict[ObjectId, dict[str, Any]]:
    keys = [one.version.key for one in ranked if one.version]
    found = PromptVersion.collection().find(
        {"_id": {"$in": keys}, "deleted_at": None}, {"content": 1, "system_prompt": 1}
    )
    return {row["_id"]: row async for row in found}


def sought_by(text: str) -> Sought:
    """Return what to mark for a query."""
    terms = terms_of(text)
    is_open = bool(terms) and not text[-1:].isspace() and len(terms[-1]) > SHORTEST_BEGINNING
    return Sought(frozenset(terms), terms[-1] if is_open else "")


def _hit(
    one: Ranked, prompt: dict[str, Any], version: Mapping[str, Any] | None, sought: Sought
) -> Hit:
    name = marked(prompt["name"], sought)
    text = searched_text(version) if version else ""
    passage = passage_of(text, prompt.get("description", ""), sought, one.piece)
    beside = (prompt["prompt_id"], prompt.get("folder", ""), *prompt.get("tags", ()))
    pieces = [*name, *passage, *(piece for part in beside for piece in marked(part, sought))]
    words: dict[str, str] = {}
    for piece in pieces:
        if piece.is_match:
            words.setdefault(piece.text.casefold(), piece.text)
    return Hit(
        prompt=Prompt.model_validate(prompt),
        version=one.version.number if one.version else None,
        score=one.score,
        name=name,
        passage=passage,
        matches=tuple(words.values()),
    )
