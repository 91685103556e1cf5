"""What is taken from a model's answer, and what is refused."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.enhancement.proposal import Unusable, find_rewrite, propose
from tests.builders import a_body

TAGGED = "<improved_content>\nGreet {{ name }}.\n</improved_content>"


@pytest.mark.parametrize(
    "answer",
    [
        TAGGED,
        f"Sure! Here it is:\n\n{TAGGED}\n\nI made it clearer.",
        f"```xml\n{TAGGED}\n```",
        f"I will answer between <improved_content> and </improved_content>.\n{TAGGED}",
        "<improved_content>```\nGreet {{ name }}.\n```</improved_content>",
        '{"content": "Greet {{ name }}."}',
        'Here:\n```json\n{"content": "Greet {{ name }}.", "why": ["shorter"]}\n```\nDone.',
        'Here: {"improved_content": "Greet {{ name }}."} Bye.',
        "Sure:\n\n```jinja\nGreet {{ name }}.\n```\nIt is shorter.",
        "~~~\nGreet {{ name }}.\n~~~",
    ],
)
def test_the_rewrite_is_found_among_chatter_and_fences(answer: str) -> None:
    assert find_rewrite(answer) == {"content": "Greet {{ name }}."}


def test_both_texts_are_found_and_fences_within_them_stay() -> None:
    answer = (
        "<improved_system_prompt>Be kind.</improved_system_prompt>\n"
        "<improved_content>Sum up:\n```\n{{ text }}\n```\nbriefly.</improved_content>"
    )

    assert find_rewrite(answer) == {
        "system_prompt": "Be kind.",
        "content": "Sum up:\n```\n{{ text }}\n```\nbriefly.",
    }


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I cannot help with that.",
        "Greet {{ name }}.",
        "<improved_content>Greet {{ name }}.",
        "<improved_content>  \n</improved_content>",
        "</improved_content><improved_content>",
        '{"content": 7}',
        '{"text": "Greet {{ name }}."}',
        "```\nA {{ name }}.\n```\nor\n```\nB {{ name }}.\n```",
        "```\nGreet {{ name }}.",
        "a" * 300_000,
    ],
)
def test_an_answer_without_a_rewrite_is_refused(answer: str) -> None:
    with pytest.raises(Unusable):
        find_rewrite(answer)


@pytest.mark.parametrize(
    "piece", ["```x\n", "````\n", "```\n~~~\n", "{", '{"a":', "<improved_content>"]
)
def test_no_answer_keeps_the_process_busy(piece: str) -> None:
    started = time.process_time()

    with pytest.raises(Unusable):
        find_rewrite(piece * (200_000 // len(piece)))

    assert time.process_time() - started < 2


@given(st.text(max_size=200))
def test_any_text_between_tags_arrives_whole_or_is_refused(text: str) -> None:
    try:
        found = find_rewrite(f"<improved_content>{text}</improved_content>")
    except Unusable:
        return

    assert found["content"].strip("\r\n") in text


def test_fields_model_and_metaprompt_stay_as_they_are() -> None:
    draft = a_body(
        "Hello {{ name }}",
        required_fields=[{"name": "name", "description": "Whom"}],
        model="openai/gpt-4o",
        metaprompt="Shorten.",
        model_params={"temperature": 0},
    )

    proposal = propose(draft, {"content": "Greet {{ name }}."})

    assert proposal.content == "Greet {{ name }}."
    assert proposal.model_copy(update={"content": draft.content}) == draft


def test_a_system_prompt_is_not_added_where_there_was_none() -> None:
    rewrite = {"content": "Greet {{ name }}.", "system_prompt": "You are a pirate."}

    assert propose(a_body("Hello {{ name }}"), rewrite).system_prompt == ""


def test_a_variable_may_move_between_the_texts() -> None:
    draft = a_body("Greet {{ name }} in {{ tone }}.", system_prompt="Be kind.")
    rewrite = {"content": "Greet {{ name }}.", "system_prompt": "Be kind and {{ tone }}."}

    assert propose(draft, rewrite).system_prompt == "Be kind and {{ tone }}."


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        ("Greet.", {"lost": ["name"], "invented": []}),
        ("Greet {name}.", {"lost": ["name"], "invented": []}),
        ("Greet {% raw %}{{ name }}{% endraw %}.", {"lost": ["name"], "invented": []}),
        ("Greet {# {{ name }} #}.", {"lost": ["name"], "invented": []}),
        ("Greet {{ 'name' }}.", {"lost": ["name"], "invented": []}),
        ("Greet {{ name }} in {{ tone }}.", {"lost": [], "invented": ["tone"]}),
        ("Greet {{ names }}.", {"lost": ["name"], "invented": ["names"]}),
        ("{% set name = 'Bo' %}Greet {{ name }}.", {"lost": ["name"], "invented": []}),
        ("{% for name in [1] %}{{ name }}{% endfor %}", {"lost": ["name"], "invented": []}),
    ],
)
def test_variables_are_neither_lost_nor_invented(content: str, facts: dict[str, Any]) -> None:
    with pytest.raises(Unusable) as raised:
        propose(a_body("Hello {{ name }}"), {"content": content})

    assert raised.value.facts == facts


def test_a_variable_that_could_be_left_out_still_can() -> None:
    with pytest.raises(Unusable, match="no longer copes without tone"):
        propose(a_body("Be {{ tone | default('calm') }}."), {"content": "Stay {{ tone }}."})


@pytest.mark.parametrize(
    "content",
    ["{{ name", "{% include 'x' %}{{ name }}", "{{ name.__class__ }}", "a" * 70_000 + "{{ name }}"],
)
def test_what_could_not_be_saved_is_refused(content: str) -> None:
    with pytest.raises(Unusable):
        propose(a_body("Hello {{ name }}"), {"content": content})


def test_a_rewrite_that_uses_a_value_as_what_it_is_not_is_refused() -> None:
    fields = [{"name": "name"}]

    with pytest.raises(Unusable, match="sample values"):
        propose(a_body("Hello {{ name }}", required_fields=fields), {"content": "{{ name.first }}"})
