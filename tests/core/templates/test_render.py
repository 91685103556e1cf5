"""Rendering: plain values, errors that name things, messages, and marks."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, MissingVariables, TemplateInvalid, TooLarge
from core.templates.render import (
    Segment,
    check_body,
    preview_messages,
    render,
    render_marked,
    render_messages,
)
from core.values.body import VersionBody
from core.values.fields import RequiredField
from core.values.messages import Message
from prompthub.wire.literals import FieldType
from tests.core.templates.ordinary import VALUES


def test_an_object_shows_its_data_even_under_the_name_of_a_method() -> None:
    assert render("{{ user.items }}", VALUES, field="content") == "[1, 2]"


def test_json_is_written_for_models() -> None:
    value = {"b": "<é> 'x'", "a": [1, None]}

    assert render("{{ v|tojson }}", {"v": value}, field="content") == (
        """{"b": "<é> 'x'", "a": [1, null]}"""
    )


@pytest.mark.parametrize("hostile", ["{{ 7*7 }}", "{% include 'x' %}", "{# gone #}", "{{ name }}"])
def test_a_value_is_printed_as_text_and_never_rendered(hostile: str) -> None:
    assert render("[{{ v }}]", {"v": hostile, "name": "x"}, field="content") == f"[{hostile}]"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r{")))
def test_text_without_syntax_renders_to_itself(text: str) -> None:
    assert render(text, {}, field="content") == text


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("a\n\n{{ tone }}", "The variable tone has no value.", 3),
        ("{% if tone %}{% endif %}", "The variable tone has no value.", 1),
        ("{{ tone.of.voice }}", "The variable tone has no value.", 1),
        ("{{ tone|upper }}", "The variable tone has no value.", 1),
        ("{{ tone + 1 }}", "The variable tone has no value.", 1),
        ("{% for a in tone %}{% endfor %}", "The variable tone has no value.", 1),
        ("\n{{ user.phone }}", "user.phone is not in the values given.", 2),
        ("{{ user.phone.home }}", "user.phone.home is not in the values given.", 1),
        ("{{ people[7].name }}", "people[7].name is not in the values given.", 1),
        (
            "{% for p in user.children %}{% endfor %}",
            "user.children is not in the values given.",
            1,
        ),
        ("{{ name + 1 }}", "`+` does not work on these values (string, number).", 1),
        ("{{ 1 / 0 }}", "`/` does not work on these values (number, number).", 1),
        ("{{ -name }}", "`-` does not work on string.", 1),
        ("{{ []|max }}", "No aggregated item, sequence was empty.", 1),
        ("{% for t in tags %}{{ loop.previtem }}{% endfor %}", "loop.previtem is not in", 1),
        ("{{ count|join }}", "`join` does not work in this way on this value (number).", 1),
        ("{{ name < count }}", "A comparison does not work in this way", 1),
        ("{{ count.upper() }}", "`.upper()` does not exist on this value (number).", 1),
        ("{% for a in count %}{% endfor %}", "A for loop needs a list; this is number.", 1),
        ("{% for a, b in tags %}{% endfor %}", "The template does not fit these values.", 1),
    ],
)
def test_a_failure_names_what_and_where(source: str, message: str, line: int) -> None:
    with pytest.raises(TemplateInvalid) as caught:
        render(source, VALUES, field="system_prompt")

    assert caught.value.message.startswith(message)
    assert (caught.value.field, caught.value.line) == ("system_prompt", line)
    assert caught.value.remedy


def test_a_missing_path_is_false_when_it_is_tested() -> None:
    source = "{% if user.phone.home %}a{% else %}b{% endif %}{{ user.phone|default('none') }}"

    assert render(source, VALUES, field="content") == "bnone"


def test_an_optional_variable_without_value_prints_nothing_and_is_false() -> None:
    source = "[{{ v }}{{ v.a.b }}{{ v|upper }}]{% if v %}a{% endif %}{% for i in v %}{% endfor %}"

    assert render(source, {}, field="content", optional=["v"]) == "[]"


def test_an_optional_variable_without_value_cannot_be_calculated_with() -> None:
    with pytest.raises(TemplateInvalid, match="The optional variable v has no value"):
        render("{{ v + 1 }}", {}, field="content", optional=["v"])


def test_a_failure_shows_neither_the_template_nor_the_values() -> None:
    secret = "s3cret" * 50

    with pytest.raises(TemplateInvalid) as caught:
        render("{{ v + 1 }} " + secret, {"v": secret}, field="content")

    assert "s3cret" not in f"{caught.value.message}{caught.value.remedy}"


@pytest.mark.parametrize(
    "value", [object(), {1}, (1,), b"x", {1: 2}, float("inf"), 2**63, "\ud800"]
)
def test_values_other_than_plain_data_are_refused(value: object) -> None:
    with pytest.raises(Invalid) as caught:
        render("{{ v }}", {"v": [value]}, field="content")

    assert caught.value.field == "variables.v"


def test_values_nested_too_deeply_are_refused() -> None:
    value: Any = 1
    for _ in range(5000):
        value = [value]

    with pytest.raises(Invalid, match="levels deep"):
        render("{{ v }}", {"v": value}, field="content")


def test_values_that_are_too_large_together_are_refused() -> None:
    half = "x" * 600_000

    with pytest.raises(TooLarge) as caught:
        render("{{ a }}", {"a": half, "b": half}, field="content")

    assert caught.value.field == "variables"


def test_each_render_has_a_budget_of_its_own() -> None:
    def render_number(n: int) -> str:
        return render(source, {"n": n}, field="content")

    source = "{% for i in range(40000) %}{% endfor %}{{ n }}"

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(render_number, range(40)))

    assert results == [str(n) for n in range(40)]


def test_filled_in_values_are_marked() -> None:
    source = "Dear {{ name }}, {% for p in people %}{{ p.name|upper }} {{ loop.index }}{% endfor %}"

    segments = render_marked(source, {**VALUES, "people": VALUES["people"][:2]}, field="content")

    assert segments == [
        Segment("Dear ", None),
        Segment("Ada Lovelace", "name"),
        Segment(", ", None),
        Segment("BO", "people"),
        Segment(" 1", None),
        Segment("CY", "people"),
        Segment(" 2", None),
    ]


@pytest.mark.parametrize(
    ("source", "variable"),
    [
        (
            "{% for p in people %}{% for k, v in p.items() %}{{ v }}{% endfor %}{% endfor %}",
            "people",
        ),
        ("{% set n = name|upper %}{{ n }}", "name"),
        ("{{ user.address['city'] ~ name }}", "user"),
        ("{{ 'constant' }}", None),
        ("{% set n %}{{ name }}{% endset %}{{ n }}", None),
    ],
)
def test_the_mark_names_the_variable_that_the_value_came_from(
    source: str, variable: str | None
) -> None:
    segments = render_marked(source, VALUES, field="content")

    assert {segment.variable for segment in segments} == {variable}


def a_body(**changes: Any) -> VersionBody:
    return VersionBody.model_validate({"content": "Hi {{ name }}", **changes})


def a_field(name: str, **changes: Any) -> RequiredField:
    return RequiredField(name=name, **changes)


def test_a_version_becomes_a_system_and_a_user_message() -> None:
    body = a_body(
        system_prompt="Be {{ tone }}.", required_fields=(a_field("tone", default="calm"),)
    )

    messages = render_messages(body, {"name": "Ada"})

    assert messages == [
        Message(role="system", content="Be calm."),
        Message(role="user", content="Hi Ada"),
    ]


def test_a_system_prompt_that_renders_blank_is_not_sent() -> None:
    body = a_body(system_prompt="{% if formal %}Be formal.{% endif %}\n")

    assert [m.role for m in render_messages(body, {"name": "a", "formal": False})] == ["user"]


def test_all_missing_variables_of_all_templates_are_named() -> None:
    body = a_body(system_prompt="{{ tone }}", required_fields=(a_field("extra"),))

    with pytest.raises(MissingVariables) as caught:
        render_messages(body, {})

    assert caught.value.names == ("extra", "tone", "name")


def test_a_variable_with_a_default_in_the_template_need_not_be_given() -> None:
    body = a_body(content="{{ tone|default('calm') }}{% if x is defined %}{{ x }}{% endif %}")

    assert render_messages(body, {})[0].content == "calm"
    assert render_messages(body, {"tone": "warm", "x": 1})[0].content == "warm1"


def test_a_variable_of_the_metaprompt_may_be_given_but_is_not_needed() -> None:
    body = a_body(metaprompt="{{ goal }}")

    assert render_messages(body, {"name": "a"}) == render_messages(body, {"name": "a", "goal": "b"})


def test_a_preview_is_what_is_sent() -> None:
    body = a_body(system_prompt="{{ name }}?")

    preview = preview_messages(body, {"name": "Ada"})

    assert [message.role for message in preview] == ["system", "user"]
    assert preview[1].segments == [Segment("Hi ", None), Segment("Ada", "name")]


@pytest.mark.parametrize("part", ["content", "system_prompt", "metaprompt"])
def test_a_version_with_a_broken_template_is_refused(part: str) -> None:
    with pytest.raises(TemplateInvalid) as caught:
        check_body(a_body(**{part: "{{ a"}))

    assert caught.value.field == part


@pytest.mark.parametrize("name", ["loop", "self", "range", "true", "None", "not", "for"])
def test_a_field_named_like_a_word_of_the_language_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match=name):
        check_body(a_body(required_fields=(a_field(name),)))


def test_a_field_declared_twice_is_refused() -> None:
    with pytest.raises(Invalid, match="twice"):
        check_body(a_body(required_fields=(a_field("a"), a_field("a"))))


@pytest.mark.parametrize(
    ("kind", "default"),
    [("number", True), ("string", 1), ("boolean", 0), ("array", {}), ("object", "x")],
)
def test_a_default_of_another_type_is_refused(kind: FieldType, default: object) -> None:
    with pytest.raises(Invalid, match="default of a must be of the type") as caught:
        check_body(a_body(required_fields=(a_field("a", type=kind, default=default),)))

    assert caught.value.field == "required_fields"
