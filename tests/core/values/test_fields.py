"""Required fields: their names, and which values fit them."""

import pytest
from pydantic import ValidationError

from core.values.fields import RequiredField, fits, is_storable_number, name_type
from prompthub.wire.literals import FieldType


@pytest.mark.parametrize("name", ["a", "Tone2", "lang_code", "A" * 64])
def test_a_name_is_made_of_letters_digits_and_underscores(name: str) -> None:
    assert RequiredField(name=name).name == name


@pytest.mark.parametrize(
    "name", ["", "_a", "__class__", "2a", "a-b", "a b", "имя", "a" * 65, "a\n", "\uff41"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        RequiredField(name=name)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "number"),
        (1.5, "number"),
        ("1", "string"),
        ([], "array"),
        ({}, "object"),
        (b"", "bytes"),
    ],
)
def test_types_have_the_names_people_know(value: object, name: str) -> None:
    assert name_type(value) == name


@pytest.mark.parametrize(
    ("expected", "value", "is_fitting"),
    [
        ("number", 1, True),
        ("number", 0.5, True),
        ("number", True, False),
        ("boolean", True, True),
        ("boolean", 1, False),
        ("string", "", True),
        ("string", None, False),
        ("array", [1], True),
        ("object", {"a": 1}, True),
        ("object", [], False),
    ],
)
def test_a_value_fits_its_declared_type_only(
    expected: FieldType, value: object, is_fitting: bool
) -> None:
    assert fits(expected, value) is is_fitting


@pytest.mark.parametrize(
    ("number", "is_storable"),
    [
        (2**63 - 1, True),
        (2**63, False),
        (-(2**63), True),
        (-(2**63) - 1, False),
        (1.5, True),
        (float("nan"), False),
        (float("inf"), False),
    ],
)
def test_a_number_is_finite_and_fits_64_bits(number: float, is_storable: bool) -> None:
    assert is_storable_number(number) is is_storable
