"""Own what the library page loads: one page of prompts with all that its rows show."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bson import ObjectId

from core.accounts.applications import list_applications
from core.documents import Application, Prompt
from core.prompts.listing import (
    Facets,
    PromptQuery,
    count_prompts,
    list_facets,
    list_prompts,
)
from core.prompts.passages import Passage, list_passages
from core.values.scope import RANK, Scope
from prompthub.wire.literals import Role

PAGE_SIZE = 20


class Found(NamedTuple):
    """One page of what matches; `total` counts all that match."""

    prompts: list[Prompt]
    total: int
    passages: Mapping[ObjectId, Passage]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


class Offer(NamedTuple):
    """What one application, or all of them, can be filtered by, and how many prompts it has."""

    facets: Facets
    total: int


@dataclass(frozen=True)
class Shelf:
    """What stays the same while somebody searches; made anew by each run of the whole page."""

    scope: Scope
    applications: Mapping[ObjectId, Application]
    offers: dict[ObjectId | None, Offer] = field(default_factory=dict[ObjectId | None, Offer])

    def writable(self, role: Role = "editor") -> list[Application]:
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
    applications, offer = await asyncio.gather(list_applications(scope), load_offer(scope, None))
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


async def find_prompts(scope: Scope, query: PromptQuery, *, page: int) -> Found:
    """Load one page of what matches, the last one where `page` is beyond it.

    Raises:
        NotFound: the application named is not the viewer's.
        Invalid: the label is not written as one.
    """
    prompts, total = await list_prompts(scope, query, skip=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    if not prompts and total:
        return await find_prompts(scope, query, page=-(-total // PAGE_SIZE))
    return Found(prompts, total, await list_passages(scope, prompts, query.text))
