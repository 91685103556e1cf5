import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.guardrails.fold import fold
from core.guardrails.output_checks import judge
from core.values.guardrail_policy import PostValidation
from core.values.verdict import Verdict

TERM = "guaranteed returns"
INVISIBLE = st.sampled_from(["", "\u200b", "\u200d", "\u00ad", "\ufeff", "\u2060", "\U000e0061"])
MARKUP = st.sampled_from(["", "<b>", "</b>", "**", "_", "`", "<!-- x -->"])
WIDE = {char: chr(ord(char) + 0xFEE0) for char in TERM if char != " "}


def verdict(policy: PostValidation, answer: str) -> Verdict:
    (only,) = judge(policy, answer)
    return only


def holds(term: str, answer: str) -> bool:
    return not verdict(PostValidation(prohibited_terms=(term,)), answer).passed


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """The term in mixed case and width, with invisible characters and markup between letters."""
    written = ""
    for char in TERM:
        if char == " ":
            written += draw(st.sampled_from([" ", "  ", "\n", "\u00a0", "\u3000"]))
            continue
        shape = draw(st.sampled_from([char, char.upper(), WIDE[char]]))
        written += shape + draw(INVISIBLE) + draw(MARKUP)
    return written


@given(before=st.sampled_from(["", "We offer ", "(", "a <i>"]), written=disguised())
def test_a_prohibited_term_is_found_in_every_disguise(before: str, written: str) -> None:
    assert holds(TERM, f"{before}{written} for you.")


@given(st.text(alphabet="abcdefgh ijklm.,!\n", max_size=200))
def test_an_answer_without_the_term_passes(answer: str) -> None:
    assert verdict(PostValidation(prohibited_terms=(TERM,)), answer).passed


@given(st.text(min_size=1), st.text(max_size=20), st.text(max_size=20))
def test_a_term_is_found_in_itself_between_blanks(term: str, before: str, after: str) -> None:
    assume(fold(term))
    assume(not term.startswith("regex:"))
    # A mark that composes with what stands before it belongs to the word before it.
    assume(not unicodedata.combining(fold(term)[0]))

    assert holds(term, f"{before} . {term} . {after}")


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("term", "answer", "is_held"),
    [
        ("ass", "A class act.", False),
        ("ass", "You ass!", True),
        ("ass", "you_ass_", True),
        ("forbidden", "f&#111;rbidden", True),
        ("forbidden", "[for](http://x.test/)bidden", True),
        ("forbidden", "f\u0336o\u0336rbidden", True),
        ("forbidden", "fоrbіddеn", True),  # noqa: RUF001 -- Cyrillic on purpose
        ("act now", "Act<br>now", True),
        ("straße", "STRASSE", True),
        ("禁止", "これは禁止です", True),
        ("<script>", "use <script> here", True),
        ("regex:(?i)\\bact\\s+now", "ACT  NOW", True),
        ("regex:^x$", "ACT NOW", False),
        ("regex:caf\u00e9", "cafe\u200d\u0301", True),
        ("forbidden", "f o r b i d d e n", False),
    ],
)
def test_what_counts_as_the_term(term: str, answer: str, is_held: bool) -> None:
    assert holds(term, answer) is is_held


def test_the_reason_names_the_policys_words() -> None:
    policy = PostValidation(prohibited_terms=("never", "always"))

    assert "always" in verdict(policy, "ALWAYS mine").reason
    assert "mine" not in verdict(policy, "ALWAYS mine").reason


def test_required_elements_are_all_needed() -> None:
    policy = PostValidation(required_elements=("Disclaimer:", "regex:[0-9]+ EUR"))

    assert verdict(policy, "**disclaimer**: none. 5 EUR").passed
    lacking = verdict(policy, "Disclaimer: none.")
    assert not lacking.passed
    assert "regex:[0-9]+ EUR" in lacking.reason


def test_each_check_that_is_used_gives_one_verdict() -> None:
    policy = PostValidation(
        prohibited_terms=("x",), required_elements=("y",), format_schema={"type": "object"}
    )

    verdicts = judge(policy, '{"y": 1}')

    assert [(v.check, v.passed) for v in verdicts] == [
        ("prohibited_terms", True),
        ("required_elements", True),
        ("format_schema", True),
    ]
    assert judge(PostValidation(), "anything") == ()
