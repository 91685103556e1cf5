"""Own resolving: from a selector that a caller wrote to the version it means."""

from core.documents import Prompt, PromptVersion
from core.errors import NotFound, NotPublished
from core.prompts.versions import get_version
from core.values.scope import Scope
from core.values.semver import Selector


async def resolve_version(scope: Scope, prompt: Prompt, selector: str) -> PromptVersion:
    """Return the version that `1.2.0`, `latest` or `label:NAME` means now.

    Raises:
        BadSelector: the selector is none of these.
        NotFound: nothing is published yet, or there is no such label or version.
        NotPublished: an application asks for a draft, or for anything while nothing is published.
    """
    wanted = Selector.parse(selector)
    if wanted.label is not None:
        number = prompt.labels.get(wanted.label)
        if number is None:
            raise NotFound("label", wanted.label)
    elif wanted.is_latest:
        number = prompt.current_version
        if number is None:
            raise NotPublished("latest")
    else:
        number = str(wanted.number)
    version = await get_version(scope, prompt, number)
    if scope.kind == "application" and not version.is_published:
        raise NotPublished(number)
    return version
