"""What is said about a version without asking a model."""

import time
from typing import Any

import pytest

from core.enhancement.validate import validate
from core.templates.lint import Finding
from tests.builders import a_body

NAME = [{"name": "name"}]
TEXT = [{"name": "text"}]


def found(code: str, content: str, **fields: Any) -> list[Finding]:
    return [one for one in validate(a_body(content, **fields)).findings if one.code == code]


def test_a_sound_version_has_no_findings_and_is_rendered() -> None:
    body = a_body("Sum up the text.\n<text>\n{{ text }}\n</text>", required_fields=TEXT)

    validation = validate(body)

    assert validation.findings == []
    assert validation.rendered is not None
    assert validation.rendered[0].content == "Sum up the text.\n<text>\nSample text\n</text>"


@pytest.mark.parametrize("content", ["{{ name", "{% include 'x' %}"])
def test_a_broken_template_is_told_and_nothing_else_is_tried(content: str) -> None:
    validation = validate(a_body(content))

    assert [one.code for one in validation.findings] == ["syntax"]
    assert validation.rendered is None


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("{% if false %}\na\n{% endif %}", [1]),
        ("{% if 1 > 2 or not 'a' %}a{% endif %}", [1]),
        ("{% if true %}a\n{% else %}\nb{% endif %}", [2]),
        ("{% if a %}a\n{% elif b %}b\n{% elif a %}c{% endif %}", [3]),
        ("{% if a %}a\n{% elif 1 %}b\n{% elif c %}c{% else %}d{% endif %}", [3, 3]),
        ("x\n{% for i in [] %}{{ i }}{% endfor %}", [2]),
        ("{% if a %}{% if false and b %}x{% endif %}{% endif %}", [1]),
        ("{% if a %}a{% elif b %}b{% else %}c{% endif %}", []),
        ("{% if a == 1 %}a{% elif a == 2 %}b{% endif %}", []),
        ("{% if 'a' < 1 %}a{% endif %}", []),
        ("{% if a or true %}a{% endif %}", []),
    ],
)
def test_branches_that_nothing_reaches_are_found(content: str, lines: list[int]) -> None:
    assert [one.line for one in found("unreachable", content)] == lines


def test_an_instruction_given_twice_is_found_at_its_second_place() -> None:
    content = "Answer in two short sentences.\n* Be kind.\n*  answer in TWO short sentences"

    (finding,) = found("duplicate", content)

    assert (finding.field, finding.line, finding.column) == ("content", 3, 4)
    assert "stands in line 1 already" in finding.message


def test_an_instruction_of_the_system_prompt_is_found_again_in_the_content() -> None:
    said = "Never invent a source for {{ name }}."

    (finding,) = found("duplicate", f"Hello.\n{said}", system_prompt=said, required_fields=NAME)

    assert (finding.field, finding.line) == ("content", 2)
    assert "Never invent a source for {{ name }}" in finding.message
    assert "line 1 of system_prompt" in finding.message


@pytest.mark.parametrize(
    "content",
    [
        "{% if name %}Greet the customer by name.{% else %}Greet the customer by name.{% endif %}",
        "Be brief. Be brief.",
        "Write about {{ name }} in short words.\nWrite about {{ other }} in short words.",
    ],
)
def test_what_is_never_sent_twice_or_says_little_is_no_repetition(content: str) -> None:
    assert found("duplicate", content) == []


@pytest.mark.parametrize(
    ("content", "severity"),
    [
        ("Translate.\n\nText:\n{{ text }}", "warning"),
        ("Translate: {{ text }}", "warning"),
        ("First this.\n{{ text }}\nThen that.", "warning"),
        ("{% for one in text %}{{ one }}{% endfor %}", "warning"),
        ("Say {{ text }} to everybody.", "info"),
        ("{% set x = text %}Say {{ x | upper }} twice.", "info"),
        ("It's {{ text }}, isn't it?", "info"),
    ],
)
def test_a_value_with_nothing_around_it_is_found(content: str, severity: str) -> None:
    (finding,) = found("placement", content, required_fields=TEXT)

    assert finding.severity == severity
    assert finding.remedy
    assert finding.line == next(n for n, s in enumerate(content.split("\n"), 1) if "{" in s)


@pytest.mark.parametrize(
    "content",
    [
        "<text>{{ text }}</text>",
        '<doc id="1">\n{% if text %}{{ text }}{% endif %}\n</doc>\nTranslate it.',
        'Say "{{ text }}" now.',
        "Say '{{ text }}' now.",
        "Say \u201cdear {{ text }}\u201d now.",
        "```\n{{ text }}\n```",
        "Read:\n---\n{{ text }}\n---",
        "{{ text | tojson }}",
        "{{ text | length }}",
        "{% if text %}yes{% endif %}",
        "{{ 'yes' if text else 'no' }}",
    ],
)
def test_a_value_that_is_set_apart_is_no_danger(content: str) -> None:
    assert found("placement", content, required_fields=TEXT) == []


@pytest.mark.parametrize("kind", ["number", "boolean"])
def test_numbers_and_booleans_are_no_danger(kind: str) -> None:
    fields = [{"name": "text", "type": kind}]

    assert found("placement", "Count to {{ text }}", required_fields=fields) == []


def test_a_value_in_the_system_prompt_weighs_more() -> None:
    (finding,) = found(
        "placement", "Go.", system_prompt="You help {{ text }} kindly.", required_fields=TEXT
    )

    assert (finding.field, finding.severity) == ("system_prompt", "warning")


def test_a_prompt_beyond_the_models_window_is_found() -> None:
    small = a_body("word " * 10_000, model="openai/gpt-4")

    (finding,) = [one for one in validate(small).findings if one.code == "window"]

    assert finding.severity == "error"
    assert "8,192" in finding.message


def test_room_for_the_answer_counts_too() -> None:
    params = {"max_tokens": 8000}

    (finding,) = found("window", "word " * 500, model="openai/gpt-4", model_params=params)

    assert (finding.severity, finding.field) == ("warning", "model_params")


@pytest.mark.parametrize("model", [None, "demo/echo", "openai/of-tomorrow", "local/gpt-4"])
def test_an_unknown_window_is_not_guessed(model: str | None) -> None:
    assert found("window", "word " * 12_000, model=model) == []


def test_the_window_of_the_default_model_counts_where_the_version_names_none() -> None:
    codes = [one.code for one in validate(a_body("word " * 10_000), model="openai/gpt-4").findings]

    assert "window" in codes


def test_samples_have_the_shape_that_the_template_asks_for() -> None:
    content = (
        "{{ user.name }} {{ user['home'].town }} {{ rows[1].x }}"
        "{% for line in order.lines %}{{ line.sku.upper() }}{% endfor %}"
        "{% for k, v in table.items() %}{{ k }}{{ v }}{% endfor %}{{ n + 1 }}"
    )
    fields = [
        {"name": "user", "type": "object"},
        {"name": "table", "type": "object"},
        {"name": "n", "type": "number"},
    ]

    validation = validate(a_body(content, required_fields=fields))

    assert validation.rendered is not None
    assert "Sample name" in validation.rendered[0].content
    assert "SAMPLE SKU" in validation.rendered[0].content


def test_a_template_that_fails_on_samples_is_told_with_its_line() -> None:
    fields = [{"name": "n", "type": "number", "default": 0}]

    validation = validate(a_body("x\n{{ 1 / n }}", required_fields=fields))

    (finding,) = validation.findings
    assert (finding.code, finding.field, finding.line) == ("render", "content", 2)
    assert validation.rendered is None


@pytest.mark.parametrize(
    "content",
    [
        "<" * 60_000,
        "<a" * 30_000,
        "<a " * 20_000,
        "." * 60_000,
        "a.b" * 20_000,
        " " * 60_000 + "x",
        "{{ x }}\n" * 1500 + "word " * 9000,
        "{% if x %}say it in few words{% endif %}" + "say it in few words. " * 2900,
        "{% if a %}a" + "{% elif b %}say it in few words" * 900 + "{% endif %}",
    ],
)
def test_no_template_keeps_the_process_busy(content: str) -> None:
    started = time.process_time()

    validate(a_body(content))

    assert time.process_time() - started < 5
