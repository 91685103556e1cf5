"""Checking: refused by name, with the line and what to do instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TemplateInvalid
from core.templates.check import check_template, escape_plain
from core.templates.render import render


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("macro a()", "Macros are not available."),
        ("call a()", "Call blocks are not available."),
        ("include 'a'", "Includes are not available."),
        ("import 'a' as b", "Imports are not available."),
        ("from 'a' import b", "Imports are not available."),
        ("extends 'a'", "Template inheritance is not available."),
        ("block a", "Blocks are not available."),
        ("filter upper", "Filter blocks are not available."),
        ("autoescape true", "Escaping blocks are not available."),
        ("with a = 1", "With blocks are not available."),
        ("do a", "Statements without output are not available."),
        ("break", "Leaving a loop early is not available."),
        ("fro a in b", "There is no tag `fro`; perhaps `for` is meant."),
    ],
)
@pytest.mark.parametrize("opening", ["{%", "{%-", "{%+ "])
def test_a_tag_is_refused_by_name(opening: str, tag: str, message: str) -> None:
    with pytest.raises(TemplateInvalid) as caught:
        check_template(f"one\ntwo {opening} {tag} %}}", field="system_prompt")

    assert caught.value.message == message
    assert (caught.value.field, caught.value.line) == ("system_prompt", 2)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a|attr('b')", "The filter `attr` is not available."),
        ("a|safe", "The filter `safe` is not available."),
        ("a|uper", "The filter `uper` does not exist; perhaps `upper` is meant."),
        ("a|map('nope')", "The filter `nope` does not exist."),
        ("a|select('zzz')", "The test `zzz` does not exist."),
        ("a is strng", "The test `strng` does not exist; perhaps `string` is meant."),
        ("a.format(1)", "The method `format` is not available."),
        ("a.apend(1)", "The method `apend` does not exist."),
        ("namespace(a=1)", "The function `namespace` is not available."),
        ("rnge(3)", "The function `rnge` does not exist; perhaps `range` is meant."),
        ("a()()", "Only functions and methods can be called."),
        ("loop.index", "`loop` exists only inside a for loop"),
        ("self", "`self` is a word of the template language"),
        ("__class__", "`__class__` cannot be the name of a variable."),
        ("a.__class__", "`__class__` cannot be the name of a variable."),
        ("имя", "`имя` cannot be the name of a variable."),
        ("f(*a)", "Arguments cannot be unpacked with * or **."),
        ("{a: 1}", "The keys of an object must be quoted texts."),
        (r"'\d'", "A backslash in a quoted text begins no known escape."),
        (r"'\\\d'", "A backslash in a quoted text begins no known escape."),
        ("1 +", "The template does not parse: unexpected 'end of print statement'."),
        ("a b", "The template does not parse: expected token 'end of print statement', got 'b'."),
        ("99999999999999999999", "A quoted text or number in the template cannot be stored."),
    ],
)
def test_an_expression_is_refused_by_name(expression: str, message: str) -> None:
    with pytest.raises(TemplateInvalid) as caught:
        check_template(f"\n\n{{{{ {expression} }}}}", field="content")

    assert caught.value.message.startswith(message)
    assert caught.value.line == 3
    assert caught.value.remedy


@pytest.mark.parametrize("fact", ["index", "first", "last", "length", "previtem.name"])
def test_a_loop_knows_where_it_is(fact: str) -> None:
    check_template(f"{{% for a in b %}}{{{{ loop.{fact} }}}}{{% endfor %}}", field="content")


@pytest.mark.parametrize("name", ["_iterator", "__class__", "idx", "_undefined"])
def test_a_loop_tells_nothing_else(name: str) -> None:
    with pytest.raises(TemplateInvalid, match="loop value"):
        check_template(f"{{% for a in b %}}{{{{ loop.{name} }}}}{{% endfor %}}", field="content")


def test_an_unclosed_tag_says_how_to_write_braces_as_text() -> None:
    with pytest.raises(TemplateInvalid) as caught:
        check_template("Use {{ this", field="content")

    assert "{% raw %}" in caught.value.remedy


def test_a_long_name_is_not_repeated_in_full() -> None:
    with pytest.raises(TemplateInvalid) as caught:
        check_template("{{ a|" + "b" * 64 + " }}{{ " + "c" * 5000, field="content")

    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "{{ a }}",
        "{% if",
        "{#",
        "{% raw %}{{ a }}{% endraw %}",
        "{%- endraw -%}",
        "{",
        "{{",
        "{{{%",
        "{\r{",
        "\r\n{{\n",
        "ends with {{",
        "{%raw%}{",
        "\n{{ a }}\n",
    ],
)
def test_escaped_text_renders_to_itself(text: str) -> None:
    assert render(escape_plain(text), {}, field="content") == text


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["{", "}", "%", "#", "-", "{{", "{%", "{#", "\r", "\n", " ", "raw", "endraw", "'"]
            ),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
        )
    ).map("".join)
)
def test_any_text_can_be_escaped(text: str) -> None:
    assert render(escape_plain(text), {}, field="content") == text


def test_text_without_syntax_needs_no_escape() -> None:
    assert escape_plain("Use { name } and %.") == "Use { name } and %."
