"""Own the errors of requests that are sound but do not fit the present state."""

from collections.abc import Sequence

from core.errors.base import PromptHubError


class Conflict(PromptHubError):
    """The request is sound but the present state of the thing does not allow it."""

    code = "conflict"


class AlreadyExists(Conflict):
    """A unique name or address is taken."""

    code = "already_exists"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"The {kind} {key!r} exists already; choose another.", kind=kind, key=key)
        self.kind = kind
        self.key = key


class VersionExists(Conflict):
    """The version number asked for was used before; numbers are never given twice."""

    code = "version_exists"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"Version {version} exists already or was used before; "
            "choose a higher number or leave it out.",
            version=version,
        )
        self.version = version


class VersionFrozen(Conflict):
    """The version is published and therefore never changes."""

    code = "version_frozen"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"Version {version} is published and cannot be changed or deleted; save a new version.",
            version=version,
        )
        self.version = version


class NotPublished(Conflict):
    """Only published versions are served, labelled or depended on."""

    code = "version_not_published"

    def __init__(self, version: str) -> None:
        super().__init__(f"Version {version} is a draft; publish it first.", version=version)
        self.version = version


class AmbiguousPrompt(Conflict):
    """A readable id fits prompts of several applications that the user can see."""

    code = "ambiguous_prompt"

    def __init__(self, prompt_id: str, candidates: Sequence[str]) -> None:
        super().__init__(
            f"The prompt {prompt_id!r} exists in several applications; name one by application_id.",
            prompt_id=prompt_id,
            candidates=list(candidates),
        )
        self.candidates = tuple(candidates)


class HasDependents(Conflict):
    """Something still points at the thing that was to go away."""

    code = "has_dependents"

    def __init__(self, version: str, dependents: Sequence[str]) -> None:
        super().__init__(
            f"Version {version} is in use by {', '.join(dependents)}; change those first.",
            version=version,
            dependents=list(dependents),
        )
        self.dependents = tuple(dependents)


class CyclicDependency(Conflict):
    """Versions depend on each other in a circle; `path` names them."""

    code = "cyclic_dependency"

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(
            f"The versions depend on each other in a circle: {' -> '.join(path)}.", path=list(path)
        )
        self.path = tuple(path)


class ExecutionRunning(Conflict):
    """The same execution, asked for under the same key, has not ended yet."""

    code = "execution_running"

    def __init__(self, execution_id: str) -> None:
        super().__init__(
            "This is running already under this key; ask again when it has ended.",
            execution_id=execution_id,
        )
        self.execution_id = execution_id


class StaleRevision(Conflict):
    """Somebody else saved in between."""

    code = "stale_revision"

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(
            "It was changed by somebody else since you opened it; load it again and redo the edit.",
            expected=expected,
            actual=actual,
        )
        self.expected = expected
        self.actual = actual
