"""Own the stretches of a source that a person marks as prompts because no rule found them."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from core.documents import SourceText
from core.errors import Invalid
from core.extraction.markers import to_template
from core.extraction.propose import MAX_CHARACTERS, opening
from core.extraction.sources import Found, page_of

_COUNTED: Final = 20


class Stretch(NamedTuple):
    """A place in the text of a source, in characters."""

    start: int
    end: int


def find_words(text: str, words: str) -> Stretch:
    """Return the one place where the words stand; line breaks and spaces between them may differ.

    Raises:
        Invalid: there are none, they stand there nowhere or several times.
    """
    parts = words.split()
    if not parts:
        raise Invalid(
            "There is nothing to look for.",
            field="text",
            remedy="Copy the prompt from the source, and paste it.",
        )
    if len(words) > MAX_CHARACTERS:
        raise _too_long()
    places: list[Stretch] = []
    for match in re.finditer(r"\s+".join(map(re.escape, parts)), text):
        places.append(Stretch(*match.span()))
        if len(places) == _COUNTED:
            break
    if not places:
        raise Invalid(
            "These words don't stand in the source.",
            field="text",
            remedy="Copy them from the source: each letter counts, spaces and line breaks don't.",
        )
    if len(places) > 1:
        often = f"{_COUNTED} times or more" if len(places) == _COUNTED else f"{len(places)} times"
        raise Invalid(
            f"These words stand in the source {often}.",
            field="text",
            remedy="Add words from before or after them, so that only one place is meant.",
        )
    return places[0]


def cut_stretch(text: str, start: int, end: int) -> Stretch:
    """Return a stretch without the white space around it.

    Raises:
        Invalid: it does not lie in the text, is empty, or longer than a prompt.
    """
    inside = text[start:end] if 0 <= start < end <= len(text) else ""
    if not inside.strip():
        raise Invalid(
            "There is no text in this stretch of the source.",
            field="text",
            remedy="Select the words of the prompt.",
        )
    first = start + len(inside) - len(inside.lstrip())
    last = first + len(inside.strip())
    if last - first > MAX_CHARACTERS:
        raise _too_long()
    return Stretch(first, last)


def refuse_overlap(stretch: Stretch, taken: Iterable[tuple[int, int, str]]) -> None:
    """Pass where none of the proposals, each with its name, has a part of the stretch.

    Raises:
        Invalid: one has.
    """
    for start, end, name in taken:
        if start < stretch.end and stretch.start < end:
            raise Invalid(
                f"A part of this is in the proposal \u201c{name}\u201d already.",
                field="text",
                remedy="Open that one and change its text, or merge it with the next. One that was "
                "dropped is under Dropped.",
            )


def show_marked(source: SourceText, text: str, stretch: Stretch) -> Found:
    """Return the proposal that a marked stretch is, named by its first words."""
    words = text[stretch.start : stretch.end]
    template = to_template(words)
    return Found(
        start=stretch.start,
        end=stretch.end,
        page=page_of(source.pages, stretch.start),
        text=words,
        name=opening(words),
        kind="prompt",
        confidence=1,
        content=template.content,
        fields=template.fields,
    )


def _too_long() -> Invalid:
    return Invalid(
        f"This is longer than {MAX_CHARACTERS // 1024} Ki characters.",
        field="text",
        remedy="Mark a shorter stretch.",
    )
