"""Own what a set-up is about: the prompt, its columns, what they say, and the variables."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bson import ObjectId

from core.documents import PromptVersion
from core.errors import Invalid, PromptHubError
from core.prompts.resolve import resolve_version
from core.providers.registry import Registry
from core.values.fields import RequiredField
from core.values.scope import Scope
from streamlit_app import bridge
from streamlit_app.components.compare.address import Wanted, read_columns
from streamlit_app.components.prompt_address import asked_for
from streamlit_app.components.run_target import Target, load_target
from streamlit_app.components.variables_form import list_fields


@dataclass(frozen=True, slots=True)
class Bench:
    """The set-up of the address; `versions` has what each selector means, or why it means nothing.

    `fields` are the variables of all of them.
    """

    scope: Scope
    target: Target
    columns: list[Wanted]
    versions: Mapping[str | None, PromptVersion | PromptHubError]
    fields: list[RequiredField]

    @property
    def owner(self) -> ObjectId:
        """The prompt's id in the database."""
        return self.target.prompt.key


def load_bench(scope: Scope, prompt_id: str, *, registry: Registry) -> Bench:
    """Load the prompt and every version that a column of the address names.

    Raises:
        NotFound: there is no such prompt for the caller.
        AmbiguousPrompt: several applications have the prompt and none was named.
    """
    asked = asked_for()
    target = bridge.run(
        load_target(scope, prompt_id, asked.application_id, asked.version, registry=registry)
    )
    columns = read_columns(target)
    versions = bridge.run(_load_versions(scope, target, {one.version for one in columns}))
    return Bench(scope, target, columns, versions, _fields(versions))


async def _load_versions(
    scope: Scope, target: Target, selectors: Collection[str | None]
) -> dict[str | None, PromptVersion | PromptHubError]:
    found = await asyncio.gather(*(_resolve(scope, target, selector) for selector in selectors))
    return dict(zip(selectors, found, strict=True))


async def _resolve(
    scope: Scope, target: Target, selector: str | None
) -> PromptVersion | PromptHubError:
    try:
        return await resolve_version(scope, target.prompt, selector or "latest")
    except PromptHubError as error:
        return error


def _fields(
    versions: Mapping[str | None, PromptVersion | PromptHubError],
) -> list[RequiredField]:
    fields: dict[str, RequiredField] = {}
    for version in versions.values():
        if isinstance(version, PromptVersion):
            try:
                found = list_fields(version.body)
            except Invalid:  # the run tells it in its column
                continue
            for field in found:
                fields.setdefault(field.name, field)
    return list(fields.values())
