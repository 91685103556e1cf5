"""Own the checks of a version as people type them, and how they become a policy."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict, cast

from pydantic import ValidationError

from core.errors import Invalid
from core.guardrails.input_checks import DEFAULT_SIZE
from core.values.guardrail_policy import (
    GuardrailPolicy,
    PostValidation,
    PreValidation,
    Verification,
)
from prompthub.wire.literals import VerifierFailure

PICKED: Final[Mapping[str, str]] = {
    "prompt_injection": "Prompt injection",
    "secrets": "Secrets",
    "personal_data": "Personal data",
    "size": "Length",
}
_SIMILARITY: Final = "similarity:"
_SIZE: Final = "size:"


class TypedChecks(TypedDict):
    """A policy as typed: entries stand one on a line, the schema is JSON, "" is nothing."""

    checks_input: bool
    threshold: float
    picked: list[str]
    size: int
    examples: str
    others: str
    checks_output: bool
    terms: str
    parts: str
    schema: str
    verifies: bool
    rubric: str
    sources: str
    judge: str | None
    on_failure: VerifierFailure


def type_policy(policy: GuardrailPolicy) -> TypedChecks:
    """Return a policy as it stands in the controls."""
    pre, post = policy.pre_validation, policy.post_validation
    sizes = [one.removeprefix(_SIZE) for one in pre.validators if one.startswith(_SIZE)]
    picked = [name for name in PICKED if name in pre.validators]
    if sizes and "size" not in picked:
        picked.append("size")
    asked = post.verification or Verification()
    return {
        "checks_input": pre.enabled,
        "threshold": pre.threshold,
        "picked": picked,
        "size": int(sizes[0]) if sizes and sizes[0].isdecimal() else DEFAULT_SIZE,
        "examples": _lines(
            one.removeprefix(_SIMILARITY) for one in pre.validators if one.startswith(_SIMILARITY)
        ),
        "others": _lines(one for one in pre.validators if not _has_control(one)),
        "checks_output": post.enabled,
        "terms": _lines(post.prohibited_terms),
        "parts": _lines(post.required_elements),
        "schema": "" if post.format_schema is None else _json(post.format_schema),
        "verifies": post.verification is not None,
        "rubric": asked.rubric,
        "sources": asked.sources_variable or "",
        "judge": asked.model,
        "on_failure": asked.on_failure,
    }


def tidy_checks(typed: Mapping[str, Any], base: TypedChecks) -> TypedChecks:
    """Return what a stored draft or the controls hold; what is missing or odd comes from `base`."""
    kept = {
        name: typed[name]
        for name, value in base.items()
        if name in typed and _is_like(typed[name], value, name)
    }
    return cast("TypedChecks", {**base, **kept})


def read_policy(typed: TypedChecks, stored: GuardrailPolicy) -> GuardrailPolicy:
    """Return the policy that was typed; `stored` itself where the controls still say the same.

    Raises:
        Invalid: the schema is no JSON object, or the policy breaks a rule.
    """
    if typed == type_policy(stored):
        return stored
    try:
        return GuardrailPolicy(
            pre_validation=PreValidation(
                enabled=typed["checks_input"],
                threshold=typed["threshold"],
                validators=_validators(typed, stored.pre_validation.validators),
            ),
            post_validation=PostValidation(
                enabled=typed["checks_output"],
                prohibited_terms=_entries(typed["terms"]),
                required_elements=_entries(typed["parts"]),
                format_schema=_read_schema(typed["schema"]),
                verification=_read_verification(typed),
            ),
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"]).replace("_", " ")
        raise Invalid(
            f"The {where} can't be used: {first['msg'].removeprefix('Value error, ')}.",
            field="guardrail_config",
            remedy="See Checks.",
        ) from None


def _validators(typed: TypedChecks, stored: Sequence[str]) -> tuple[str, ...]:
    """Return the checks of the input; those that were there keep their order."""
    size = f"{_SIZE}{typed['size']}"
    if typed["size"] == DEFAULT_SIZE and size not in stored:
        size = "size"
    wanted = [
        *(size if name == "size" else name for name in PICKED if name in typed["picked"]),
        *(f"{_SIMILARITY}{line}" for line in _entries(typed["examples"])),
        *_entries(typed["others"]),
    ]
    kept = [one for one in stored if one in wanted]
    return tuple(dict.fromkeys((*kept, *wanted)))


def _read_schema(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return None
    try:
        schema: object = json.loads(text)
    except ValueError as error:
        raise Invalid(
            f"The schema of the answer is no JSON: {error}.",
            field="guardrail_config",
            remedy="See Checks.",
        ) from None
    if not isinstance(schema, dict):
        raise Invalid(
            "The schema of the answer is no JSON object.",
            field="guardrail_config",
            remedy='Write one such as {"type": "object"}.',
        )
    return cast("dict[str, Any]", schema)


def _read_verification(typed: TypedChecks) -> Verification | None:
    if not typed["verifies"]:
        return None
    return Verification(
        model=typed["judge"] or None,
        rubric=typed["rubric"],
        sources_variable=typed["sources"] or None,
        on_failure=typed["on_failure"],
    )


def _has_control(validator: str) -> bool:
    return (
        validator in PICKED
        or validator.startswith(_SIMILARITY)
        or (validator.startswith(_SIZE) and validator.removeprefix(_SIZE).isdecimal())
    )


def _is_like(value: object, example: object, name: str) -> bool:
    if name == "judge":
        return value is None or isinstance(value, str)
    if name == "threshold":
        return isinstance(value, (int, float))
    return isinstance(value, type(example))


def _entries(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _lines(entries: Any) -> str:
    return "\n".join(" ".join(entry.splitlines()) for entry in entries)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
