"""Own prompts as named assets: create, find, describe, take out of service and back."""

from typing import Any, Final

from bson import ObjectId
from pydantic import BaseModel, ConfigDict
from pymongo.errors import DuplicateKeyError

from core import audit
from core.documents import Application, Prompt
from core.errors import AlreadyExists, AmbiguousPrompt, Conflict, NotFound, StaleRevision
from core.leases import Leases, outlast
from core.prompts.naming import Description, Folder, Name, Tags, check_prompt_id, id_from_name
from core.values.body import ModelName
from core.values.ids import Id
from core.values.scope import Scope

# How many numbered ids (name-2, name-3, ...) are tried before a random suffix is used.
NUMBERED_IDS = 20
MAX_LEASED: Final = 2_000
# By application and readable id. Verbs that change a prompt call `forget_prompt`.
_LEASED: Final = Leases[tuple[ObjectId, str], Prompt](room=MAX_LEASED)


class NewPrompt(BaseModel):
    """What a prompt starts with; without a `prompt_id` one is made from the name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    application_id: Id
    name: Name
    prompt_id: str | None = None
    description: Description = ""
    folder: Folder = ""
    tags: Tags = ()
    default_model: ModelName | None = None


class PromptChanges(BaseModel):
    """Changes to a prompt's description; what is not set stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = None
    description: Description | None = None
    folder: Folder | None = None
    tags: Tags | None = None
    default_model: ModelName | None = None

    def to_store(self) -> dict[str, Any]:
        """Return the fields that were set; only the default model may be set to None."""
        given = self.model_dump(exclude_unset=True, mode="json")
        return {k: v for k, v in given.items() if v is not None or k == "default_model"}


async def create_prompt(scope: Scope, new: NewPrompt) -> Prompt:
    """Store a new prompt without any version.

    Raises:
        NotFound: the application does not exist or is not the caller's.
        NotAllowed: the caller is no editor there.
        AlreadyExists: the prompt id given is taken in the application.
        Invalid: the prompt id given may not be used.
        Conflict: the application is not active.
    """
    application_id = ObjectId(new.application_id)
    scope.require("editor", application_id, kind="application", key=str(application_id))
    await _require_active(application_id)
    if new.prompt_id is not None:
        prompt = await _insert(scope, new, check_prompt_id(new.prompt_id))
    else:
        prompt = await _insert_under_free_id(scope, new)
    await audit.record(
        scope, "prompt.create", f"prompt:{prompt.key}", application_id=application_id
    )
    return prompt


async def _require_active(application_id: ObjectId) -> None:
    application = await Application.get(application_id)
    if application is None:
        raise NotFound("application", str(application_id))
    if not application.is_active:
        raise Conflict("The application is not active; restore it first.")


async def _insert(scope: Scope, new: NewPrompt, prompt_id: str) -> Prompt:
    prompt = Prompt(
        prompt_id=prompt_id,
        created_by=scope.actor,
        tags=list(new.tags),
        **new.model_dump(exclude={"prompt_id", "tags"}),
    )
    try:
        await prompt.insert()
    except DuplicateKeyError:
        raise AlreadyExists("prompt", prompt_id) from None
    return prompt


async def _insert_under_free_id(scope: Scope, new: NewPrompt) -> Prompt:
    wanted = id_from_name(new.name)
    for number in range(1, NUMBERED_IDS):
        try:
            return await _insert(scope, new, wanted if number == 1 else f"{wanted}-{number}")
        except AlreadyExists:
            continue
    return await _insert(scope, new, f"{wanted[:39]}-{ObjectId()}")


async def get_prompt(
    scope: Scope, prompt_id: str, application_id: ObjectId | None = None
) -> Prompt:
    """Return the prompt of a readable id among those the caller may see.

    Raises:
        NotFound: there is none.
        AmbiguousPrompt: several applications of the caller have one and none was named.
    """
    query: dict[str, Any] = {"prompt_id": prompt_id, **scope.visible()}
    if application_id is not None:
        scope.require("viewer", application_id, kind="prompt", key=prompt_id)
        query["application_id"] = application_id
    # Past Beanie, which takes longer than the database, and without what only searches need.
    rows = await Prompt.collection().find(query, {"search_text": 0}).to_list(20)
    found = [Prompt.model_validate(row) for row in rows]
    if not found:
        raise NotFound("prompt", prompt_id)
    if len(found) > 1:
        raise AmbiguousPrompt(prompt_id, [str(prompt.application_id) for prompt in found])
    if scope.kind == "application" and not found[0].is_active:
        raise NotFound("prompt", prompt_id)
    return found[0]


def find_leased_prompt(prompt_id: str, application_id: ObjectId) -> Prompt | None:
    """Return what `get_leased_prompt` does when it need not read, else None."""
    return _LEASED.find((application_id, prompt_id))


async def get_leased_prompt(scope: Scope, prompt_id: str, application_id: ObjectId) -> Prompt:
    """Return the same as `get_prompt`, read at most `core.leases.VALID_SECONDS` ago.

    It is for an application, which asks for its own prompts only.

    Raises:
        NotFound: there is none.
    """
    key = (application_id, prompt_id)
    return await _LEASED.get(key, lambda: get_prompt(scope, prompt_id))


def forget_prompt(prompt: Prompt) -> None:
    """Let this process read the prompt anew; others do so when their lease is over."""
    _LEASED.forget((prompt.application_id, prompt.prompt_id))


async def update_prompt(
    scope: Scope, prompt: Prompt, changes: PromptChanges, *, expected_revision: int | None = None
) -> Prompt:
    """Store the changes that were set and return the prompt as it is now.

    Raises:
        NotAllowed: the caller is no editor.
        StaleRevision: it was changed since `expected_revision`.
    """
    _require(scope, "editor", prompt)
    fields = changes.to_store()
    if not fields:
        return prompt
    after = await _change(prompt, fields, expected_revision=expected_revision)
    await audit.record(
        scope,
        "prompt.update",
        f"prompt:{prompt.key}",
        application_id=prompt.application_id,
        before={name: getattr(prompt, name) for name in fields},
        after=fields,
    )
    return after


async def deactivate_prompt(scope: Scope, prompt: Prompt, *, reason: str = "") -> Prompt:
    """Take a prompt out of service; its versions and logs stay readable.

    Raises:
        NotAllowed: the caller is no operator.
    """
    after = await switch_prompt(scope, prompt, is_active=False, reason=reason)
    await outlast()  # also when another call did it, perhaps a moment ago
    return after


async def restore_prompt(scope: Scope, prompt: Prompt, *, reason: str = "") -> Prompt:
    """Put a prompt back into service.

    Raises:
        NotAllowed: the caller is no operator.
    """
    return await switch_prompt(scope, prompt, is_active=True, reason=reason)


async def switch_prompt(
    scope: Scope, prompt: Prompt, *, is_active: bool, reason: str = ""
) -> Prompt:
    """Take a prompt out of service or back, without waiting for what other processes still hold.

    Raises:
        NotAllowed: the caller is no operator.
        NotFound: it is gone.
    """
    _require(scope, "operator", prompt)
    if prompt.is_active != is_active:
        event = audit.make_event(
            scope,
            "prompt.restore" if is_active else "prompt.deactivate",
            f"prompt:{prompt.key}",
            application_id=prompt.application_id,
            reason=reason,
        )
        fields = {"is_active": is_active}
        after = await audit.change_one(Prompt, {"_id": prompt.key}, fields, event)
        if after is None:
            raise NotFound("prompt", prompt.prompt_id)
        forget_prompt(after)
        prompt = after
    return prompt


def _require(scope: Scope, role: Any, prompt: Prompt) -> None:
    scope.require(role, prompt.application_id, kind="prompt", key=prompt.prompt_id)


async def _change(
    prompt: Prompt, fields: dict[str, Any], *, expected_revision: int | None = None
) -> Prompt:
    old: dict[str, Any] = {"_id": prompt.key}
    if expected_revision is not None:
        old["revision"] = expected_revision
    after = await Prompt.change_one(old, fields)
    if after is not None:
        forget_prompt(after)
        return after
    present = await Prompt.get(prompt.key)
    if present is None or expected_revision is None:
        raise NotFound("prompt", prompt.prompt_id)
    raise StaleRevision(expected_revision, present.revision)
