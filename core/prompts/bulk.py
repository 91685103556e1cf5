"""Own bringing in many prompts at once: repeatable, several at a time, with progress."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from bson import ObjectId
from pydantic import BaseModel, ConfigDict

from core.documents import Prompt
from core.errors import AlreadyExists
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.naming import Description, Folder, Name, Tags, id_from_name
from core.prompts.publishing import publish_version
from core.prompts.versions import NewVersion, save_version
from core.values.body import VersionBody
from core.values.scope import Scope

# Enough to hide the wait for the journal; more only queues up in the server.
AT_ONCE = 16

Outcome = Literal["created", "updated", "unchanged"]


class PromptRecord(BaseModel):
    """One prompt to bring in; `key` is its stable name at the source and becomes its id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    name: Name
    body: VersionBody
    description: Description = ""
    folder: Folder = ""
    tags: Tags = ()
    publish: bool = False
    metadata: dict[str, str] = {}


class ImportCounts(NamedTuple):
    """How many prompts are new, got a new version, or were there already."""

    created: int
    updated: int
    unchanged: int


async def import_prompts(
    scope: Scope,
    application_id: ObjectId,
    records: Sequence[PromptRecord],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> ImportCounts:
    """Bring in prompts; the same records again change nothing.

    A prompt that was taken out of service stays as it is.

    `progress` is called with how many are done and how many there are.

    Raises:
        NotFound, NotAllowed: the application is not the caller's, or the caller is no editor
            (operator when a record is to be published).
        TemplateInvalid, Invalid: a record breaks a rule; those before it are kept.
    """
    outcomes: list[Outcome] = []
    for start in range(0, len(records), AT_ONCE):
        batch = records[start : start + AT_ONCE]
        done = await asyncio.gather(
            *(_import_one(scope, application_id, record) for record in batch),
            return_exceptions=True,  # the others of the batch come to their end first
        )
        outcomes.extend(map(_raised, done))
        if progress is not None:
            progress(len(outcomes), len(records))
    return ImportCounts(*(outcomes.count(o) for o in ("created", "updated", "unchanged")))


def _raised(outcome: Outcome | BaseException) -> Outcome:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


async def _import_one(scope: Scope, application_id: ObjectId, record: PromptRecord) -> Outcome:
    prompt, is_new = await _find_or_create(scope, application_id, record)
    if not prompt.is_active:
        return "unchanged"
    saved = await save_version(
        scope,
        prompt,
        NewVersion(body=record.body, change_description="Imported", metadata=dict(record.metadata)),
    )
    if record.publish and not saved.version.is_published:
        await publish_version(scope, prompt, saved.version.version)
    if is_new:
        return "created"
    return "updated" if saved.created else "unchanged"


async def _find_or_create(
    scope: Scope, application_id: ObjectId, record: PromptRecord
) -> tuple[Prompt, bool]:
    new = NewPrompt(
        application_id=application_id,
        prompt_id=id_from_name(record.key),
        name=record.name,
        description=record.description,
        folder=record.folder,
        tags=record.tags,
    )
    try:
        return await create_prompt(scope, new), True
    except AlreadyExists:
        key = {"application_id": application_id, "prompt_id": new.prompt_id}
        return await Prompt.find(key).first_or_none() or _gone(new), False


def _gone(new: NewPrompt) -> Prompt:
    raise AlreadyExists("prompt", new.prompt_id or "")
