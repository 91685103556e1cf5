"""Own versions: save, edit and delete drafts, read and list; numbers are never given twice."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict, Field
from pymongo.errors import DuplicateKeyError

from core import audit, clock
from core.documents import Prompt, PromptVersion
from core.errors import (
    Conflict,
    HasDependents,
    NotFound,
    StaleRevision,
    VersionExists,
    VersionFrozen,
)
from core.prompts.composition import check_savable, list_dependents
from core.prompts.in_service import require_in_service
from core.prompts.turns import SAVE_ATTEMPTS, turn
from core.values.body import Text, VersionBody
from core.values.scope import Scope
from core.values.semver import FIRST, SemVer
from prompthub.wire.literals import Bump, Role


class NewVersion(BaseModel):
    """A version to be saved: its body, and a number or the kind of step to the next one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    body: VersionBody
    version: str | None = None
    bump: Bump = "patch"
    change_description: Text = Field(default="", max_length=2000)
    metadata: dict[str, Any] = Field(default_factory=dict[str, Any])


class Saved(NamedTuple):
    """The stored version; `created` is False when one with the same body existed already."""

    version: PromptVersion
    created: bool


class VersionPage(NamedTuple):
    """Versions newest first, and how many there are in all."""

    items: list[PromptVersion]
    total: int


async def save_version(
    scope: Scope, prompt: Prompt, new: NewVersion, *, parent_version: str | None = None
) -> Saved:
    """Store a new draft version, or return the one that has the same body already.

    Raises:
        NotAllowed: the caller is no editor.
        TemplateInvalid, Invalid: the body breaks a rule of templates or fields.
        VersionExists: the number asked for was used before.
        Conflict: the prompt or its application is not active.
    """
    _require(scope, "editor", prompt)
    await require_in_service(prompt)
    await check_savable(prompt, new.body)
    async with turn(prompt.key):
        return await _save_next(scope, prompt, new, parent_version)


async def _save_next(scope: Scope, prompt: Prompt, new: NewVersion, parent: str | None) -> Saved:
    for _ in range(SAVE_ATTEMPTS):
        # Read before looking for the same body: a save that lands in between takes the sequence
        # that this one wants, so it is found at the next turn and never doubled.
        newest = await find_newest_sequence(prompt.key)
        same = await _find_same(prompt, new.body.checksum())
        if same is not None:
            return Saved(same, created=False)
        version = PromptVersion(
            **stored_fields(new.body),
            prompt_id=prompt.key,
            version=await _next_number(prompt, new),
            sequence=newest + 1,
            change_description=new.change_description,
            created_by=scope.actor,
            parent_version=parent,
            metadata=new.metadata,
        )
        if await insert_version(version, explicit=new.version is not None):
            await remember_newest(version)
            return Saved(version, created=True)
    raise Conflict("Too many versions are being saved at once; try again.")


async def _find_same(prompt: Prompt, checksum: str) -> PromptVersion | None:
    same = await PromptVersion.find_one({**_alive(prompt), "checksum": checksum})
    if same is not None and same.sequence > prompt.newest_sequence:
        await remember_newest(same)  # its save was cut off, or is a moment old
    return same


async def insert_version(version: PromptVersion, *, explicit: bool) -> bool:
    """Insert a version; False when another save took its sequence or automatic number.

    Raises:
        VersionExists: the number was asked for by name and is taken.
    """
    try:
        await version.insert()
    except DuplicateKeyError as error:
        taken: Mapping[str, Any] = (error.details or {}).get("keyPattern", {})
        if explicit and "version" in taken:
            raise VersionExists(version.version) from None
        return False
    return True


def stored_fields(body: VersionBody) -> dict[str, Any]:
    """Return the body as the stored fields of a version, checksum included."""
    return {
        **{name: getattr(body, name) for name in VersionBody.model_fields},
        "required_fields": list(body.required_fields),
        "dependencies": list(body.dependencies),
        "checksum": body.checksum(),
    }


async def find_newest_sequence(prompt_key: ObjectId) -> int:
    """Return the greatest sequence ever given in a prompt, 0 when there is none."""
    newest = await PromptVersion.collection().find_one(
        {"prompt_id": prompt_key}, {"sequence": 1, "_id": 0}, sort=[("sequence", -1)]
    )
    return 0 if newest is None else int(newest["sequence"])


async def _next_number(prompt: Prompt, new: NewVersion) -> str:
    if new.version is not None:
        return str(SemVer.parse(new.version))
    return str(await next_number(prompt.key, new.bump))


async def next_number(prompt_key: ObjectId, bump: Bump) -> SemVer:
    """Return the number that a save with this bump would take now; deleted numbers count."""
    cursor = PromptVersion.collection().find({"prompt_id": prompt_key}, {"version": 1, "_id": 0})
    numbers = [SemVer.parse(row["version"]) async for row in cursor]
    return max(numbers).bumped(bump) if numbers else FIRST


async def remember_newest(version: PromptVersion) -> None:
    """Copy what lists and word search need from the newest version to its prompt."""
    await Prompt.collection().update_one(
        {"_id": version.prompt_id, "newest_sequence": {"$lte": version.sequence}},
        {"$set": _copies(version)},
    )


def _copies(newest: PromptVersion | None) -> dict[str, Any]:
    """Return what a prompt copies from its newest version; None when it has none left."""
    text = f"{newest.content}\n{newest.system_prompt}" if newest else ""
    return {
        "newest_version": newest.version if newest else None,
        "newest_sequence": newest.sequence if newest else 0,
        "search_text": text.casefold(),
        "updated_at": clock.now(),
    }


async def update_draft(
    scope: Scope,
    prompt: Prompt,
    version: str,
    body: VersionBody,
    *,
    change_description: str | None = None,
    metadata: dict[str, Any] | None = None,
    expected_revision: int | None = None,
) -> PromptVersion:
    """Replace the body of a draft in place; what is None beside it stays.

    Raises:
        NotAllowed: the caller is no editor.
        VersionFrozen: the version is published.
        StaleRevision: it was changed since `expected_revision`.
        TemplateInvalid, Invalid: the body breaks a rule.
        Conflict: the prompt or its application is not active.
    """
    _require(scope, "editor", prompt)
    await require_in_service(prompt)
    present = await get_version(scope, prompt, version)
    if present.is_published:
        raise VersionFrozen(version)
    await check_savable(prompt, body, present.version)
    fields = {**body.model_dump(mode="json"), "checksum": body.checksum(), "embedding_model": None}
    beside = {"change_description": change_description, "metadata": metadata}
    fields |= {name: value for name, value in beside.items() if value is not None}
    after = await PromptVersion.change_one(_draft(present, expected_revision), fields)
    if after is None:
        raise await _why_not_changed(scope, prompt, version, expected_revision)
    await remember_newest(after)
    return after


def _draft(present: PromptVersion, expected_revision: int | None) -> dict[str, Any]:
    old: dict[str, Any] = {"_id": present.key, "is_published": False, "deleted_at": None}
    return old if expected_revision is None else {**old, "revision": expected_revision}


async def _why_not_changed(
    scope: Scope, prompt: Prompt, version: str, expected_revision: int | None
) -> Exception:
    present = await get_version(scope, prompt, version)
    if present.is_published:
        return VersionFrozen(version)
    return StaleRevision(expected_revision or present.revision, present.revision)


async def delete_draft(
    scope: Scope, prompt: Prompt, version: str, *, expected_revision: int | None = None
) -> None:
    """Remove a draft; its number stays used for ever.

    Raises:
        NotAllowed: the caller is no editor.
        VersionFrozen: the version is published.
        StaleRevision: it was changed since `expected_revision`.
        HasDependents: a label names it, or another version is made of it.
    """
    _require(scope, "editor", prompt)
    present = await get_version(scope, prompt, version)
    if present.is_published:
        raise VersionFrozen(version)
    labels = [f"label {name}" for name, number in prompt.labels.items() if number == version]
    users = await list_dependents(scope, prompt, present.version)
    users_and_labels = [*labels, *(one.name for one in users)]
    if users_and_labels:
        raise HasDependents(version, users_and_labels)
    gone = {"checksum": "", "deleted_at": clock.now(), "embedding_model": None}
    fields = VersionBody(content="").model_dump(mode="json") | gone
    after = await PromptVersion.change_one(_draft(present, expected_revision), fields)
    if after is None:
        raise await _why_not_changed(scope, prompt, version, expected_revision)
    await _forget_newest(prompt, version)
    await audit.record(
        scope,
        "version.delete",
        f"prompt:{prompt.key}",
        application_id=prompt.application_id,
        before={"version": version, "checksum": present.checksum},
    )


async def _forget_newest(prompt: Prompt, version: str) -> None:
    """Point the prompt at the newest version that is left, also when that one goes meanwhile."""
    gone: str | None = version
    while gone is not None:
        left = await PromptVersion.find(_alive(prompt), sort="-sequence").first_or_none()
        moved = await Prompt.collection().update_one(
            {"_id": prompt.key, "newest_version": gone}, {"$set": _copies(left)}
        )
        if left is None or not moved.modified_count:
            return
        stays = await PromptVersion.find_one({"_id": left.key, "deleted_at": None})
        gone = None if stays else left.version


async def get_version(scope: Scope, prompt: Prompt, number: str) -> PromptVersion:
    """Return one version by its number.

    Raises:
        NotFound: there is none, or it was deleted.
        Invalid: the number is not written as one.
    """
    _require(scope, "viewer", prompt)
    found = await PromptVersion.find_first(_alive(prompt, version=str(SemVer.parse(number))))
    if found is None:
        raise NotFound("version", number)
    return found


async def list_versions(scope: Scope, prompt: Prompt, *, skip: int, limit: int) -> VersionPage:
    """Return a page of versions, newest first.

    Raises:
        NotAllowed: the caller holds only an API key.
    """
    _require(scope, "viewer", prompt)
    scope.refuse_application()
    alive = _alive(prompt)
    items = await PromptVersion.find(alive, skip=skip, limit=limit, sort="-sequence").to_list()
    return VersionPage(items, await PromptVersion.find(alive).count())


def _alive(prompt: Prompt, **fields: Any) -> dict[str, Any]:
    return {"prompt_id": prompt.key, "deleted_at": None, **fields}


def _require(scope: Scope, role: Role, prompt: Prompt) -> None:
    scope.require(role, prompt.application_id, kind="prompt", key=prompt.prompt_id)
