"""Own the guardrail configuration that travels with a version."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class PreValidation(BaseModel):
    """Named checks of the input; a score above `threshold` blocks."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    enabled: bool = False
    threshold: float = Field(default=0.8, ge=0, le=1)
    validators: tuple[str, ...] = Field(default=(), max_length=50)


class PostValidation(BaseModel):
    """Checks of the answer: terms it may not hold, parts it must hold, a JSON schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = False
    prohibited_terms: tuple[str, ...] = Field(default=(), max_length=500)
    required_elements: tuple[str, ...] = Field(default=(), max_length=500)
    format_schema: dict[str, Any] | None = None


class GuardrailPolicy(BaseModel):
    """Everything checked around one model call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pre_validation: PreValidation = PreValidation()
    post_validation: PostValidation = PostValidation()
