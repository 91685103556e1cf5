"""Own the writing of one prompt of a file, so that a death in between leaves what can be completed.

The audit event comes first, then the prompt, its versions, and last `latest` and labels: until
then nobody is served anything of it under a name.
"""

from typing import Any

from bson import ObjectId
from pymongo.errors import BulkWriteError, DuplicateKeyError

from core import audit, clock
from core.documents import Prompt, PromptVersion
from core.prompts.catalogue import forget_prompt
from core.prompts.versions import remember_newest, stored_fields
from core.transfer.plan import Plan
from core.values.scope import Scope

_TAKEN = 11000


async def write_plan(scope: Scope, application_id: ObjectId, plan: Plan) -> bool:
    """Carry a plan out; False when somebody else changed the prompt since it was made."""
    prompt = plan.present.prompt if plan.present else _new_prompt(scope, application_id, plan)
    await _record(scope, prompt, plan)
    if plan.present is None and not await _insert(prompt):
        return False
    orders = _publish_orders(plan)
    versions = _new_versions(scope, prompt, plan, orders)
    if versions and not await _insert_all(versions):
        return False
    for number in plan.present.versions if plan.present else ():
        if number in orders and not await _publish_held(scope, plan, number, orders[number]):
            return False
    await _mark_served(prompt, plan)
    if not await _point(prompt, plan, orders):
        return False
    if versions:
        await remember_newest(versions[-1])
    return True


def _new_prompt(scope: Scope, application_id: ObjectId, plan: Plan) -> Prompt:
    entry = plan.entry
    return Prompt(
        prompt_id=entry.prompt_id,
        name=entry.name,
        description=entry.description,
        folder=entry.folder,
        tags=list(entry.tags),
        default_model=entry.default_model,
        is_active=entry.is_active,
        application_id=application_id,
        created_by=scope.actor,
    )


async def _record(scope: Scope, prompt: Prompt, plan: Plan) -> None:
    item = plan.to_item()
    await audit.record(
        scope,
        "prompt.import",
        f"prompt:{prompt.key}",
        application_id=prompt.application_id,
        before={"current_version": prompt.current_version, "labels": prompt.labels},
        after={
            "prompt_id": prompt.prompt_id,
            "versions_added": list(item.versions_added),
            "versions_published": list(item.versions_published),
            "labels": dict(plan.labels),
            "current_version": plan.current,
        },
    )


async def _insert(prompt: Prompt) -> bool:
    try:
        await prompt.insert()
    except DuplicateKeyError:
        return False
    return True


def _publish_orders(plan: Plan) -> dict[str, int]:
    """Return the `publish_seq` of each version to be published; what becomes current is last."""
    numbers = [one.version for one in plan.added if one.is_published]
    numbers = [*numbers, *plan.published]
    if plan.current is not None:
        numbers = [*(one for one in numbers if one != plan.current), plan.current]
    first = 1 + (plan.present.newest_publish_seq if plan.present else 0)
    return {number: first + position for position, number in enumerate(numbers)}


def _new_versions(
    scope: Scope, prompt: Prompt, plan: Plan, orders: dict[str, int]
) -> list[PromptVersion]:
    first = 1 + (plan.present.newest_sequence if plan.present else 0)
    return [
        PromptVersion(
            **stored_fields(entry.body),
            prompt_id=prompt.key,
            version=entry.version,
            sequence=first + position,
            change_description=entry.change_description,
            metadata=entry.metadata,
            parent_version=entry.parent_version,
            created_by=scope.actor,
            **_publication(scope, plan, entry.version, orders.get(entry.version)),
        )
        for position, entry in enumerate(plan.added)
    ]


def _publication(scope: Scope, plan: Plan, number: str, order: int | None) -> dict[str, Any]:
    if order is None:
        return {}
    return {
        "is_published": True,
        "published_at": clock.now(),
        "published_by": scope.actor,
        "publish_seq": order,
        # Of what a death cuts off, the repair must not serve an older one as `latest`.
        "makes_current": number == plan.current,
    }


async def _insert_all(versions: list[PromptVersion]) -> bool:
    try:
        await PromptVersion.insert_many(versions)
    except BulkWriteError as error:
        if all(one["code"] == _TAKEN for one in error.details["writeErrors"]):
            return False
        raise
    return True


async def _publish_held(scope: Scope, plan: Plan, number: str, order: int) -> bool:
    """Publish a draft that the target has, or let a published version become current."""
    held = plan.present.versions[number] if plan.present else None
    if held is None:
        return False
    old = {
        "_id": held.key,
        "checksum": held.checksum,
        "is_published": held.is_published,
        "deleted_at": None,
    }
    fields = _publication(scope, plan, number, order)
    if held.is_published:
        fields = {"publish_seq": order, "makes_current": True}
    try:
        return await PromptVersion.change_one(old, fields) is not None
    except DuplicateKeyError:
        return False


async def _mark_served(prompt: Prompt, plan: Plan) -> None:
    """Let versions before the current one count as served once: publishing them moves nothing."""
    if plan.current is None:
        return
    numbers = [one.version for one in plan.entry.versions]
    before = set(numbers[: numbers.index(plan.current)])
    served = [one.version for one in plan.added if one.is_published and one.version in before]
    if served:
        await PromptVersion.collection().update_many(
            {"prompt_id": prompt.key, "version": {"$in": served}}, {"$set": {"makes_current": True}}
        )


async def _point(prompt: Prompt, plan: Plan, orders: dict[str, int]) -> bool:
    """Move `latest` and the labels in one write, guarded by where they were."""
    old: dict[str, Any] = {"_id": prompt.key}
    fields: dict[str, Any] = {}
    for name, number in plan.labels.items():
        old[f"labels.{name}"] = prompt.labels.get(name)
        fields[f"labels.{name}"] = number
    if plan.current is not None:
        old["publish_seq"] = {"$lt": orders[plan.current]}
        fields |= {"current_version": plan.current, "publish_seq": orders[plan.current]}
    if not fields:
        return True
    after = await Prompt.change_one(old, fields)
    if after is not None:
        forget_prompt(after)
    return after is not None
