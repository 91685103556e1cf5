"""Own the review on the desk: what was found, what the person made of it, and what is saved."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

from core.documents import SourceText
from core.errors import Invalid, PromptHubError
from core.extraction.alike import SamePrompt
from core.extraction.listing import SavedSpan
from core.extraction.marking import Stretch, show_marked
from core.extraction.review import AS_PROPOSED, Choice
from core.extraction.sources import Found, page_of
from core.search.similar import Neighbour
from core.templates.variables import find_variables
from core.values.scope import RANK, Scope
from prompthub.wire.literals import ProposalKind

MAX_UNDO: Final = 50
_NO_EDIT: Final[Mapping[str, Any]] = {"ticked": None, "dropped": False, "marked": None}


class Item(NamedTuple):
    """One proposal as it stands: as found, with what the person has changed.

    `parts` counts the proposals merged into it. `is_marked` says that a person marked it, as no
    rule found it. `problem` says why it can't be saved as it is.
    """

    start: int
    end: int
    page: int | None
    name: str
    description: str
    tags: tuple[str, ...]
    kind: ProposalKind
    confidence: float | None
    content: str
    variables: tuple[str, ...]
    problem: str
    ticked: bool
    is_dropped: bool
    is_edited: bool
    parts: int
    saved: SavedSpan | None
    same: SamePrompt | None
    described_by: str = ""
    is_marked: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it can still be ticked."""
        return self.saved is None and not self.is_dropped


class Undo(NamedTuple):
    """An act that can be taken back: in words, with the choices of before."""

    words: str
    before: Mapping[int, Choice]


@dataclass
class Review:
    """One source under review by one person; callbacks change it, and it is stored at once."""

    source: SourceText
    text: str
    # What the rules found; `proposals` has what the person marked as well.
    found: Sequence[Found]
    choices: dict[int, Choice]
    saved: Sequence[SavedSpan]
    same: dict[int, SamePrompt]
    # Neighbours by what was compared, and errors by the proposal that could not be saved.
    near: dict[tuple[str, str], Neighbour | None] = field(
        default_factory=dict[tuple[str, str], "Neighbour | None"]
    )
    refused: dict[int, PromptHubError] = field(default_factory=dict[int, PromptHubError])
    done: list[Undo] = field(default_factory=list[Undo])
    error: PromptHubError | None = None
    # The comparison with the library that is under way.
    looking: "asyncio.Task[None] | None" = None
    widened: set[int] = field(default_factory=set[int])
    # The stretch that is open. The address says it too, but a run that the browser asked for
    # before it knew of a click comes with the address of before.
    chosen: tuple[int, int] | None = None
    scrolled: int = 0
    # Widgets take a text anew when this is raised, as after an undo.
    generation: int = 0

    def can_write(self, scope: Scope) -> bool:
        """Whether the person may tick, edit and save."""
        held = scope.role_in(self.source.application_id)
        return held is not None and RANK[held] >= RANK["editor"] and scope.user_id is not None

    def items(self) -> list[Item]:
        """Return all proposals in the order of the source, merged ones as one."""
        saved = {one.start: one for one in sorted(self.saved, key=lambda one: one.end)}
        proposals = self.proposals()
        starts = {one.start for one in proposals}
        items = [self._saved_item(one) for one in saved.values() if one.start not in starts]
        until = 0
        for index, one in enumerate(proposals):
            if one.start < until:
                continue
            item = self._item(proposals[index:], saved.get(one.start))
            until = item.end
            items.append(item)
        return sorted(items, key=lambda item: item.start)

    def proposals(self) -> list[Found]:
        """Return what the rules found and what the person marked, in the order of the source."""
        taken = {one.start for one in self.found}
        marked = [
            show_marked(self.source, self.text, Stretch(start, choice.marked))
            for start, choice in self.choices.items()
            if choice.marked is not None and start not in taken
        ]
        return sorted([*self.found, *marked], key=lambda one: one.start)

    def _item(self, rest: Sequence[Found], saved: SavedSpan | None) -> Item:
        """Return the first of the proposals, with those of the others that are merged into it."""
        one = rest[0]
        choice = self.choices.get(one.start, AS_PROPOSED)
        end = saved.end if saved else max(choice.end or 0, one.end)
        content = one.content if choice.content is None else choice.content
        names = tuple(field.name for field in one.fields)
        problem = ""
        if choice.content is not None:
            names, problem = read_variables(content)
        same = self.same.get(one.start) if choice.content is None else None
        wanted = one.kind == "prompt" and same is None and not self._says_the_same(one, choice)
        return Item(
            start=one.start,
            end=end,
            page=one.page,
            name=one.name if choice.name is None else choice.name,
            description=one.description if choice.description is None else choice.description,
            tags=one.tags if choice.tags is None else choice.tags,
            described_by=one.described_by,
            kind=one.kind,
            confidence=None if choice.marked else one.confidence,
            content=content,
            variables=names,
            problem=problem,
            ticked=wanted if choice.ticked is None else choice.ticked,
            is_dropped=choice.dropped and saved is None,
            is_edited=choice.model_copy(update=_NO_EDIT) != AS_PROPOSED,
            parts=sum(one.start <= other.start < end for other in rest),
            saved=saved,
            same=same,
            is_marked=choice.marked is not None,
        )

    def _says_the_same(self, one: Found, choice: Choice) -> bool:
        if choice.content is not None:
            return False
        near = self.near.get((one.name if choice.name is None else choice.name, one.content))
        return near is not None and near.kind == "same"

    def choice(self, start: int) -> Choice:
        """Return what the person has made of the proposal at `start`."""
        return self.choices.get(start, AS_PROPOSED)

    def _saved_item(self, saved: SavedSpan) -> Item:
        """Return the item of a stretch that somebody marked and saved."""
        return Item(
            start=saved.start,
            end=saved.end,
            page=page_of(self.source.pages, saved.start),
            name=saved.name,
            description="",
            tags=(),
            kind="prompt",
            confidence=None,
            content=self.text[saved.start : saved.end],
            variables=(),
            problem="",
            ticked=False,
            is_dropped=False,
            is_edited=False,
            parts=1,
            saved=saved,
            same=None,
            is_marked=True,
        )


@lru_cache(maxsize=256)
def read_variables(content: str) -> tuple[tuple[str, ...], str]:
    """Return the variables of a template, or why it is none."""
    if not content.strip():
        return (), "The text is empty. Write what the prompt says, or drop the proposal."
    try:
        return tuple(find_variables(content, field="content")), ""
    except Invalid as error:
        return (), f"{error.message} {error.remedy}".strip()
