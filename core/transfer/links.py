"""Own the look whether what is brought in will find all that it is made of.

A prompt of the file is looked up as it will be after the import; anything else in the target.
"""

from collections.abc import Iterator, Sequence

from bson import ObjectId

from core.documents import Prompt, PromptVersion
from core.errors import NotFound, PromptHubError
from core.prompts.composition import compose, find_target
from core.prompts.versions import stored_fields
from core.transfer.entries import VersionEntry
from core.transfer.outcome import Refusal
from core.transfer.plan import Plan
from core.values.dependency import Dependency
from core.values.semver import Selector


async def refuse_unlinked(application_id: ObjectId, plans: Sequence[Plan]) -> list[Plan]:
    """Return the plans; one whose versions are made of what will not be there is refused.

    So is, in turn, what is made of those that are refused.
    """
    checked = list(plans)
    while True:
        after = _After(application_id, checked)
        looked = [await _look(plan, after) for plan in checked]
        if looked == checked:
            return looked
        checked = looked


async def _look(plan: Plan, after: "_After") -> Plan:
    if plan.problems:
        return plan
    for position, version in _with_dependencies(plan):
        try:
            await compose(
                version.body,
                after.application_id,
                name=f"{plan.entry.prompt_id}@{version.version}",
                published_only=version.is_published,
                find=after.find,
            )
        except PromptHubError as error:
            return plan.refused(Refusal.of(error, f"versions.{position}.body.dependencies"))
    return plan


def _with_dependencies(plan: Plan) -> Iterator[tuple[int, VersionEntry]]:
    written = {*(one.version for one in plan.added), *plan.published}
    for position, version in enumerate(plan.entry.versions):
        if version.body.dependencies and version.version in written:
            yield position, version


class _After:
    """The target as it will be when the plans have been carried out."""

    def __init__(self, application_id: ObjectId, plans: Sequence[Plan]) -> None:
        self.application_id = application_id
        self._plans = {plan.entry.prompt_id: plan for plan in plans if not plan.problems}

    async def find(
        self, dependency: Dependency, application_id: ObjectId
    ) -> tuple[Prompt, PromptVersion]:
        """Return what a dependency will mean.

        Raises:
            NotFound: nothing.
        """
        plan = self._plans.get(dependency.prompt_id)
        if plan is None:
            return await find_target(dependency, application_id)
        number = _number_after(plan, dependency.version)
        entry = plan.entry.find_version(number) if number else None
        if entry is None and plan.present is not None and number is not None:
            exact = dependency.model_copy(update={"version": number})
            return await find_target(exact, application_id)
        if entry is None:
            raise NotFound("version", f"{dependency.prompt_id}@{dependency.version}")
        return _as_stored(plan, entry, application_id)


def _number_after(plan: Plan, selector: str) -> str | None:
    wanted = Selector.parse(selector)
    if wanted.number is not None:
        return str(wanted.number)
    prompt = plan.present.prompt if plan.present else None
    if wanted.label is not None:
        held = prompt.labels.get(wanted.label) if prompt else None
        return plan.labels.get(wanted.label, held)
    return plan.current or (prompt.current_version if prompt else None)


def _as_stored(
    plan: Plan, entry: VersionEntry, application_id: ObjectId
) -> tuple[Prompt, PromptVersion]:
    held = plan.present.versions.get(entry.version) if plan.present else None
    prompt = plan.present.prompt if plan.present else None
    if prompt is None:
        prompt = Prompt(
            prompt_id=plan.entry.prompt_id, name=plan.entry.name, application_id=application_id
        )
    version = PromptVersion(
        **stored_fields(entry.body),
        prompt_id=prompt.key,
        version=entry.version,
        sequence=0,
        is_published=entry.is_published or (held is not None and held.is_published),
    )
    return prompt, version


def in_waves(plans: Sequence[Plan]) -> Iterator[list[Plan]]:
    """Yield the plans so that each comes after those it is made of; what is circular comes last."""
    waiting = {plan.entry.prompt_id: plan for plan in plans}
    while waiting:
        ready = [plan for plan in waiting.values() if not needs(plan) & waiting.keys()]
        wave = ready or list(waiting.values())
        yield wave
        for plan in wave:
            del waiting[plan.entry.prompt_id]


def needs(plan: Plan) -> set[str]:
    """Return the ids of the other prompts that the versions to be written are made of."""
    versions = (version for _, version in _with_dependencies(plan))
    named = {one.prompt_id for version in versions for one in version.body.dependencies}
    return named - {plan.entry.prompt_id}
