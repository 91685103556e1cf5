"""Own the guardrail configuration that travels with a version."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.errors import Invalid


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


def strictest(one: GuardrailPolicy, other: GuardrailPolicy) -> GuardrailPolicy:
    """Return the policy that lets through only what both let through; disabled parts say nothing.

    Raises:
        Invalid: both ask for answers of a schema, and the schemas differ.
    """
    return GuardrailPolicy.model_construct(
        pre_validation=_strictest_input(one.pre_validation, other.pre_validation),
        post_validation=_strictest_output(one.post_validation, other.post_validation),
    )


def _strictest_input(one: PreValidation, other: PreValidation) -> PreValidation:
    if not (one.enabled and other.enabled):
        return other if other.enabled else one
    return PreValidation.model_construct(
        enabled=True,
        threshold=min(one.threshold, other.threshold),
        validators=tuple(dict.fromkeys((*one.validators, *other.validators))),
    )


def _strictest_output(one: PostValidation, other: PostValidation) -> PostValidation:
    if not (one.enabled and other.enabled):
        return other if other.enabled else one
    schemas = [s for s in (one.format_schema, other.format_schema) if s is not None]
    if len(schemas) > 1 and schemas[0] != schemas[1]:
        raise Invalid(
            "Two guardrails that are used together ask for answers of different schemas.",
            field="dependencies",
            remedy="Keep the schema in one of them.",
        )
    return PostValidation.model_construct(
        enabled=True,
        prohibited_terms=tuple(dict.fromkeys((*one.prohibited_terms, *other.prohibited_terms))),
        required_elements=tuple(dict.fromkeys((*one.required_elements, *other.required_elements))),
        format_schema=schemas[0] if schemas else None,
    )
