"""Own what an import tells: for each prompt of the file what happened to it, or would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from core.errors import PromptHubError
from prompthub.wire.transfer import ImportOutcome


class Refusal(NamedTuple):
    """Why a prompt is not taken: the field within it, and what to do about it."""

    field: str
    code: str
    message: str
    remedy: str = ""

    @classmethod
    def of(cls, error: PromptHubError, field: str) -> "Refusal":
        """Return the same as an error of the house; `field` is where in the prompt it arose."""
        facts = error.facts
        inner = str(facts.get("field") or "")
        place = ".".join(part for part in (field, inner) if part)
        return cls(place, error.code, error.message, str(facts.get("remedy") or ""))


@dataclass(frozen=True, slots=True)
class Item:
    """What happened to the prompt at `position` of the file.

    `labels` are those set or moved, `current_version` is what `latest` moves to, `kept` names what
    the target has otherwise and keeps.
    """

    position: int
    prompt_id: str
    outcome: ImportOutcome
    versions_added: tuple[str, ...] = ()
    versions_published: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    current_version: str | None = None
    kept: tuple[str, ...] = ()
    problems: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome for each prompt of the file, in its order."""

    dry_run: bool
    items: tuple[Item, ...]

    def count(self, outcome: ImportOutcome) -> int:
        """Return how many prompts came out so."""
        return sum(item.outcome == outcome for item in self.items)
