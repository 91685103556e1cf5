"""What is taken for a prompt, told by small texts; spans are exact whatever is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extraction.html import read_html
from core.extraction.markers import to_template
from core.extraction.plain import read_plain
from core.extraction.propose import MAX_NAME, Proposal, propose
from core.templates.render import render
from core.values.body import VersionBody

PIECES = [
    "# Title\n", "## Sub", "\n\n", "\n", "- ", "1. ", "> ", "```\n", "```json\n", "    ", "\t",
    "Act as a pirate who writes long letters home. ", "Prompt: ", "The answer might be:\n",
    "Write a poem about [topic] ", "{{ name }}", "{%", "{", "<name>", '"', "\r\n", "\x00", "\ud800",
    "\u2028", "\U0001f600", "<p>", "</pre><pre>", "<li>", "</div>", "&amp;",
]  # fmt: skip


def found(text: str) -> list[tuple[str, str]]:
    source = read_plain(text)
    return [(one.kind, source.text[one.start : one.end]) for one in propose(source)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```\nSummarize this.\n```", [("prompt", "Summarize this.")]),
        ("> I want you to act as a bard.", [("prompt", "I want you to act as a bard.")]),
        (
            "* Act as a travel guide for a town that I name.",
            [("prompt", "Act as a travel guide for a town that I name.")],
        ),
        (
            "Prompt: Tell me about whales in two sentences.",
            [("prompt", "Tell me about whales in two sentences.")],
        ),
        (
            "Prompts to try:\n\n- Write a short letter to [name] about the weather.\n",
            [("prompt", "Write a short letter to [name] about the weather.")],
        ),
        (
            "Example response:\n\n```\nDear customer,\nyours.\n```",
            [("answer", "Dear customer,\nyours.")],
        ),
        ("```python\nimport os\nprint(os.name)\n```", []),
        ("You are welcome to write to us.", []),
        ("- Write short sentences.\n- Create a habit of reading what you wrote.", []),
        ("", []),
    ],
)
def test_what_is_taken_for_what(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_a_text_that_stands_twice_is_offered_once() -> None:
    assert len(found("```\nExplain tides.\n```\n\ntext\n\n```\nExplain  tides.\n```")) == 1


def test_proposals_of_one_heading_are_numbered() -> None:
    source = read_plain("# Tides\n\n```\nExplain tides.\n```\nor\n```\nExplain moons.\n```")

    assert [one.name for one in propose(source)] == ["Tides", "Tides 2"]


def test_the_same_source_gives_the_same_proposals() -> None:
    page = (
        b"<h1>A</h1><pre class='prompt'>Greet {{name}}</pre><blockquote>Act as a cook</blockquote>"
    )

    assert propose(read_html(page)) == propose(read_html(page))


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=30))
def test_spans_hold_what_is_proposed_and_templates_can_be_saved(pieces: list[str]) -> None:
    text = "".join(pieces)
    source = read_plain(text)
    proposals = propose(source)
    try:
        page = read_html(b"<p>x</p>" + text.encode("utf-8", "replace"))
    except ValueError:
        page = read_plain("")
    for one, read in [(each, source) for each in proposals] + [
        (each, page) for each in propose(page)
    ]:
        assert_sound(one, read.text)


def assert_sound(one: Proposal, text: str) -> None:
    assert 0 <= one.start < one.end <= len(text)
    stretch = text[one.start : one.end]
    assert stretch == stretch.strip("\n") != ""
    assert 0 < len(one.name) <= MAX_NAME + 6
    assert 0 < one.confidence <= 1
    template = to_template(stretch, is_wrapped=one.is_wrapped)
    VersionBody(content=template.content, required_fields=template.fields)


@pytest.mark.parametrize(
    ("text", "content", "names"),
    [
        ("About {{topic}}", "About {{ topic }}", ["topic"]),
        ("For [Target Audience]", "For {{ target_audience }}", ["target_audience"]),
        ("Hi <your name>", "Hi {{ your_name }}", ["your_name"]),
        ("Hi {name}, ${city:Rome}", "Hi {{ name }}, {{ city }}", ["name", "city"]),
        ("Plan ____ (what, e.g. a trip)", "Plan {{ what }}", ["what"]),
        ("[X] and [x] and [X]", "[X] and [x] and [X]", []),
        ("See [here](http://a) [1] a[i] <b>bold</b>", None, []),
        ("[self] {loop}", "{{ self_value }} {{ loop_value }}", ["self_value", "loop_value"]),
        ('{"a": 1}', None, []),
        ("{{ 7*7 }}{% set x %}", "{% raw %}{{ 7*7 }}{% set x %}{% endraw %}", []),
        ("{[name]}", '{{ "{" }}{{ name }}}', ["name"]),
        ('"Say hello."', "Say hello.", []),
        ("a line\n> of two", None, []),
        ("> one\n> two", "one\ntwo", []),
    ],
)
def test_places_to_fill_in_become_variables(
    text: str, content: str | None, names: list[str]
) -> None:
    template = to_template(text)

    assert template.content == (text if content is None else content)
    assert [field.name for field in template.fields] == names


def test_lines_that_paper_broke_are_joined_and_others_stay() -> None:
    text = (
        "You help with authentica\u2010\ntion and answer questions\nabout it.\n"
        "- Be kind.\n- Be brief."
    )

    joined = to_template(text, is_wrapped=True).content

    assert joined == (
        "You help with authentication and answer questions about it.\n- Be kind.\n- Be brief."
    )


@given(st.text(alphabet="{}%#()$:, 1\n\\=-", max_size=60))
def test_what_names_no_variable_is_printed_as_it_is(text: str) -> None:
    template = to_template(text)

    assert template.fields == ()
    assert render(template.content, {}, field="content") == text.strip()
