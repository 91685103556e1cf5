import pytest
from pydantic import ValidationError

from core.errors import Invalid
from core.guardrails.policy import check_policy
from core.values.guardrail_policy import GuardrailPolicy, PostValidation, PreValidation


def test_a_sound_policy_passes() -> None:
    check_policy(
        GuardrailPolicy(
            pre_validation=PreValidation(validators=("size:100", "secrets")),
            post_validation=PostValidation(
                prohibited_terms=("a", "regex:b+"),
                required_elements=("c",),
                format_schema={"type": "object"},
            ),
        )
    )


@pytest.mark.parametrize(
    ("field", "entries"),
    [
        ("pre_validation.validators", ("unknown",)),
        ("pre_validation.validators", ("similarity:" + "word " * 2000,)),
        ("post_validation.prohibited_terms", ("ok", "\u200b")),
        ("post_validation.prohibited_terms", ("regex:(",)),
        ("post_validation.prohibited_terms", ("regex:(?=a)",)),
        ("post_validation.prohibited_terms", ("x" * 501,)),
        ("post_validation.required_elements", ("",)),
        ("post_validation.required_elements", ("a\x00",)),
        ("post_validation.required_elements", ("\ud800",)),
        ("post_validation.format_schema", {"$ref": "http://127.0.0.1:9/x"}),
    ],
)
def test_what_cannot_be_applied_is_refused_with_field_and_remedy(
    field: str, entries: object
) -> None:
    section, name = field.split(".")
    policy = GuardrailPolicy.model_validate({section: {"enabled": False, name: entries}})

    with pytest.raises(Invalid) as raised:
        check_policy(policy)

    assert raised.value.field == f"guardrail_config.{field}"
    assert raised.value.remedy


def test_lists_are_bounded() -> None:
    with pytest.raises(ValidationError):
        PreValidation(validators=("size",) * 51)
    with pytest.raises(ValidationError):
        PostValidation(prohibited_terms=("a",) * 501)
