"""Own what a user has typed into the editor and not yet saved: it survives a refresh."""

from typing import Any

from pymongo import ReturnDocument

from core import clock
from core.documents import Draft, Prompt
from core.errors import NotAllowed
from core.values.scope import Scope


async def keep_draft(
    scope: Scope,
    prompt: Prompt,
    body: dict[str, Any],
    *,
    base_version: str | None,
    base_revision: int | None,
) -> Draft:
    """Store the caller's unsaved editor state of a prompt, in place of an earlier one.

    `body` is as typed and may break rules; `base_version` and its `base_revision` say what the
    edit started from.

    Raises:
        NotAllowed: the caller is no editor, or no person.
    """
    scope.require("editor", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    moment = clock.now()
    stored = await Draft.collection().find_one_and_update(
        _own(scope, prompt),
        {
            "$set": {
                "body": body,
                "base_version": base_version,
                "base_revision": base_revision,
                "updated_at": moment,
            },
            "$setOnInsert": {"created_at": moment},
            "$inc": {"revision": 1},
        },
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return Draft.model_validate(stored)


async def find_draft(scope: Scope, prompt: Prompt) -> Draft | None:
    """Return the caller's unsaved editor state of a prompt, if there is one."""
    scope.require("viewer", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    return await Draft.find_one(_own(scope, prompt))


async def discard_draft(scope: Scope, prompt: Prompt) -> None:
    """Forget the caller's unsaved editor state of a prompt."""
    await Draft.find(_own(scope, prompt)).delete()


def _own(scope: Scope, prompt: Prompt) -> dict[str, Any]:
    if scope.user_id is None:
        raise NotAllowed("Only people keep unsaved edits.")
    return {"user_id": scope.user_id, "prompt_id": prompt.key}
