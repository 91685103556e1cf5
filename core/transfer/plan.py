"""Own the plan of an import: what one prompt of a file would change in the target."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bson import ObjectId

from core.documents import Prompt, PromptVersion
from core.errors import Invalid, NotAllowed, VersionExists
from core.prompts.labels import MAX_LABELS
from core.transfer.entries import PromptEntry, VersionEntry
from core.transfer.outcome import Item, Refusal
from core.values.scope import RANK, Scope

# What a prompt is called and filed under; an import leaves it to the target.
DESCRIBED = ("name", "description", "folder", "tags", "default_model", "is_active")


@dataclass(frozen=True, slots=True)
class Held:
    """A version that the target has; of a deleted one only the number counts."""

    key: ObjectId
    version: str
    checksum: str
    is_published: bool
    makes_current: bool
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class Present:
    """A prompt that the target has, with the numbers used in it."""

    prompt: Prompt
    versions: Mapping[str, Held] = field(default_factory=dict[str, Held])
    newest_sequence: int = 0
    newest_publish_seq: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a prompt changes; with `problems` it changes nothing."""

    position: int
    entry: PromptEntry
    present: Present | None = None
    added: tuple[VersionEntry, ...] = ()
    published: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    current: str | None = None
    kept: tuple[str, ...] = ()
    problems: tuple[Refusal, ...] = ()

    def refused(self, *problems: Refusal) -> "Plan":
        """Return the plan that changes nothing, for these reasons."""
        return Plan(self.position, self.entry, self.present, problems=problems)

    @property
    def changes_nothing(self) -> bool:
        """Whether the target holds all of it already."""
        changes = self.added or self.published or self.labels or self.current
        return self.present is not None and not changes

    def to_item(self) -> Item:
        """Return what is told about it."""
        outcome = "created" if self.present is None else "changed"
        if self.problems:
            outcome = "refused"
        elif self.changes_nothing:
            outcome = "unchanged"
        added = [one.version for one in self.added if one.is_published]
        return Item(
            position=self.position,
            prompt_id=self.entry.prompt_id,
            outcome=outcome,
            versions_added=tuple(one.version for one in self.added),
            versions_published=(*added, *self.published),
            labels=self.labels,
            current_version=self.current,
            kept=self.kept,
            problems=self.problems,
        )


async def read_present(application_id: ObjectId, prompt_ids: Sequence[str]) -> dict[str, Present]:
    """Return what the target has of these prompts, by id."""
    wanted = {"application_id": application_id, "prompt_id": {"$in": list(prompt_ids)}}
    rows = await Prompt.collection().find(wanted, {"search_text": 0}).to_list()
    prompts = [Prompt.model_validate(row) for row in rows]
    fields = (
        *("prompt_id", "version", "checksum", "is_published", "makes_current", "deleted_at"),
        *("sequence", "publish_seq"),
    )
    versions = PromptVersion.collection().find(
        {"prompt_id": {"$in": [prompt.key for prompt in prompts]}}, dict.fromkeys(fields, 1)
    )
    of_prompt: dict[ObjectId, list[dict[str, Any]]] = defaultdict(list)
    async for row in versions:
        of_prompt[row["prompt_id"]].append(row)
    return {prompt.prompt_id: _to_present(prompt, of_prompt[prompt.key]) for prompt in prompts}


def _to_present(prompt: Prompt, rows: Sequence[dict[str, Any]]) -> Present:
    return Present(
        prompt,
        {
            row["version"]: Held(
                key=row["_id"],
                version=row["version"],
                checksum=row["checksum"],
                is_published=row["is_published"],
                makes_current=row["makes_current"],
                is_deleted=row.get("deleted_at") is not None,
            )
            for row in rows
        },
        max((row["sequence"] for row in rows), default=0),
        max((row.get("publish_seq") or 0 for row in rows), default=0),
    )


def make_plan(
    scope: Scope,
    application_id: ObjectId,
    position: int,
    entry: PromptEntry,
    present: Present | None,
    *,
    move_labels: bool,
) -> Plan:
    """Return what taking the prompt would change, or why it cannot be taken."""
    plan = Plan(position, entry, present)
    problems = tuple(_clashes(entry, present)) if present else ()
    if problems:
        return plan.refused(*problems)
    held: Mapping[str, Held] = present.versions if present else {}
    plan = replace(
        plan,
        added=tuple(one for one in entry.versions if one.version not in held),
        published=tuple(
            one.version
            for one in entry.versions
            if one.version in held and one.is_published and not held[one.version].is_published
        ),
    )
    plan = _with_pointers(plan, move_labels=move_labels)
    if present and len({**present.prompt.labels, **plan.labels}) > MAX_LABELS:
        why = f"A prompt holds {MAX_LABELS} labels at most."
        return plan.refused(Refusal("labels", Invalid.code, why, "Remove some of them first."))
    return _within_role(scope, application_id, plan)


def _clashes(entry: PromptEntry, present: Present) -> list[Refusal]:
    found: list[Refusal] = []
    for position, version in enumerate(entry.versions):
        held = present.versions.get(version.version)
        if held is None:
            continue
        if held.is_deleted or held.checksum != version.body.checksum():
            message = f"The number {version.version} is taken by another text in this prompt."
            if held.is_deleted:
                message = f"The number {version.version} was used in this prompt and deleted."
            found.append(
                Refusal(
                    f"versions.{position}.version",
                    VersionExists.code,
                    message,
                    "Give the version of the file a number that is free.",
                )
            )
    return found


def _with_pointers(plan: Plan, *, move_labels: bool) -> Plan:
    """Add the labels and `latest` that may be set, and say which stay."""
    entry, present = plan.entry, plan.present
    if present is None:
        return replace(plan, labels=dict(entry.labels), current=entry.current_version)
    prompt = present.prompt
    kept = [name for name in DESCRIBED if _differs(entry, prompt, name)]
    labels: dict[str, str] = {}
    for name, number in entry.labels.items():
        if name not in prompt.labels or (move_labels and prompt.labels[name] != number):
            labels[name] = number
        elif prompt.labels[name] != number:
            kept.append(f"labels.{name}")
    current = entry.current_version
    if current is not None and current != prompt.current_version:
        held = present.versions.get(current)
        was_current = held is not None and held.is_published and held.makes_current
        if prompt.current_version is not None and (was_current or not move_labels):
            kept.append("current_version")
            current = None
    else:
        current = None
    return replace(plan, labels=labels, current=current, kept=tuple(kept))


def _differs(entry: PromptEntry, prompt: Prompt, name: str) -> bool:
    mine, theirs = getattr(entry, name), getattr(prompt, name)
    return (list(mine) if name == "tags" else mine) != theirs


def _within_role(scope: Scope, application_id: ObjectId, plan: Plan) -> Plan:
    role = scope.role_in(application_id)
    if role is not None and RANK[role] >= RANK["operator"]:
        return plan
    places = {
        "versions": any(one.is_published for one in plan.added) or plan.published,
        "labels": plan.labels,
        "current_version": plan.current,
        "is_active": plan.present is None and not plan.entry.is_active,
    }
    denied = [
        Refusal(
            place,
            NotAllowed.code,
            f"To publish, label or take out of service needs the role operator; yours is {role}.",
            "Ask an operator, or bring in drafts only.",
        )
        for place, is_asked in places.items()
        if is_asked
    ]
    return plan.refused(*denied) if denied else plan
