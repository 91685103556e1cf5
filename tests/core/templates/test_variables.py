"""Variables: which a template uses, and how values are bound to declared fields."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, MissingVariables, TooLarge
from core.templates.variables import bind, find_guarded_variables, find_variables
from core.values.fields import RequiredField
from prompthub.wire.literals import FieldType


def a_field(name: str = "tone", **changes: Any) -> RequiredField:
    return RequiredField(name=name, **changes)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("plain", ()),
        ("{{ b }}{{ a }}{{ b }}", ("b", "a")),
        ("{% if a.x and b[c] %}{{ d if false }}{% endif %}", ("a", "b", "c", "d")),
        ("{% for i in a %}{{ i }}{{ loop.index }}{{ b }}{% endfor %}{{ i }}", ("a", "b", "i")),
        ("{% for i in i %}{{ i }}{% endfor %}", ("i",)),
        ("{% for i in a if i > b %}{% else %}{{ c }}{% endfor %}", ("a", "b", "c")),
        ("{% for a, b in c %}{{ a }}{{ b }}{% endfor %}", ("c",)),
        ("{{ a }}{% set a = b %}{{ a }}", ("a", "b")),
        ("{% set a = b %}{{ a }}", ("b",)),
        ("{% set a %}{{ b }}{% set c = 1 %}{% endset %}{{ a }}{{ c }}", ("b", "c")),
        ("{% for i in a %}{% set x = 1 %}{% endfor %}{{ x }}", ("a", "x")),
        ("{% if a %}{% set x = 1 %}{% endif %}{{ x }}", ("a",)),
        ("{{ a|join(b, attribute='x') }}{{ range(c) }}{{ d.get(e) }}", ("a", "b", "c", "d", "e")),
        ("{{ {'k': a} }}{{ [b, (c,)] }}{{ d ~ e }}{{ f[g:h] }}", tuple("abcdefgh")),
        ("{{ a is defined }}{{ b|default(c) }}", ("a", "b", "c")),
        ("{% raw %}{{ a }}{% endraw %}{# {{ b }} #}", ()),
    ],
)
def test_variables_are_found_in_order_of_first_use(source: str, names: tuple[str, ...]) -> None:
    assert find_variables(source, field="content") == names


def test_the_order_is_that_of_the_text() -> None:
    source = "{{ z }}{% for i in y %}{{ x }}{% endfor %}{% if w %}{{ v }}{% endif %}{{ z }}"

    assert find_variables(source, field="content") == ("z", "y", "x", "w", "v")


def test_variables_that_the_template_copes_without_are_known() -> None:
    source = (
        "{{ a|default('x') }}{{ b|d }}{% if c is defined %}{{ c }}{% endif %}{{ d }}{{ e.f|d }}"
    )

    assert find_guarded_variables(source, field="content") == {"a", "b", "c"}


def test_an_absent_value_takes_the_default() -> None:
    assert bind([a_field(default="calm")], {}, used=[]) == {"tone": "calm"}


def test_null_counts_as_absent() -> None:
    assert bind([a_field(default="calm")], {"tone": None}, used=[]) == {"tone": "calm"}


def test_a_false_value_is_not_absent() -> None:
    field = a_field(type="boolean", default=True)

    assert bind([field], {"tone": False}, used=[]) == {"tone": False}


def test_an_optional_field_without_default_stays_away() -> None:
    assert bind([a_field(required=False)], {}, used=["tone"]) == {}


def test_everything_missing_is_named_at_once() -> None:
    fields = [a_field("a"), a_field("b", default="x"), a_field("c", required=False), a_field("d")]

    with pytest.raises(MissingVariables) as caught:
        bind(fields, {}, used=["a", "c", "y", "z", "y", "w"], guarded=["w"])

    assert caught.value.names == ("a", "d", "y", "z")


def test_a_variable_is_declared_by_its_use() -> None:
    assert bind([], {"topic": [1, "a", None]}, used=["topic"]) == {"topic": [1, "a", None]}


def test_a_variable_that_nobody_declared_or_uses_is_refused() -> None:
    with pytest.raises(Invalid, match="no variable typo") as caught:
        bind([a_field()], {"tone": "x", "typo": "y"}, used=[])

    assert caught.value.field == "variables.typo"


@pytest.mark.parametrize("name", ["self", "loop", "range", "__class__", "a" * 3000, "\ud800", ""])
def test_odd_names_are_refused_without_repeating_them_in_full(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        bind([a_field()], {"tone": "x", name: "y"}, used=[])

    assert len(caught.value.message) < 200
    caught.value.message.encode()


@pytest.mark.parametrize(
    ("kind", "value", "came"),
    [
        ("string", 1, "number"),
        ("string", ["s3cret"], "array"),
        ("number", "7", "string"),
        ("number", True, "boolean"),
        ("boolean", 1, "number"),
        ("boolean", "true", "string"),
        ("array", "abc", "string"),
        ("array", {}, "object"),
        ("object", [], "array"),
    ],
)
def test_a_wrong_type_names_the_field_what_it_must_be_and_what_came(
    kind: FieldType, value: object, came: str
) -> None:
    with pytest.raises(Invalid) as caught:
        bind([a_field(type=kind)], {"tone": value}, used=[])

    assert caught.value.message == f"tone must be of the type {kind}, not {came}."
    assert caught.value.field == "variables.tone"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**63, -(2**63) - 1, 1e400])
def test_numbers_that_cannot_be_stored_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="not finite or needs more than 64 bits"):
        bind([a_field(type="number")], {"tone": value}, used=[])


def test_two_megabytes_are_too_large() -> None:
    with pytest.raises(TooLarge):
        bind([a_field()], {"tone": "x" * 2_000_000}, used=[])


def test_what_is_bound_is_a_copy() -> None:
    given_values = {"tone": {"a": [1]}}

    bound = bind([a_field(type="object")], given_values, used=[])
    given_values["tone"]["a"].append(2)

    assert bound == {"tone": {"a": [1]}}


plain = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)
names = st.sampled_from(["a", "b", "c", "d"])


@given(st.dictionaries(names, plain))
def test_plain_data_passes_unchanged(values: dict[str, Any]) -> None:
    assert bind([], values, used=values) == values


@given(
    st.dictionaries(names, st.tuples(st.booleans(), st.none() | st.text("xyz"))),
    st.dictionaries(names, st.none() | st.text("xyz")),
)
def test_binding_gives_every_required_field_a_value_or_names_it(
    declared: dict[str, tuple[bool, str | None]], values: dict[str, str | None]
) -> None:
    fields = [
        RequiredField(name=name, required=required, default=default)
        for name, (required, default) in declared.items()
    ]

    missing = {
        name for name, how in declared.items() if how == (True, None) and values.get(name) is None
    }

    if missing:
        with pytest.raises(MissingVariables) as caught:
            bind(fields, values, used=values)
        assert set(caught.value.names) == missing
        return
    bound = bind(fields, values, used=values)

    assert {field.name for field in fields if field.required} <= set(bound)
    assert all(bound[name] == value for name, value in values.items() if value is not None)
