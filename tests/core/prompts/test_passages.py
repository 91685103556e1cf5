"""Passages: the part of a text that matched, whole words marked, cut between words."""

import re

import pytest

from core.documents import Prompt
from core.errors import NotAllowed
from core.prompts.listing import PromptQuery, list_prompts
from core.prompts.passages import LENGTH, Passage, list_passages, passage_of
from core.prompts.versions import save_version
from core.values.scope import Scope
from tests.core.prompts.conftest import House, a_version

FILLER = "Nothing to see here. " * 30


def shown(passage: Passage) -> str:
    return "".join(f"[{text}]" if is_match else text for text, is_match in passage)


def of(text: str, words: str, description: str = "") -> str:
    pattern = re.compile(words, re.IGNORECASE) if words else None
    return shown(passage_of(text, description, pattern))


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Write the Minutes.", "minut", "Write the [Minutes]."),
        ("Sum up (a+)+ now", r"\(a\+\)\+", "Sum up [(a+)+] now"),
        ("# Goals\n\n**Do** it\n```json", "do", "Goals [Do] it"),
        ("a b", "zebra", "a b"),
        ("", "zebra", ""),
    ],
)
def test_matched_words_are_marked_whole(text: str, words: str, expected: str) -> None:
    assert of(text, words) == expected


def test_without_words_the_description_speaks_for_the_text() -> None:
    assert of("The text", "", "What it does") == "What it does"
    assert of("The text", "") == "The text"


def test_a_match_in_the_text_goes_before_the_description() -> None:
    assert of("The zebra", "zebra", "A zebra too") == "The [zebra]"
    assert of("The text", "zebra", "A zebra too") == "A [zebra] too"


def test_a_long_text_is_cut_between_words_around_most_of_the_words() -> None:
    text = f"One zebra. {FILLER} A lion met the zebra. {FILLER}"

    passage = of(text, "zebra|lion")

    assert "[lion] met the [zebra]" in passage
    assert passage.startswith("… ")
    assert passage.endswith(" …")
    assert len(passage) <= LENGTH + 12
    assert {word.strip(".[]") for word in passage.split()} <= {*text.replace(".", "").split(), "…"}


def test_a_text_of_one_endless_word_is_cut_all_the_same() -> None:
    assert len(of("x" * 5000, "")) < LENGTH
    assert len(of("y" * 3000 + "zebra" + "y" * 3000, "zebra")) <= LENGTH + 12


async def test_the_newest_text_gives_the_passage(house: House, prompt: Prompt) -> None:
    await save_version(house.editor, prompt, a_version("Greet the guest."))
    await save_version(house.editor, prompt, a_version("Greet the Visitor."))
    page = await list_prompts(house.viewer, PromptQuery(text="visitor"), skip=0, limit=5)

    passages = await list_passages(house.viewer, page.items, "visitor")

    assert shown(passages[prompt.key]) == "Greet the [Visitor]."


async def test_strangers_get_no_passage_and_applications_are_refused(
    house: House, prompt: Prompt
) -> None:
    assert await list_passages(house.stranger, [prompt], "") == {}
    with pytest.raises(NotAllowed):
        await list_passages(Scope(kind="application"), [prompt], "")
