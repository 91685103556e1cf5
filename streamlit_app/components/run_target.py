"""Own what the playground runs: a prompt with the version a selector means, or a free text."""

import asyncio
from typing import NamedTuple

from bson import ObjectId

from core.accounts.applications import get_application, list_applications
from core.documents import Application, Prompt, PromptVersion
from core.errors import PromptHubError
from core.prompts.catalogue import get_prompt
from core.prompts.examples import ExampleSummary, list_examples
from core.prompts.resolve import resolve_version
from core.prompts.versions import list_versions
from core.providers.registry import ModelChoice, Registry
from core.values.scope import RANK, Scope

LISTED_VERSIONS = 20


class FreeText(NamedTuple):
    """A text of no prompt, run in one of the applications the viewer may run in.

    There is no `application` where that is none.
    """

    applications: list[Application]
    application: Application | None
    models: list[ModelChoice]
    is_demo_only: bool
    own_model: str | None = None

    @property
    def owner(self) -> ObjectId | None:
        """What the inputs belong to."""
        return self.application.key if self.application else None


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
    examples: list[ExampleSummary]

    @property
    def owner(self) -> ObjectId:
        """What the inputs belong to."""
        return self.prompt.key

    @property
    def keeps_content(self) -> bool:
        """Whether the log keeps what is said."""
        return self.application.log_content == "full"

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
    application, page, models, examples = await asyncio.gather(
        get_application(scope, prompt.application_id),
        list_versions(scope, prompt, skip=0, limit=LISTED_VERSIONS),
        registry.models(),
        list_examples(scope, prompt),
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
        examples=examples.items,
    )


async def load_free_text(
    scope: Scope, application_id: ObjectId | None, *, registry: Registry
) -> FreeText:
    """Load the applications to choose from, and the one asked for, else the first."""
    models, all_of_them = await asyncio.gather(registry.models(), list_applications(scope))
    applications = [
        one
        for one in all_of_them
        if one.is_active and RANK[scope.role_in(one.key) or "viewer"] >= RANK["editor"]
    ]
    asked = next((one for one in applications if one.key == application_id), None)
    return FreeText(
        applications=applications,
        application=asked or next(iter(applications), None),
        models=models,
        is_demo_only=registry.is_demo_only,
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
