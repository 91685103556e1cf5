"""What of a model's answer is markdown, and what is only shown."""

import pytest

from streamlit_app.components.answer_text import answer_markdown


def test_lists_emphasis_links_and_tables_stay_markdown() -> None:
    text = "- **one**\n- [two](https://example.org)\n\n| a | b |\n|---|---|\n| 1 | 2 |"

    assert answer_markdown(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# One\n## Two\n### Three", "#### One\n##### Two\n###### Three"),
        ("#### Four\n#hash", "#### Four\n#hash"),
        ("Title\n=====\nPart\n---\ntext", "#### Title\n##### Part\ntext"),
        ("- item\n---", "- item\n---"),
        ("`x` # no heading", "`x` # no heading"),
        ("# With `code` in it", "#### With `code` in it"),
        ("```\n# a comment\n```", "```\n# a comment\n```"),
    ],
)
def test_headings_are_no_larger_than_those_of_the_page(text: str, shown: str) -> None:
    assert answer_markdown(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![x](https://example.org/a.png)", "\\![x](https://example.org/a.png)"),
        ("$5 or $6", "\\$5 or \\$6"),
        (":red[x] :smile: :material/check:", "\\:red[x] \\:smile: \\:material/check:"),
        ("<img src=x>", "\\<img src=x>"),
        ("at 12:30 see https://example.org", "at 12:30 see https://example.org"),
    ],
)
def test_what_would_load_or_mean_something_is_shown_as_it_is(text: str, shown: str) -> None:
    assert answer_markdown(text) == shown


def test_code_stays_as_it_is() -> None:
    text = "Use `$x` here.\n\n```rust\nlet a = vec![1, 2]; // $x <b>\n```\nand `vec![1]`"

    assert answer_markdown(text) == text


def test_what_only_looks_like_code_is_no_way_around() -> None:
    assert "\\![x]" in answer_markdown("\\`![x](https://example.org)`")
    assert "\\![x]" in answer_markdown("`a\n\n![x](https://example.org)`")
    assert "\\![x]" in answer_markdown("| ` | ![x](https://example.org) | ` |")
