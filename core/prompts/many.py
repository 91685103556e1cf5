"""Own changing many prompts at once: tags, out of service and back; each change can be undone."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from bson import ObjectId
from pydantic import ValidationError

from core.documents import Prompt
from core.errors import Invalid, PromptHubError, StaleRevision
from core.leases import outlast
from core.prompts.catalogue import PromptChanges, switch_prompt, update_prompt
from core.values.scope import Scope
from prompthub.wire.literals import Role

# Enough to hide the wait for the journal; more only queues up in the server.
AT_ONCE: Final = 16
# Each lost race means that somebody else described the same prompt meanwhile.
ATTEMPTS: Final = 5

Progress = Callable[[int, int], None]


class Changed(NamedTuple):
    """What was done: the prompts that are otherwise now, and why others could not be changed.

    `before` are the tags that a prompt had, where tags were changed.
    """

    keys: tuple[ObjectId, ...]
    before: Mapping[ObjectId, tuple[str, ...]]
    problems: tuple[str, ...]


async def tag_prompts(
    scope: Scope,
    keys: Sequence[ObjectId],
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    progress: Progress | None = None,
) -> Changed:
    """Add tags to prompts and take others away; those that are so already stay as they are.

    Raises:
        Invalid: no tag is named, or the same tag is to be added and removed.
        NotFound, NotAllowed: one of the prompts is not the caller's, or the caller is no editor
            there; then nothing is changed.
    """
    added, removed = (
        dict.fromkeys(tag.strip().casefold() for tag in tags) for tags in (add, remove)
    )
    if not added and not removed:
        raise Invalid("No tag is chosen.", field="tags", remedy="Choose or type at least one.")
    if both := added.keys() & removed.keys():
        raise Invalid(
            f"The tag {min(both)} is to be added and to be removed.",
            field="tags",
            remedy="Take it out of one of the two.",
        )

    def wanted(prompt: Prompt) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(t for t in prompt.tags if t not in removed), *added)))

    return await _tag(scope, keys, wanted, progress)


async def retag_prompts(
    scope: Scope, before: Mapping[ObjectId, tuple[str, ...]], *, progress: Progress | None = None
) -> Changed:
    """Give each prompt the tags named for it: the undoing of `tag_prompts`.

    Raises:
        NotFound, NotAllowed: as `tag_prompts`.
    """
    return await _tag(scope, list(before), lambda prompt: before[prompt.key], progress)


async def deactivate_prompts(
    scope: Scope, keys: Sequence[ObjectId], *, progress: Progress | None = None
) -> Changed:
    """Take prompts out of service; versions and logs stay readable.

    Raises:
        NotFound, NotAllowed: one of the prompts is not the caller's, or the caller is no operator
            there; then nothing is changed.
    """
    changed = await _switch(scope, keys, progress, is_active=False)
    await outlast()
    return changed


async def restore_prompts(
    scope: Scope, keys: Sequence[ObjectId], *, progress: Progress | None = None
) -> Changed:
    """Put prompts back into service.

    Raises:
        NotFound, NotAllowed: as `deactivate_prompts`.
    """
    return await _switch(scope, keys, progress, is_active=True)


async def _tag(
    scope: Scope,
    keys: Sequence[ObjectId],
    wanted: Callable[[Prompt], tuple[str, ...]],
    progress: Progress | None,
) -> Changed:
    before: dict[ObjectId, tuple[str, ...]] = {}

    async def act(prompt: Prompt) -> bool:
        for _ in range(ATTEMPTS):
            changes = _checked(wanted(prompt))
            if list(changes.tags or ()) == prompt.tags:
                return False
            try:
                await update_prompt(scope, prompt, changes, expected_revision=prompt.revision)
            except StaleRevision:
                prompt = await Prompt.get(prompt.key) or prompt
                continue
            before[prompt.key] = tuple(prompt.tags)
            return True
        raise StaleRevision(prompt.revision, prompt.revision)

    changed = await _each(scope, "editor", keys, act, progress)
    return changed._replace(before=before)


def _checked(tags: tuple[str, ...]) -> PromptChanges:
    try:
        return PromptChanges(tags=tags)
    except ValidationError as error:
        raise Invalid(f"Tags: {error.errors()[0]['msg']}.", field="tags") from None


async def _switch(
    scope: Scope, keys: Sequence[ObjectId], progress: Progress | None, *, is_active: bool
) -> Changed:
    async def act(prompt: Prompt) -> bool:
        if prompt.is_active == is_active:
            return False
        await switch_prompt(scope, prompt, is_active=is_active)
        return True

    return await _each(scope, "operator", keys, act, progress)


async def _each(
    scope: Scope,
    role: Role,
    keys: Sequence[ObjectId],
    act: Callable[[Prompt], Awaitable[bool]],
    progress: Progress | None,
) -> Changed:
    """Act on each prompt, several at a time; one that fails is told of and the others go on."""
    prompts = await _get_all(scope, role, keys)
    done: list[ObjectId] = []
    problems: list[str] = []
    for start in range(0, len(prompts), AT_ONCE):
        batch = prompts[start : start + AT_ONCE]
        results = await asyncio.gather(*map(act, batch), return_exceptions=True)
        for prompt, result in zip(batch, results, strict=True):
            if isinstance(result, PromptHubError):
                problems.append(f"{prompt.name}: {result.message}")
            elif isinstance(result, BaseException):
                raise result
            elif result:
                done.append(prompt.key)
        if progress is not None:
            progress(start + len(batch), len(prompts))
    return Changed(tuple(done), {}, tuple(problems))


async def _get_all(scope: Scope, role: Role, keys: Sequence[ObjectId]) -> list[Prompt]:
    """Return the prompts that are still there, in the order of the keys."""
    query: dict[str, Any] = {"_id": {"$in": list(keys)}}
    rows = await Prompt.collection().find(query, {"search_text": 0}).to_list()
    found = {row["_id"]: Prompt.model_validate(row) for row in rows}
    prompts = [found[key] for key in dict.fromkeys(keys) if key in found]
    for prompt in prompts:
        scope.require(role, prompt.application_id, kind="prompt", key=prompt.prompt_id)
    return prompts
