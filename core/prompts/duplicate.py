"""Own duplicating a prompt: a draft of its own that says where it comes from."""

from typing import Any

from bson import ObjectId

from core import audit
from core.documents import Prompt, PromptVersion
from core.errors import Conflict, Invalid
from core.prompts.catalogue import NewPrompt, create_prompt
from core.prompts.composition import check_savable
from core.prompts.versions import NewVersion, get_version, save_version
from core.values.scope import Scope


async def duplicate_prompt(
    scope: Scope,
    prompt: Prompt,
    prompt_id: str | None,
    *,
    application_id: ObjectId | None = None,
    name: str | None = None,
) -> Prompt:
    """Create a prompt with what another one serves, else with its newest version, as draft 1.0.0.

    All but the name and the id is the same; the version's metadata name its origin. What is None is
    the application it is in, the name it has, an id made from the name.

    Raises:
        NotFound, NotAllowed: the target is not the caller's, or the caller is no editor there.
        AlreadyExists: the id is taken there.
        Invalid: the id may not be used, the name breaks a rule, or the version is made of others
            and shall go to another application.
        Conflict: there is no version yet, or the target is not active.
    """
    target = application_id or prompt.application_id
    scope.require("viewer", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    scope.require("editor", target, kind="application", key=str(target))
    source = await _find_source(scope, prompt)
    if target == prompt.application_id:
        await check_savable(prompt, source.body)  # before anything is stored
    else:
        _refuse_dependencies(source)
    copy = await create_prompt(scope, _like(prompt, target, prompt_id, name))
    origin = _origin(prompt, source)
    draft = NewVersion(
        body=source.body,
        change_description=f"Copied from {prompt.prompt_id}@{source.version}",
        metadata={**source.metadata, "copied_from": origin},
    )
    await save_version(scope, copy, draft)
    await audit.record(
        scope, "prompt.duplicate", f"prompt:{copy.key}", application_id=target, after=origin
    )
    return await Prompt.get(copy.key) or copy


def _like(prompt: Prompt, target: ObjectId, prompt_id: str | None, name: str | None) -> NewPrompt:
    return NewPrompt(
        application_id=target,
        prompt_id=prompt_id,
        name=prompt.name if name is None else name,
        description=prompt.description,
        folder=prompt.folder,
        tags=tuple(prompt.tags),
        default_model=prompt.default_model,
    )


async def _find_source(scope: Scope, prompt: Prompt) -> PromptVersion:
    number = prompt.current_version or prompt.newest_version
    if number is None:
        raise Conflict("The prompt has no version to copy; save one first.")
    return await get_version(scope, prompt, number)


def _refuse_dependencies(source: PromptVersion) -> None:
    parts = [f"{one.prompt_id}@{one.version}" for one in source.dependencies]
    if parts:
        raise Invalid(
            f"The version is made of {', '.join(parts)}, which the other application lacks.",
            field="application_id",
            remedy="Export the prompt with those it is made of and import the file there.",
            dependencies=parts,
        )


def _origin(prompt: Prompt, source: PromptVersion) -> dict[str, Any]:
    return {
        "application_id": str(prompt.application_id),
        "prompt_id": prompt.prompt_id,
        "version": source.version,
        "checksum": source.checksum,
    }
