"""Own what the playground runs: the prompt, the version a selector means, and who may run it."""

import asyncio
from typing import NamedTuple

from bson import ObjectId

from core.accounts.applications import get_application
from core.documents import Application, Prompt, PromptVersion
from core.errors import PromptHubError
from core.prompts.catalogue import get_prompt
from core.prompts.resolve import resolve_version
from core.prompts.versions import list_versions
from core.providers.registry import ModelChoice, Registry
from core.values.scope import RANK, Scope

LISTED_VERSIONS = 20


class Target(NamedTuple):
    """One prompt with the version chosen; `error` says why there is none."""

    prompt: Prompt
    application: Application
    versions: list[PromptVersion]
    models: list[ModelChoice]
    is_demo_only: bool
    can_run: bool
    selector: str | None
    version: PromptVersion | None
    error: PromptHubError | None

    @property
    def own_model(self) -> str | None:
        """The model of the version, else that of the prompt."""
        of_version = self.version.model if self.version else None
        return of_version or self.prompt.default_model


async def load_target(
    scope: Scope,
    prompt_id: str,
    application_id: ObjectId | None,
    selector: str | None,
    *,
    registry: Registry,
) -> Target:
    """Load a prompt with the version asked for, else the one served, else the newest.

    Raises:
        NotFound: there is no such prompt for the caller.
        AmbiguousPrompt: several applications have the prompt and none was named.
    """
    prompt = await get_prompt(scope, prompt_id, application_id)
    application, page, models = await asyncio.gather(
        get_application(scope, prompt.application_id),
        list_versions(scope, prompt, skip=0, limit=LISTED_VERSIONS),
        registry.models(),
    )
    chosen = selector or ("latest" if prompt.current_version else prompt.newest_version)
    version, error = await _resolve(scope, prompt, chosen)
    role = scope.role_in(prompt.application_id) or "viewer"
    return Target(
        prompt=prompt,
        application=application,
        versions=page.items,
        models=models,
        is_demo_only=registry.is_demo_only,
        can_run=RANK[role] >= RANK["editor"] and prompt.is_active and application.is_active,
        selector=chosen,
        version=version,
        error=error,
    )


async def _resolve(
    scope: Scope, prompt: Prompt, selector: str | None
) -> tuple[PromptVersion | None, PromptHubError | None]:
    if selector is None:
        return None, None
    try:
        return await resolve_version(scope, prompt, selector), None
    except PromptHubError as error:
        return None, error
