"""Own what the library page loads: prompts in order or by relevance, with all that rows show."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bson import ObjectId

from core.accounts.directory import Listed, list_names
from core.analytics.figures import Figures
from core.documents import Prompt
from core.prompts.listing import (
    Facets,
    PromptQuery,
    count_prompts,
    list_facets,
    list_prompts,
)
from core.prompts.passages import list_passages
from core.search.engine import SearchEngine
from core.search.find import MAX_HITS, SearchQuery, find_prompts, sought_by
from core.search.passage import Passage, Piece, marked
from core.values.scope import RANK, Scope
from prompthub.wire.literals import Role, SearchMode

PAGE_SIZE = 20


class Row(NamedTuple):
    """One prompt as it is shown; `version` is the one found, None in a list.

    `name` and `places`, which are the folder and the tags, are in pieces with the words asked for
    marked; `name` is None where nothing was asked for.
    """

    prompt: Prompt
    passage: Passage
    name: Passage | None = None
    places: tuple[Passage, ...] = ()
    version: str | None = None
    is_by_meaning: bool = False


class Found(NamedTuple):
    """One page of a list; `total` counts all that match."""

    rows: list[Row]
    total: int


class Searched(NamedTuple):
    """The best matches, best first, and how they were found; there may be more than `rows`."""

    rows: list[Row]
    mode: SearchMode
    has_more: bool


class Offer(NamedTuple):
    """What one application, or all of them, can be filtered by, and how many prompts it has."""

    facets: Facets
    total: int


@dataclass(frozen=True)
class Shelf:
    """What stays the same while somebody searches; made anew by each run of the whole page."""

    scope: Scope
    applications: Mapping[ObjectId, Listed]
    offers: dict[ObjectId | None, Offer] = field(default_factory=dict[ObjectId | None, Offer])
    figures: dict[ObjectId, Figures] = field(default_factory=dict[ObjectId, Figures])

    def writable(self, role: Role = "editor") -> list[Listed]:
        """Return the active applications where the viewer holds at least the role."""
        return [
            application
            for application in self.applications.values()
            if application.is_active and self.holds(role, application.key)
        ]

    def holds(self, role: Role, application_id: ObjectId) -> bool:
        """Whether the viewer holds at least the role in an application."""
        held = self.scope.role_in(application_id)
        return held is not None and RANK[held] >= RANK[role]

    def name_of(self, application_id: ObjectId) -> str:
        """Return the name of an application."""
        application = self.applications.get(application_id)
        return application.name if application else ""


async def open_shelf(scope: Scope) -> Shelf:
    """Load the viewer's applications and what all prompts can be filtered by."""
    applications, offer = await asyncio.gather(list_names(scope), load_offer(scope, None))
    return Shelf(
        scope, {application.key: application for application in applications}, {None: offer}
    )


async def load_offer(scope: Scope, application_id: ObjectId | None) -> Offer:
    """Load what the prompts of an application, or all, can be filtered by.

    Raises:
        NotFound: the application is not the viewer's.
    """
    query = PromptQuery(application_id=application_id)
    facets, total = await asyncio.gather(
        list_facets(scope, application_id), count_prompts(scope, query)
    )
    return Offer(facets, total)


async def list_page(scope: Scope, query: PromptQuery, *, skip: int) -> Found:
    """Load one page of what matches.

    Raises:
        NotFound: the application named is not the viewer's.
        Invalid: the label is not written as one.
    """
    prompts, total = await list_prompts(scope, query, skip=skip, limit=PAGE_SIZE)
    passages = await list_passages(scope, prompts, "")
    return Found([listed(prompt, passages[prompt.key]) for prompt in prompts], total)


def listed(prompt: Prompt, passage: Passage) -> Row:
    """Return the row of a prompt in a list, where no word was asked for."""
    return Row(
        prompt, passage, places=tuple((Piece(one, is_match=False),) for one in places_of(prompt))
    )


def places_of(prompt: Prompt) -> list[str]:
    """Return the folder and the tags."""
    return [place for place in (prompt.folder, ", ".join(prompt.tags)) if place]


async def search(
    scope: Scope, query: PromptQuery, *, all_versions: bool, shown: int, engine: SearchEngine
) -> Searched:
    """Load the best `shown` matches of the text within the filters.

    Raises:
        NotFound: the application named is not the viewer's.
        Invalid: the label is not written as one.
    """
    asked = SearchQuery(
        text=query.text,
        application_id=query.application_id,
        tags=query.tags,
        folder=query.folder,
        state=query.state,
        label=query.label,
        all_versions=all_versions,
        limit=min(shown + 1, MAX_HITS),
    )
    found, sought = await find_prompts(scope, asked, engine=engine), sought_by(query.text)
    rows = [
        Row(
            hit.prompt,
            hit.passage,
            hit.name,
            tuple(marked(place, sought) for place in places_of(hit.prompt)),
            hit.version,
            is_by_meaning=not hit.matches,
        )
        for hit in found.items[:shown]
    ]
    return Searched(rows, found.mode, has_more=len(found.items) > shown)
