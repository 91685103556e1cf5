"""Own the stored version: an immutable revision of a prompt once it is published."""

from datetime import datetime
from typing import Any

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from core.documents.base import UNRECORDED, Audited
from core.values.body import VersionBody
from core.values.dependency import Dependency
from core.values.fields import RequiredField
from core.values.generation import ModelParams
from core.values.guardrail_policy import GuardrailPolicy
from core.values.ids import Id


class PromptVersion(Audited):
    """A version of a prompt (`prompt_id` refers to the prompt document).

    `publish_seq` orders publishes of one prompt; `makes_current` says whether that publish also
    moves `latest`. A deleted draft stays as a tombstone (`deleted_at`, empty body), so that its
    number and sequence are never given again.

    `embedding` (BSON's binary vector of float32: the mean of its body chunks) was made by
    `embedding_model` under the prompt name `embedding_title`. A save leaves all three empty and
    so asks for vectors, which follow behind (`core.search.embedding`) without a new revision.
    """

    prompt_id: Id
    version: str
    sequence: int
    checksum: str
    content: str
    system_prompt: str = ""
    metaprompt: str = ""
    model: str | None = None
    required_fields: list[RequiredField] = Field(default_factory=list[RequiredField])
    model_params: ModelParams = ModelParams()
    guardrail_config: GuardrailPolicy = GuardrailPolicy()
    dependencies: list[Dependency] = Field(default_factory=list[Dependency])
    is_published: bool = False
    published_at: datetime | None = None
    published_by: str | None = None
    publish_seq: int | None = None
    makes_current: bool = False
    change_description: str = ""
    created_by: str = ""
    parent_version: str | None = None
    metadata: dict[str, Any] = Field(default_factory=dict[str, Any])
    deleted_at: datetime | None = None
    embedding: bytes | None = Field(default=None, repr=False)
    embedding_model: str | None = None
    embedding_title: str | None = None

    class Settings:
        name = "prompt_versions"
        indexes = [
            IndexModel(
                [("prompt_id", ASCENDING), ("version", ASCENDING)], name="version", unique=True
            ),
            IndexModel(
                [("prompt_id", ASCENDING), ("sequence", DESCENDING)], name="sequence", unique=True
            ),
            IndexModel([("updated_at", DESCENDING)], name="changed"),
            IndexModel([("published_at", DESCENDING)], name="published_at"),
            IndexModel([("embedding_model", ASCENDING)], name="embedding_model"),
            IndexModel([("dependencies.prompt_id", ASCENDING)], name="dependencies"),
            IndexModel([("prompt_id", ASCENDING), ("checksum", ASCENDING)], name="checksum"),
            UNRECORDED,
            IndexModel(
                [("prompt_id", ASCENDING), ("publish_seq", DESCENDING)],
                name="publish_seq",
                unique=True,
                partialFilterExpression={"publish_seq": {"$type": "number"}},
            ),
        ]

    @property
    def searched_text(self) -> str:
        """What is searched and embedded; spans of chunks and passages are in it."""
        return searched_text(self.content, self.system_prompt)

    @property
    def body(self) -> VersionBody:
        """What the version says, as a value."""
        return VersionBody.model_construct(
            content=self.content,
            system_prompt=self.system_prompt,
            metaprompt=self.metaprompt,
            model=self.model,
            required_fields=tuple(self.required_fields),
            model_params=self.model_params,
            guardrail_config=self.guardrail_config,
            dependencies=tuple(self.dependencies),
        )


def searched_text(content: str, system_prompt: str) -> str:
    """Return what is searched of a version: the content, then the system prompt on a new line."""
    return f"{content}\n{system_prompt}" if system_prompt else content
