"""Own what the editor loads: the prompt, the version on the desk, and what it is compared with."""

import asyncio
from typing import NamedTuple

from bson import ObjectId

from core.accounts.applications import get_application
from core.documents import Application, Draft, Prompt, PromptVersion
from core.errors import NotFound
from core.prompts.catalogue import get_prompt
from core.prompts.versions import get_version, next_number
from core.prompts.workspace import find_draft
from core.values.body import VersionBody
from core.values.scope import RANK, Scope
from prompthub.wire.literals import Bump, Role
from streamlit_app.components.desk.working_copy import EMPTY


class Opened(NamedTuple):
    """One version opened by one person; `version` is None while the prompt has none.

    `base` is what changes are told against: what is served now, else the parent. `numbers` are
    what the next version would be called.
    """

    prompt: Prompt
    application: Application
    role: Role
    version: PromptVersion | None
    base: PromptVersion | None
    unsaved: Draft | None
    numbers: dict[Bump, str]

    def holds(self, role: Role) -> bool:
        """Whether the person holds at least the role."""
        return RANK[self.role] >= RANK[role]

    @property
    def can_write(self) -> bool:
        """Whether the person may edit here now."""
        return self.prompt.is_active and self.holds("editor")

    @property
    def is_draft(self) -> bool:
        """Whether saving changes the version in place."""
        return self.version is not None and not self.version.is_published

    @property
    def stored_body(self) -> VersionBody:
        """What the version says, as stored."""
        return self.version.body if self.version else EMPTY


async def open_prompt(
    scope: Scope, prompt_id: str, application_id: ObjectId | None, number: str | None
) -> Opened:
    """Load a prompt with the version asked for, else that of unsaved edits, else the newest.

    Raises:
        NotFound: there is no such prompt or version for the caller.
        AmbiguousPrompt: several applications have the prompt and none was named.
        Invalid: the number is not written as one.
    """
    prompt = await get_prompt(scope, prompt_id, application_id)
    unsaved = await _find_unsaved(scope, prompt)
    wanted = number or (unsaved.base_version if unsaved else None) or prompt.newest_version
    version, application, numbers = await asyncio.gather(
        _find(scope, prompt, wanted, must_exist=number is not None),
        get_application(scope, prompt.application_id),
        asyncio.gather(*(next_number(prompt.key, bump) for bump in BUMPS)),
    )
    return Opened(
        prompt=prompt,
        application=application,
        role=scope.role_in(prompt.application_id) or "viewer",
        version=version,
        base=await _find_base(scope, prompt, version),
        unsaved=unsaved,
        numbers={bump: str(n) for bump, n in zip(BUMPS, numbers, strict=True)},
    )


BUMPS: tuple[Bump, ...] = ("patch", "minor", "major")


async def _find_unsaved(scope: Scope, prompt: Prompt) -> Draft | None:
    """Return the caller's unsaved edits; those of a deleted draft go on from the newest version."""
    unsaved = await find_draft(scope, prompt) if scope.user_id else None
    if unsaved is None or await _find(scope, prompt, unsaved.base_version, must_exist=False):
        return unsaved
    return unsaved.model_copy(update={"base_version": prompt.newest_version, "base_revision": None})


async def _find(
    scope: Scope, prompt: Prompt, number: str | None, *, must_exist: bool
) -> PromptVersion | None:
    if number is None:
        return None
    try:
        return await get_version(scope, prompt, number)
    except NotFound:
        if must_exist:
            raise
        return None


async def _find_base(
    scope: Scope, prompt: Prompt, version: PromptVersion | None
) -> PromptVersion | None:
    if version is None or version.is_published:
        return version
    number = prompt.current_version or version.parent_version
    return await _find(scope, prompt, number, must_exist=False)
