"""Marking by hand: the words are found where they stand once, and nothing is marked twice."""

import pytest

from core.errors import Invalid
from core.extraction.marking import cut_stretch, find_words, refuse_overlap

TEXT = "Say (a) \U0001f600 word.\n\n  Then   another\nword, and Say (b) again."


@pytest.mark.parametrize(
    ("words", "there"),
    [
        ("Say (a)", "Say (a)"),
        ("  Then another\r\nword,", "Then   another\nword,"),
        ("\U0001f600 word.", "\U0001f600 word."),
    ],
)
def test_words_are_found_however_they_are_broken_into_lines(words: str, there: str) -> None:
    start, end = find_words(TEXT, words)

    assert TEXT[start:end] == there


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (" \n", "nothing to look for"),
        ("say (a)", "don't stand in the source"),
        ("Sa.", "don't stand in the source"),
        ("word", "stand in the source 2 times"),
        ("a" * 70_000, "longer than 64 Ki"),
    ],
)
def test_what_names_no_single_place_is_refused(words: str, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        find_words(TEXT, words)

    assert message in refused.value.message
    assert refused.value.facts["remedy"]


def test_a_stretch_is_cut_to_its_words() -> None:
    start, end = cut_stretch(TEXT, 15, 23)

    assert TEXT[start:end] == "Then"
    for empty in ((15, 18), (5, 5), (9, 3), (-1, 4), (0, len(TEXT) + 1)):
        with pytest.raises(Invalid, match="no text in this stretch"):
            cut_stretch(TEXT, *empty)


def test_a_part_of_another_proposal_is_refused_by_its_name() -> None:
    stretch = cut_stretch(TEXT, 0, 7)

    refuse_overlap(stretch, [(7, 9, "Next")])
    with pytest.raises(Invalid, match="Other"):
        refuse_overlap(stretch, [(6, 9, "Other")])
