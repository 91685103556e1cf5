"""Own what a version is made of: finding the versions it depends on, and who depends on it.

Published versions depend on published ones by number only, so they can never form a circle.
Drafts can, when two are changed at once; therefore each look follows the path it came by.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from bson import ObjectId

from core.documents import Prompt, PromptVersion
from core.errors import Conflict, CyclicDependency, Invalid, NotFound, NotPublished
from core.prompts.rules import check_rules
from core.templates.compose import Link, Part, merged_policy
from core.values.body import VersionBody
from core.values.dependency import Dependency
from core.values.scope import Scope
from core.values.semver import Selector

MAX_LEVELS: Final = 8
MAX_PARTS: Final = 100


FindTarget = Callable[[Dependency, ObjectId], Awaitable[tuple[Prompt, PromptVersion]]]


class Dependent(NamedTuple):
    """A version that is made of the one asked about, and in which ways."""

    prompt: Prompt
    version: PromptVersion
    dependencies: list[Dependency]

    @property
    def name(self) -> str:
        """The version, written as prompt_id@version."""
        return f"{self.prompt.prompt_id}@{self.version.version}"


class Used(NamedTuple):
    """One resolved dependency, direct or not."""

    dependency_type: str
    prompt_id: str
    version: str


class Composed(NamedTuple):
    """A version with everything it is made of, and the list of that."""

    part: Part
    used: list[Used]


async def compose(
    body: VersionBody,
    application_id: ObjectId,
    *,
    name: str = "",
    published_only: bool = False,
    find: FindTarget | None = None,
) -> Composed:
    """Find everything that a body is made of, within its application.

    `name` (prompt_id@version) is the version the body is of, where it is stored. `find` looks
    elsewhere than in the database, as for what is about to be imported.

    Raises:
        NotFound: a prompt, version or label is not there.
        NotPublished: `published_only`, and a version is a draft.
        CyclicDependency: versions depend on each other in a circle.
        Invalid: there are more than `MAX_LEVELS` levels or `MAX_PARTS` versions, or guardrails
            that cannot be used together.
    """
    if not body.dependencies:
        return Composed(Part(body), [])
    search = _Search(application_id, published_only=published_only, find=find or find_target)
    part = await search.part_of(body, (name,))
    merged_policy(part)
    return Composed(part, search.used)


class _Search:
    """One look through all that a body is made of; each version is read once."""

    def __init__(self, application_id: ObjectId, *, published_only: bool, find: FindTarget) -> None:
        self.used: list[Used] = []
        self._application_id = application_id
        self._published_only = published_only
        self._find = find
        self._targets: dict[tuple[str, str], PromptVersion] = {}
        self._parts: dict[str, Part] = {}
        self._levels: dict[str, int] = {}

    async def part_of(self, body: VersionBody, path: tuple[str, ...]) -> Part:
        links = [Link(one, await self._follow(one, path)) for one in body.dependencies]
        return Part(body, tuple(links))

    async def _follow(self, dependency: Dependency, path: tuple[str, ...]) -> Part:
        version = await self._target(dependency)
        name = f"{dependency.prompt_id}@{version.version}"
        if name in path:
            raise CyclicDependency([*path[path.index(name) :], name])
        used = Used(dependency.dependency_type, dependency.prompt_id, version.version)
        if used not in self.used:
            self.used.append(used)
        if name not in self._parts:
            _check_size(len(path), len(self._parts))
            self._parts[name] = await self.part_of(version.body, (*path, name))
            below = (self._levels[one] for one in _names_below(self._parts[name], self._parts))
            self._levels[name] = 1 + max(below, default=0)
        _check_size(len(path) + self._levels[name] - 1, 0)
        return self._parts[name]

    async def _target(self, dependency: Dependency) -> PromptVersion:
        key = (dependency.prompt_id, dependency.version)
        if key not in self._targets:
            _, self._targets[key] = await self._find(dependency, self._application_id)
        version = self._targets[key]
        if self._published_only and not version.is_published:
            raise _draft(dependency, version)
        return version


def _names_below(part: Part, parts: dict[str, Part]) -> list[str]:
    below = {id(link.part) for link in part.links}
    return [name for name, one in parts.items() if id(one) in below]


def _check_size(levels: int, count: int) -> None:
    if levels > MAX_LEVELS or count >= MAX_PARTS:
        raise Invalid(
            f"The prompt is made of {MAX_PARTS} or more versions, or in more than "
            f"{MAX_LEVELS} levels.",
            field="dependencies",
            remedy="Use fewer, or write some of the texts out.",
        )


async def find_target(
    dependency: Dependency, application_id: ObjectId
) -> tuple[Prompt, PromptVersion]:
    """Return the version that a dependency means now.

    Raises:
        NotFound: the prompt, version or label is not there.
        NotPublished: it says `latest` and nothing is published.
        BadSelector: its version is written neither as a number nor as a label.
    """
    prompt = await Prompt.find_one(
        {"application_id": application_id, "prompt_id": dependency.prompt_id}
    )
    if prompt is None:
        raise NotFound("prompt", dependency.prompt_id)
    wanted = Selector.parse(dependency.version)
    number = str(wanted.number) if wanted.number else prompt.current_version
    if wanted.label is not None:
        number = prompt.labels.get(wanted.label)
    found = await PromptVersion.find_one(
        {"prompt_id": prompt.key, "version": number, "deleted_at": None}
    )
    if found is None:
        raise NotFound("version", f"{dependency.prompt_id}@{dependency.version}")
    return prompt, found


async def check_savable(prompt: Prompt, body: VersionBody, version: str | None = None) -> None:
    """Pass when a body can be saved in a prompt: its rules are kept, its dependencies sound.

    Raises:
        PromptHubError: as `core.prompts.rules.check_rules` and `check_dependencies` do.
    """
    await check_rules(body)
    await check_dependencies(prompt, body, version)


async def check_dependencies(prompt: Prompt, body: VersionBody, version: str | None = None) -> None:
    """Pass when a body can be saved in a prompt: what it is made of is there, without a circle.

    Raises:
        Conflict: a prompt it is made of is not active.
        PromptHubError: as `compose` does.
    """
    name = f"{prompt.prompt_id}@{version}" if version else ""
    await compose(body, prompt.application_id, name=name)
    for dependency in body.dependencies:
        target, _ = await find_target(dependency, prompt.application_id)
        if not target.is_active:
            raise Conflict(f"The prompt {target.prompt_id} is deactivated; restore it first.")


async def freeze_dependencies(prompt: Prompt, present: PromptVersion) -> VersionBody:
    """Return the body with its dependencies resolved to the numbers of published versions.

    Raises:
        NotPublished: it is made of a draft.
        PromptHubError: as `check_dependencies` does.
    """
    body = present.body
    await check_dependencies(prompt, body, present.version)
    frozen: list[Dependency] = []
    for dependency in body.dependencies:
        _, target = await find_target(dependency, prompt.application_id)
        if not target.is_published:
            raise _draft(dependency, target)
        frozen.append(dependency.model_copy(update={"version": target.version}))
    resolved = body.model_copy(update={"dependencies": tuple(frozen)})
    name = f"{prompt.prompt_id}@{present.version}"
    await compose(resolved, prompt.application_id, name=name, published_only=True)
    return resolved


def _draft(dependency: Dependency, version: PromptVersion) -> NotPublished:
    return NotPublished(f"{dependency.prompt_id}@{version.version}")


async def list_dependents(scope: Scope, prompt: Prompt, version: str) -> list[Dependent]:
    """Return the versions that are directly made of one, by number, `latest` or label as of now.

    Raises:
        NotFound: the prompt is not visible.
    """
    scope.require("viewer", prompt.application_id, kind="prompt", key=prompt.prompt_id)
    selectors = {version, *(f"label:{n}" for n, v in prompt.labels.items() if v == version)}
    selectors |= {"latest"} if prompt.current_version == version else set()
    near: dict[str, Any] = {
        "dependencies": {
            "$elemMatch": {"prompt_id": prompt.prompt_id, "version": {"$in": sorted(selectors)}}
        },
        "deleted_at": None,
    }
    found = await PromptVersion.find(near, sort="-sequence").to_list()
    owners = await Prompt.find(
        {"_id": {"$in": [one.prompt_id for one in found]}, "application_id": prompt.application_id}
    ).to_list()
    by_key = {owner.key: owner for owner in owners}
    return [
        Dependent(by_key[one.prompt_id], one, _towards(one, prompt, selectors))
        for one in found
        if one.prompt_id in by_key
    ]


def _towards(version: PromptVersion, prompt: Prompt, selectors: set[str]) -> list[Dependency]:
    return [
        one
        for one in version.dependencies
        if one.prompt_id == prompt.prompt_id and one.version in selectors
    ]
