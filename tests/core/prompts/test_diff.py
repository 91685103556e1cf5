"""Differences said in words, and the step they suggest."""

import pytest

from core.prompts.diff import compare, suggest_bump
from core.values.body import VersionBody


def body(**fields: object) -> VersionBody:
    return VersionBody.model_validate({"content": "Hello {{ name }}", **fields})


def field(name: str, **more: object) -> dict[str, object]:
    return {"name": name, **more}


def test_equal_bodies_do_not_differ() -> None:
    assert compare(body(), body()) == []


def test_every_area_is_compared() -> None:
    old = body()
    new = body(
        content="Hi {{ name }}",
        system_prompt="Be brief.",
        metaprompt="Improve.",
        model="openai/gpt-4o",
        required_fields=[field("name")],
        model_params={"temperature": 0.2, "stop": ["END"]},
        guardrail_config={"post_validation": {"enabled": True, "prohibited_terms": ["secret"]}},
    )

    changes = compare(old, new)

    assert [change.what for change in changes] == [
        "Prompt changed",
        "System prompt changed",
        "Metaprompt changed",
        "Model changed",
        "name added",
        "temperature set",
        "stop set",
        "post validation enabled changed",
        "post validation prohibited terms changed",
    ]
    assert changes[5].after == "0.2"


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ({}, {"content": "Hi"}, "patch"),
        ({}, {"content": "Hi {{ name }}"}, "patch"),
        ({}, {"content": "Hi {{ name }} {{ tone | default('kind') }}"}, "patch"),
        ({}, {"content": "Hi {{ name }} {{ tone }}"}, "major"),
        ({}, {"content": "Hi {{ name"}, "patch"),
        ({"content": "Hi"}, {"content": "Hi", "metaprompt": "{{ text }}"}, "patch"),
        ({}, {"model": "openai/gpt-4o"}, "minor"),
        ({}, {"required_fields": [field("tone", required=False)]}, "minor"),
        ({}, {"required_fields": [field("tone", default="kind")]}, "minor"),
        ({}, {"required_fields": [field("tone")]}, "major"),
        ({"required_fields": [field("tone")]}, {}, "major"),
        (
            {"required_fields": [field("n")]},
            {"required_fields": [field("n", type="number")]},
            "major",
        ),
        (
            {"required_fields": [field("n", required=False)]},
            {"required_fields": [field("n")]},
            "major",
        ),
    ],
)
def test_the_step_tells_callers_the_truth(
    old: dict[str, object], new: dict[str, object], bump: str
) -> None:
    assert suggest_bump(compare(body(**old), body(**new))) == bump


def test_a_field_is_described_in_words() -> None:
    change = compare(
        body(required_fields=[field("n", description="How many")]),
        body(required_fields=[field("n", type="number", default=3)]),
    )[0]

    assert (change.what, change.before, change.after) == (
        "n is now number",
        "string, required, How many",
        "number, required, default 3",
    )
