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
    number = number_of(prompt, selector)
    version = await get_version(scope, prompt, number)
    if scope.kind == "application" and not version.is_published:
        raise NotPublished(number)
    return version


def number_of(prompt: Prompt, selector: str) -> str:
    """Return the number that a selector means; the prompt may have no version of that number.

    Raises:
        BadSelector: the selector is none of these.
        NotFound: there is no such label.
        NotPublished: nothing is published yet.
    """
    wanted = Selector.parse(selector)
    if wanted.label is not None:
        number = prompt.labels.get(wanted.label)
        if number is None:
            raise NotFound("label", wanted.label)
        return number
    if wanted.is_latest:
        if prompt.current_version is None:
            raise NotPublished("latest")
        return prompt.current_version
    return str(wanted.number)
