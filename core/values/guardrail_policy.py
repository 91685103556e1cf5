"""Own the guardrail configuration that travels with a version."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from core.errors import Invalid
from prompthub.wire.literals import VerifierFailure

_T = TypeVar("_T")


class PreValidation(BaseModel):
    """Named checks of the input; a score above `threshold` blocks."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    enabled: bool = False
    threshold: float = Field(default=0.8, ge=0, le=1)
    validators: tuple[str, ...] = Field(default=(), max_length=50)


class Verification(BaseModel):
    """A second model call that judges the answer by a rubric, by sources, or by both.

    `sources_variable` names the variable of the prompt that holds the passages. Without `model`
    the model that answered is asked. `on_failure` says what a verifier without a verdict means.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}/\S{1,200}$")] | None = None
    rubric: str = Field(default="", max_length=8000)
    sources_variable: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")] | None = None
    on_failure: VerifierFailure = "block"


class PostValidation(BaseModel):
    """Checks of the answer: forbidden terms, parts it must hold, a JSON schema, a verifier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = False
    prohibited_terms: tuple[str, ...] = Field(default=(), max_length=500)
    required_elements: tuple[str, ...] = Field(default=(), max_length=500)
    format_schema: dict[str, Any] | None = None
    verification: Verification | None = None


class GuardrailPolicy(BaseModel):
    """Everything checked around one model call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pre_validation: PreValidation = PreValidation()
    post_validation: PostValidation = PostValidation()


def strictest(one: GuardrailPolicy, other: GuardrailPolicy) -> GuardrailPolicy:
    """Return the policy that lets through only what both let through; disabled parts say nothing.

    Raises:
        Invalid: both hold a schema of the answer, or a verification, and they differ.
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
    return PostValidation.model_construct(
        enabled=True,
        prohibited_terms=tuple(dict.fromkeys((*one.prohibited_terms, *other.prohibited_terms))),
        required_elements=tuple(dict.fromkeys((*one.required_elements, *other.required_elements))),
        format_schema=_only(one.format_schema, other.format_schema, what="schema"),
        verification=_only(one.verification, other.verification, what="verification"),
    )


def _only(one: _T | None, other: _T | None, *, what: str) -> _T | None:
    """Return what one of them asks for, or both in the same words."""
    if one is not None and other is not None and one != other:
        raise Invalid(
            f"Two guardrails that are used together ask each for a {what} of their own.",
            field="dependencies",
            remedy=f"Keep the {what} in one of them.",
        )
    return one if other is None else other
