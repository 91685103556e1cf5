"""What one answer says otherwise than another, word by word."""

from streamlit_app.components.compare.word_diff import MAX_WORDS, compare_words, diff_markdown


def test_added_words_are_tinted_and_missing_ones_struck_through_in_their_place() -> None:
    assert diff_markdown("Paris is big.", "Paris is very old.") == (
        "Paris is :gray[~~big~~]:green-background[very old]."
    )
    assert diff_markdown("Same *text*", "Same *text*") == "Same \\*text\\*"


def test_marks_of_headings_and_bold_words_are_no_words_but_code_is_kept() -> None:
    assert diff_markdown("# Title\n**Big**", "Title\nBig") == "Title  \nBig"
    assert "2\\*\\*3" in diff_markdown("2**3 and 4**5", "2**3 and 4**5")
    assert "\\# a" in diff_markdown("```\n# a\n```", "```\n# a\n```")


def test_what_is_beyond_the_limit_is_shown_unmarked() -> None:
    pieces = compare_words("", "word " * MAX_WORDS)

    assert [piece.kind for piece in pieces] == ["added", "same"]
    assert "".join(piece.text for piece in pieces) == "word " * MAX_WORDS
