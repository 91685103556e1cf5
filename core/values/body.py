"""Own the body of a version: everything that publishing freezes, and its checksum."""

import hashlib
from typing import Annotated, Any, Final

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.errors import Invalid
from core.values.dependency import Dependency
from core.values.fields import RequiredField
from core.values.generation import ModelParams
from core.values.guardrail_policy import GuardrailPolicy

MAX_CONTENT_BYTES: Final = 64 * 1024
# Raised when the meaning of the canonical form changes, so that old and new never compare equal.
CHECKSUM_SCHEMA: Final = 1


def _within_limit(text: str) -> str:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_CONTENT_BYTES:
        msg = f"is longer than {MAX_CONTENT_BYTES // 1024} KiB"
        raise ValueError(msg)
    return text


def _storable(text: str) -> str:
    if "\x00" in text:
        msg = "holds a NUL character"
        raise ValueError(msg)
    try:
        text.encode()
    except UnicodeEncodeError:
        msg = "holds half of a surrogate pair"
        raise ValueError(msg) from None
    return text


Text = Annotated[str, AfterValidator(_storable)]
TemplateText = Annotated[Text, AfterValidator(_within_limit)]
# "connection/model", split at the first slash.
ModelName = Annotated[Text, Field(pattern=r"^[a-z0-9-]{1,64}/\S{1,200}$")]


class VersionBody(BaseModel):
    """What a version says: templates, declared fields, model, parameters, guardrails."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    content: TemplateText
    system_prompt: TemplateText = ""
    metaprompt: TemplateText = ""
    model: ModelName | None = None
    required_fields: tuple[RequiredField, ...] = Field(default=(), max_length=200)
    model_params: ModelParams = ModelParams()
    guardrail_config: GuardrailPolicy = GuardrailPolicy()
    dependencies: tuple[Dependency, ...] = Field(default=(), max_length=20)

    def canonical(self) -> dict[str, Any]:
        """Return the plain dict that the checksum covers."""
        said = self.model_dump(mode="json", exclude_none=True)
        if not self.dependencies:
            # Checksums from before there were dependencies stay what they are.
            del said["dependencies"]
        return {"schema": CHECKSUM_SCHEMA, **said}

    def checksum(self) -> str:
        """Return the SHA-256 of the canonical body, 64 hexadecimal digits."""
        encoded = orjson.dumps(self.canonical(), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(encoded).hexdigest()


def check_distinct_names(body: VersionBody) -> None:
    """Pass when no declared field and no include is named twice.

    Raises:
        Invalid: a name stands twice, or something else than an include is named.
    """
    seen: set[str] = set()
    for dependency in body.dependencies:
        name = dependency.include_name
        if name in seen or (name is None and dependency.config.name is not None):
            raise Invalid(
                f"The name {dependency.config.name or name} of a dependency cannot be used.",
                field="dependencies",
                remedy="Give each include a name of its own, and only includes.",
            )
        seen |= {name} if name else set()
    for field in body.required_fields:
        if field.name in seen:
            raise Invalid(
                f"The field {field.name} is declared twice.",
                field="required_fields",
                remedy="Remove or rename one of them.",
            )
        seen.add(field.name)
