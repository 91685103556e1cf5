"""Own the rules that find prompts in a read source; the same source gives the same proposals."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from core.extraction import signs
from core.extraction.blocks import Block, Source
from prompthub.wire.literals import ProposalKind

# Raised when a rule changes, so that a prompt's provenance says which rules found it.
VERSION: Final = 1
EXTRACTED_BY: Final = f"rules/{VERSION}"
MAX_PROPOSALS: Final = 1_000
MAX_CHARACTERS: Final = 64 * 1024
MAX_NAME: Final = 80

_SHORTEST: Final = 8
_LEAD_CHARACTERS: Final = 400
_SENTENCE_CHARACTERS: Final = 40
_QUOTED: Final = re.compile(r"[\"\u201c].*[\"\u201d][.]?", re.DOTALL)
_MARK: Final = re.compile(r"^[#*_`\"'\u201c\u201d\s\d.)-]+|[*_`\"'\u201c\u201d:\s]+$")
_SPACES: Final = re.compile(r"\s+")
_CODE_FENCE: Final = re.compile(r"`{3,}[\w+#.-]*")


class Proposal(NamedTuple):
    """A stretch of the source that could be a prompt; `confidence` is between 0 and 1."""

    start: int
    end: int
    name: str
    kind: ProposalKind
    confidence: float
    is_wrapped: bool = False


class Judgement(NamedTuple):
    """What a block is taken for; `start` is where its text begins."""

    kind: ProposalKind
    confidence: float
    start: int = 0


def propose(source: Source) -> list[Proposal]:
    """Return the texts of a source that are prompts or sample answers, in its order."""
    found: list[Proposal] = []
    seen: set[str] = set()
    used: dict[str, int] = {}
    for place in _places(source):
        judged = _judge(place)
        if judged is None or len(found) == MAX_PROPOSALS:
            continue
        start = place.block.start + judged.start
        text = source.text[start : place.block.end]
        alike = _SPACES.sub(" ", text).strip().casefold()
        if len(alike) < _SHORTEST or len(text.encode()) > MAX_CHARACTERS or alike in seen:
            continue
        seen.add(alike)
        name = _name(place, text, used)
        found.append(
            Proposal(
                start, place.block.end, name, judged.kind, judged.confidence, place.block.is_wrapped
            )
        )
    return found


class _Place(NamedTuple):
    """A block with what stands before it.

    `heading` is the one above, `lead` the text just before, `intro` what leads to its list.
    """

    block: Block
    text: str
    heading: str
    lead: str
    intro: str


def _places(source: Source) -> Iterator[_Place]:
    heading, lead, intro = "", "", ""
    for block in source.blocks:
        text = source.text_of(block)
        if block.kind == "heading":
            heading = lead = intro = text
            continue
        yield _Place(block, text, heading, lead, intro)
        if block.kind in {"paragraph", "item"}:
            lead = text[-_LEAD_CHARACTERS:]
        if block.kind == "paragraph":
            intro = lead


def _judge(place: _Place) -> Judgement | None:
    if place.block.kind == "code":
        return _judge_code(place)
    if place.block.kind == "quote":
        return _judge_quote(place)
    return _judge_sentence(place)


def _judge_code(place: _Place) -> Judgement | None:
    """A block that its author set off: a prompt, a sample answer, or a program."""
    hint, text = place.block.hint, place.text
    if signs.names_prompt(hint):
        return Judgement("prompt", 0.95)
    if signs.names_answer(hint):
        return Judgement("answer", 0.9)
    announced = signs.announces_answer(place.lead)
    if announced:
        return Judgement("answer", 0.8)
    return None if signs.is_program(text, hint) else _judge_wording(text, announced)


def _judge_wording(text: str, announced: bool | None) -> Judgement:
    """Tell by how a text begins what it is; one that does not say so is offered unticked."""
    if signs.ROLE.match(text):
        return Judgement("prompt", 0.95)
    if signs.IMPERATIVE.match(text):
        return Judgement("prompt", 0.8 if announced is None else 0.9)
    return Judgement("answer", 0.5) if announced is None else Judgement("prompt", 0.7)


def _judge_quote(place: _Place) -> Judgement | None:
    if signs.ROLE.match(place.text):
        return Judgement("prompt", 0.9)
    announced = signs.announces_answer(place.lead)
    if announced:
        return Judgement("answer", 0.7)
    if announced is False and (signs.IMPERATIVE.match(place.text) or len(place.text) > _SHORTEST):
        return Judgement("prompt", 0.7)
    return None


def _judge_sentence(place: _Place) -> Judgement | None:
    """A point of a list or a paragraph: a prompt when it is labelled so, or begins as one."""
    label = signs.PROMPT_LABEL.match(place.text)
    if label and len(place.text) - label.end() >= _SENTENCE_CHARACTERS / 2:
        return Judgement("prompt", 0.85, label.end())
    if len(place.text) < _SENTENCE_CHARACTERS:
        return None
    if signs.ROLE.match(place.text) and not place.text.lower().lstrip().startswith("your "):
        return Judgement("prompt", 0.7)
    asks = signs.WRITING.match(place.text)
    if place.block.kind == "item" and asks and signs.announces_answer(place.intro) is False:
        return Judgement("prompt", 0.6)
    if asks and _QUOTED.fullmatch(place.text):
        return Judgement("prompt", 0.6)
    return None


def _name(place: _Place, text: str, used: dict[str, int]) -> str:
    """Return the heading above, numbered where it stands over several, else the first words."""
    heading = _MARK.sub("", place.heading)
    name = heading if 0 < len(heading) <= MAX_NAME else opening(text)
    used[name] = used.get(name, 0) + 1
    return name if used[name] == 1 else f"{name} {used[name]}"


def opening(text: str) -> str:
    """Return the first words of a text, to call it by."""
    line = _SPACES.sub(" ", _MARK.sub("", _CODE_FENCE.sub("", text))).strip()
    if len(line) <= MAX_NAME:
        return line or "Prompt"
    return line[:MAX_NAME].rsplit(" ", 1)[0] + "\u2026"
