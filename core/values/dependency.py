"""Own the dependency: another prompt's version that a version is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.values.fields import FieldName
from prompthub.wire.literals import DependencyType

PromptId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Selector = Annotated[
    str, Field(pattern=r"^(?:latest|label:[A-Za-z0-9._-]{1,64}|[0-9A-Za-z.+-]{5,64})$")
]


class DependencyConfig(BaseModel):
    """How it is used; `name` is the variable that an include is printed by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FieldName | None = None


class Dependency(BaseModel):
    """A version of a prompt of the same application, and what of it is used.

    `version` is a number, or, until publishing freezes it, `latest` or `label:NAME`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dependency_type: DependencyType
    prompt_id: PromptId
    version: Selector
    config: DependencyConfig = DependencyConfig()

    @property
    def include_name(self) -> str | None:
        """The variable that an include is printed by, None for the other kinds."""
        if self.dependency_type != "include":
            return None
        return self.config.name or self.prompt_id.replace("-", "_")
