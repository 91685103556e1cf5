"""Own bringing in the prompts of a file: look everything over, then write one prompt at a time."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from bson import ObjectId

from core.documents import Application
from core.errors import Conflict, NotFound, PromptHubError
from core.prompts.bulk import AT_ONCE
from core.prompts.rules import check_rules
from core.transfer.entries import PromptEntry, read_entry
from core.transfer.links import in_waves, needs, refuse_unlinked
from core.transfer.outcome import Item, Refusal, Report
from core.transfer.plan import Plan, Present, make_plan, read_present
from core.transfer.write import write_plan
from core.values.scope import Scope

# Templates are checked by threads that others need as well.
CHECKED_AT_ONCE: Final = 2
# Each lost race means that somebody else changed the same prompt meanwhile.
ATTEMPTS: Final = 20


async def bring_in(
    scope: Scope,
    application_id: ObjectId,
    prompts: Sequence[object],
    *,
    dry_run: bool = False,
    move_labels: bool = False,
    as_drafts: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Take the prompts of a file, or with `dry_run` tell what would happen.

    `prompts` are as parsed from JSON. The same again changes nothing. One that cannot be taken is
    refused whole and told of; the others go on. `move_labels` also moves labels and `latest` that
    the target has already, `as_drafts` publishes nothing. `progress` is called with how many are
    written (with `dry_run`: looked over), and of how many.

    Raises:
        NotFound, NotAllowed: the application is not the caller's, or the caller is no editor.
        Conflict: the application is not active.
    """
    scope.require("editor", application_id, kind="application", key=str(application_id))
    await _require_active(application_id)
    entries, refused = await asyncio.to_thread(_read, prompts, as_drafts)
    work = _Import(scope, application_id, move_labels=move_labels)
    plans = await work.plan(entries, progress if dry_run else None)
    items = {item.position: item for item in refused}
    items |= {plan.position: plan.to_item() for plan in plans}
    if not dry_run:
        written = await work.write([plan for plan in plans if not plan.problems], progress)
        items |= {item.position: item for item in written}
    return Report(dry_run, tuple(items[position] for position in sorted(items)))


async def _require_active(application_id: ObjectId) -> None:
    application = await Application.get(application_id)
    if application is None:
        raise NotFound("application", str(application_id))
    if not application.is_active:
        raise Conflict("The application is not active; restore it first.")


def _read(
    prompts: Sequence[object], as_drafts: bool
) -> tuple[list[tuple[int, PromptEntry]], list[Item]]:
    entries: list[tuple[int, PromptEntry]] = []
    refused: list[Item] = []
    seen: set[str] = set()
    for position, raw in enumerate(prompts):
        entry = read_entry(raw)
        if isinstance(entry, PromptEntry) and entry.prompt_id in seen:
            twice = "The file holds this prompt twice."
            entry = (Refusal("prompt_id", Conflict.code, twice, "Remove one of them."),)
        if isinstance(entry, PromptEntry):
            seen.add(entry.prompt_id)
            entries.append((position, entry.as_drafts() if as_drafts else entry))
        else:
            refused.append(Item(position, _id_of(raw), "refused", problems=entry))
    return entries, refused


def _id_of(raw: object) -> str:
    """Return what names the prompt, as far as it can be shown."""
    named: object = raw.get("prompt_id") if isinstance(raw, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - anything may stand in a file
    return named[:64] if isinstance(named, str) else ""


class _Import:
    """One import into one application."""

    def __init__(self, scope: Scope, application_id: ObjectId, *, move_labels: bool) -> None:
        self._scope = scope
        self._application_id = application_id
        self._move_labels = move_labels

    async def plan(
        self,
        entries: Sequence[tuple[int, PromptEntry]],
        progress: Callable[[int, int], None] | None,
    ) -> list[Plan]:
        """Return what each prompt would change, or why it is refused."""
        ids = [entry.prompt_id for _, entry in entries]
        present = await read_present(self._application_id, ids)
        plans = [self._plan_one(*one, present.get(one[1].prompt_id)) for one in entries]
        ruled: list[Plan] = []
        for start in range(0, len(plans), CHECKED_AT_ONCE):
            batch = plans[start : start + CHECKED_AT_ONCE]
            ruled += await asyncio.gather(*(_refuse_unruly(plan) for plan in batch))
            if progress is not None:
                progress(len(ruled), len(plans))
        return await refuse_unlinked(self._application_id, ruled)

    def _plan_one(self, position: int, entry: PromptEntry, present: Present | None) -> Plan:
        return make_plan(
            self._scope,
            self._application_id,
            position,
            entry,
            present,
            move_labels=self._move_labels,
        )

    async def write(
        self, plans: Sequence[Plan], progress: Callable[[int, int], None] | None
    ) -> list[Item]:
        """Carry the plans out, each after those it is made of."""
        done: list[Item] = []
        missing: set[str] = set()
        for wave in in_waves(plans):
            for start in range(0, len(wave), AT_ONCE):
                batch = [_without(plan, missing) for plan in wave[start : start + AT_ONCE]]
                items = await asyncio.gather(*(self._write_one(plan) for plan in batch))
                missing |= {item.prompt_id for item in items if item.outcome == "refused"}
                done += items
                if progress is not None:
                    progress(len(done), len(plans))
        return done

    async def _write_one(self, plan: Plan) -> Item:
        for _ in range(ATTEMPTS):
            if plan.problems or plan.changes_nothing:
                return plan.to_item()
            if await write_plan(self._scope, self._application_id, plan):
                return plan.to_item()
            # Somebody else was quicker: look again at what is left to do.
            prompt_id = plan.entry.prompt_id
            present = await read_present(self._application_id, [prompt_id])
            plan = self._plan_one(plan.position, plan.entry, present.get(prompt_id))
        why = Conflict("The prompt was changed again and again meanwhile; import it once more.")
        return plan.refused(Refusal.of(why, "")).to_item()


async def _refuse_unruly(plan: Plan) -> Plan:
    for position, version in enumerate(plan.entry.versions):
        if version not in plan.added:
            continue
        try:
            await check_rules(version.body)
        except PromptHubError as error:
            return plan.refused(Refusal.of(error, f"versions.{position}.body"))
    return plan


def _without(plan: Plan, missing: set[str]) -> Plan:
    lost = sorted(needs(plan) & missing)
    if not lost:
        return plan
    why = f"It is made of {', '.join(lost)}, which could not be taken."
    return plan.refused(Refusal("versions", Conflict.code, why, "Import the file again."))
