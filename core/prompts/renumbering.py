"""Own giving a draft another number, e.g. when its changes turned out to break callers."""

from core.documents import Prompt, PromptVersion
from core.errors import HasDependents, VersionExists, VersionFrozen
from core.prompts.composition import list_dependents
from core.prompts.turns import SAVE_ATTEMPTS
from core.prompts.versions import (
    delete_draft,
    find_newest_sequence,
    get_version,
    insert_version,
    remember_newest,
    stored_fields,
)
from core.values.scope import Scope
from core.values.semver import SemVer


async def renumber_draft(scope: Scope, prompt: Prompt, version: str, number: str) -> PromptVersion:
    """Store the draft again under `number` and delete it under its old one; return the new one.

    The old number stays used. A process that dies in between leaves both drafts; so does a change
    of the old one in between, which is not in the copy.

    Raises:
        NotFound, NotAllowed: the draft is not there, or the caller is no editor.
        VersionFrozen: the version is published.
        HasDependents: another version is made of it.
        VersionExists: the number was used before.
        StaleRevision: somebody else changed the draft meanwhile.
        Invalid: the number is not written as one.
    """
    scope.require("editor", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    present = await get_version(scope, prompt, version)
    if present.is_published:
        raise VersionFrozen(version)
    users = await list_dependents(scope, prompt, version)
    if users:
        raise HasDependents(version, [one.name for one in users])
    wanted = str(SemVer.parse(number))
    for _ in range(SAVE_ATTEMPTS):
        copy = PromptVersion(
            **stored_fields(present.body),
            prompt_id=prompt.key,
            version=wanted,
            sequence=await find_newest_sequence(prompt.key) + 1,
            change_description=present.change_description,
            created_by=present.created_by,
            parent_version=present.parent_version,
            metadata=present.metadata,
        )
        if await insert_version(copy, explicit=True):
            await remember_newest(copy)
            await delete_draft(scope, prompt, version, expected_revision=present.revision)
            return copy
    raise VersionExists(wanted)
