"""Own publishing: a version becomes immutable and served, in two steps that can be repaired.

Step (a) is one compare-and-set on the version: it freezes it and gives it the next `publish_seq`
of the prompt (unique by index, so that of parallel publishes each has its own). Step (b) moves the
prompt's `current_version`, guarded so that an older publish never overtakes a newer one. A process
that dies in between leaves a version published and the pointer behind; `repair.py` moves it. Step
(a) carries the audit event, so that nothing is published without one.
"""

from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from core import audit, clock
from core.documents import AuditEvent, Prompt, PromptVersion
from core.errors import Conflict, NotPublished, VersionFrozen
from core.prompts.catalogue import forget_prompt
from core.prompts.composition import freeze_dependencies
from core.prompts.in_service import require_in_service
from core.prompts.rules import check_rules
from core.prompts.turns import SAVE_ATTEMPTS
from core.prompts.versions import (
    find_newest_sequence,
    get_version,
    insert_version,
    next_number,
    remember_newest,
    stored_fields,
)
from core.values.body import VersionBody
from core.values.scope import Scope


async def publish_version(
    scope: Scope, prompt: Prompt, version: str, *, make_current: bool = True, reason: str = ""
) -> PromptVersion:
    """Freeze a version and allow serving it; `make_current` also moves `latest` to it.

    Publishing again changes nothing, except that a version published without becoming current
    becomes it when `make_current` is asked for.

    Raises:
        NotFound, NotAllowed: the version is not there, or the caller is no operator.
        TemplateInvalid: the body does not hold up to today's rules.
        NotPublished: it is made of a draft.
        CyclicDependency: it is made of itself.
        Conflict: the prompt or its application is not active, or the draft was changed or
            deleted meanwhile.
    """
    scope.require("operator", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    await require_in_service(prompt)
    present = await get_version(scope, prompt, version)
    if present.is_published and (present.makes_current or not make_current):
        await move_current(present)  # or the answer would promise what an outage left undone
        return present
    await check_rules(present.body)
    body = present.body
    if not present.is_published:
        body = await freeze_dependencies(prompt, present)
    event = audit.make_event(
        scope,
        "version.publish",
        f"prompt:{prompt.key}",
        application_id=prompt.application_id,
        before={"current_version": prompt.current_version},
        after={"version": version, "makes_current": make_current},
        reason=reason,
    )
    frozen = await _freeze(scope, present, body, event, make_current=make_current)
    await move_current(frozen)
    return frozen


async def _freeze(
    scope: Scope,
    present: PromptVersion,
    body: VersionBody,
    event: AuditEvent,
    *,
    make_current: bool,
) -> PromptVersion:
    # The revision is part of the old state: what is published is what was checked and seen.
    old = {"_id": present.key, "revision": present.revision, "deleted_at": None}
    fields: dict[str, Any] = {"is_published": True, "makes_current": make_current}
    if not present.is_published:
        fields |= {"published_at": clock.now(), "published_by": scope.actor}
        fields["dependencies"] = body.model_dump(mode="json")["dependencies"]
        fields["checksum"] = body.checksum()
    for _ in range(SAVE_ATTEMPTS):
        fields["publish_seq"] = await _next_publish_seq(present.prompt_id)
        try:
            frozen = await audit.change_one(PromptVersion, old, fields, event)
        except DuplicateKeyError:
            continue
        if frozen is not None:
            return frozen
        return await _already_frozen(present, body, make_current=make_current)
    raise Conflict("Too many versions are being published at once; try again.")


async def _already_frozen(
    present: PromptVersion, body: VersionBody, *, make_current: bool
) -> PromptVersion:
    """Return the version when a parallel publish did the same; refuse when it was changed."""
    after = await PromptVersion.get(present.key)
    if after is not None and after.is_published and after.checksum == body.checksum():
        if after.makes_current or not make_current:
            return after
        raise VersionFrozen(present.version)
    raise Conflict("The draft was changed while it was being published; look at it again.")


async def _next_publish_seq(prompt_key: ObjectId) -> int:
    newest = await PromptVersion.collection().find_one(
        {"prompt_id": prompt_key, "publish_seq": {"$type": "number"}},
        {"publish_seq": 1, "_id": 0},
        sort=[("publish_seq", -1)],
    )
    return 1 if newest is None else int(newest["publish_seq"]) + 1


async def move_current(version: PromptVersion) -> bool:
    """Do step (b) for a frozen version; False when a newer publish is current already."""
    if not version.makes_current:
        return False
    after = await Prompt.change_one(
        {"_id": version.prompt_id, "publish_seq": {"$lt": version.publish_seq}},
        {"current_version": version.version, "publish_seq": version.publish_seq},
    )
    if after is not None:
        forget_prompt(after)
    return after is not None


async def roll_back(scope: Scope, prompt: Prompt, version: str, *, reason: str) -> PromptVersion:
    """Publish a new version with the body of an older published one; history stays linear.

    Raises:
        NotFound, NotAllowed: the version is not there, or the caller is no operator.
        NotPublished: the version to go back to is a draft.
        Conflict: the prompt or its application is not active.
    """
    scope.require("operator", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    await require_in_service(prompt)
    source = await get_version(scope, prompt, version)
    if not source.is_published:
        raise NotPublished(version)
    restored = await _insert_published_copy(scope, prompt, source, reason)
    await remember_newest(restored)
    await move_current(restored)
    return restored


async def _insert_published_copy(
    scope: Scope, prompt: Prompt, source: PromptVersion, reason: str
) -> PromptVersion:
    for _ in range(SAVE_ATTEMPTS):
        copy = PromptVersion(
            **stored_fields(source.body),
            prompt_id=prompt.key,
            version=str(await next_number(prompt.key, "patch")),
            sequence=await find_newest_sequence(prompt.key) + 1,
            publish_seq=await _next_publish_seq(prompt.key),
            is_published=True,
            makes_current=True,
            published_at=clock.now(),
            published_by=scope.actor,
            created_by=scope.actor,
            parent_version=source.version,
            change_description=reason or f"Roll back to {source.version}",
        )
        event = _rolled_back(scope, prompt, copy, reason)
        copy.unrecorded = [audit.stored_event(event)]
        if await insert_version(copy, explicit=False):
            await audit.record_carried(PromptVersion, copy.key, copy.unrecorded)
            copy.unrecorded = []
            return copy
    raise Conflict("Too many versions are being saved at once; try again.")


def _rolled_back(scope: Scope, prompt: Prompt, copy: PromptVersion, reason: str) -> AuditEvent:
    return audit.make_event(
        scope,
        "version.roll_back",
        f"prompt:{prompt.key}",
        application_id=prompt.application_id,
        before={"current_version": prompt.current_version},
        after={"version": copy.version, "body_of": copy.parent_version},
        reason=reason,
    )
