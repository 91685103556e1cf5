"""Own which policies may be kept: known checks, sound expressions and schemas, bounded lists."""

from typing import Final

from core.errors import Invalid
from core.guardrails.base import find_check
from core.guardrails.fold import fold
from core.guardrails.output_checks import REGEX_PREFIX
from core.guardrails.patterns import compile_pattern
from core.guardrails.schema import check_schema
from core.values.guardrail_policy import GuardrailPolicy, Verification

MAX_ENTRY_CHARS: Final = 500
MAX_VALIDATOR_CHARS: Final = 4000
MAX_RUBRIC_CHARS: Final = 8000
_POST: Final = "guardrail_config.post_validation"


def check_policy(policy: GuardrailPolicy) -> None:
    """Pass when every part of a policy can be applied, also where it is not enabled yet.

    Raises:
        Invalid: a part cannot; `field` and `remedy` say which and what to do.
    """
    for validator in policy.pre_validation.validators:
        field = "guardrail_config.pre_validation.validators"
        _check_entry(validator, field=field, longest=MAX_VALIDATOR_CHARS)
        find_check(validator)
    post = policy.post_validation
    for field in ("prohibited_terms", "required_elements"):
        for entry in getattr(post, field):
            _check_entry(entry, field=f"{_POST}.{field}", longest=MAX_ENTRY_CHARS)
            _check_words(entry, field=f"{_POST}.{field}")
    _check_verification(post.verification)
    if post.format_schema is not None:
        try:
            check_schema(post.format_schema)
        except ValueError as error:
            raise Invalid(
                "The schema of the answer cannot be used.",
                field=f"{_POST}.format_schema",
                remedy=str(error),
            ) from error


def _check_verification(verification: Verification | None) -> None:
    if verification is None:
        return
    field = f"{_POST}.verification"
    _check_entry(verification.rubric, field=f"{field}.rubric", longest=MAX_RUBRIC_CHARS)
    if not verification.rubric.strip() and verification.sources_variable is None:
        raise Invalid(
            "A verifier has nothing to judge by.",
            field=field,
            remedy="Write a rubric, or name the variable that holds the sources.",
        )


def _check_entry(entry: str, *, field: str, longest: int) -> None:
    if len(entry) > longest:
        raise Invalid(
            f"An entry is longer than {longest} characters.",
            field=field,
            remedy="Shorten it or divide it.",
        )
    if "\x00" in entry or not _is_text(entry):
        raise Invalid(
            "An entry holds a character that cannot be stored.",
            field=field,
            remedy="Remove NUL characters and halves of surrogate pairs.",
        )


def _is_text(entry: str) -> bool:
    try:
        entry.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_words(entry: str, *, field: str) -> None:
    if not entry.startswith(REGEX_PREFIX):
        if not fold(entry):
            raise Invalid("An entry is empty.", field=field, remedy="Write it or remove it.")
        return
    try:
        compile_pattern(entry.removeprefix(REGEX_PREFIX))
    except ValueError as error:
        raise Invalid(
            "An entry is not an expression that can be used.", field=field, remedy=str(error)
        ) from error
