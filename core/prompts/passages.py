"""Own passages: what of a prompt's newest text shows what it is about, or why it matched."""

import re
from collections.abc import Sequence
from typing import Any

from bson import ObjectId

from core.documents import Prompt, PromptVersion
from core.prompts.listing import MAX_WORDS
from core.search.passage import (
    HEAD,
    LEAD,
    LENGTH,
    Passage,
    Piece,
    cut_around,
    in_one_line,
)
from core.values.scope import Scope

# A longer run without a space is no word of a language with spaces.
LONGEST_WORD = 40


async def list_passages(
    scope: Scope, prompts: Sequence[Prompt], text: str
) -> dict[ObjectId, Passage]:
    """Return a passage for each prompt: of its text around the words, else its description.

    Prompts of applications that the caller does not see are left out.

    Raises:
        NotAllowed: an application asks; the newest text may be a draft.
    """
    scope.refuse_application()
    seen = [prompt for prompt in prompts if scope.role_in(prompt.application_id)]
    texts = await _newest_texts(seen)
    pattern = _pattern(text)
    return {
        prompt.key: passage_of(texts.get(prompt.key, ""), prompt.description, pattern)
        for prompt in seen
    }


async def _newest_texts(prompts: Sequence[Prompt]) -> dict[ObjectId, str]:
    newest: list[dict[str, Any]] = [
        {"prompt_id": prompt.key, "version": prompt.newest_version}
        for prompt in prompts
        if prompt.newest_version
    ]
    if not newest:
        return {}
    fields = {"prompt_id": 1, "content": 1, "system_prompt": 1}
    found = PromptVersion.collection().find({"$or": newest}, fields)
    return {
        row["prompt_id"]: f"{row['content']}\n{row.get('system_prompt', '')}" async for row in found
    }


def _pattern(text: str) -> re.Pattern[str] | None:
    words = sorted(set(text.split()[:MAX_WORDS]), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None


def passage_of(text: str, description: str, pattern: re.Pattern[str] | None) -> Passage:
    """Return the part of the text around the first matches, else the description or the start."""
    text, description = in_one_line(text), in_one_line(description)
    first = pattern.search(text) if pattern else None
    if pattern is None or first is None:
        return _pieces(cut_around(description or text, 0, HEAD), pattern)
    return _pieces(cut_around(text, _best_start(text, pattern), LENGTH), pattern)


def _best_start(text: str, pattern: re.Pattern[str]) -> int:
    """Return where the stretch with the most different words begins."""
    hits = [(hit.start(), hit[0].casefold()) for hit in pattern.finditer(text)]
    richest, best = 0, 0
    last = 0
    inside: dict[str, int] = {}
    for start, word in hits:
        while last < len(hits) and hits[last][0] < start + LENGTH - 2 * LEAD:
            inside[hits[last][1]] = inside.get(hits[last][1], 0) + 1
            last += 1
        if len(inside) > richest:
            richest, best = len(inside), start
        inside[word] -= 1
        if not inside[word]:
            del inside[word]
    return best


def _pieces(text: str, pattern: re.Pattern[str] | None) -> Passage:
    pieces: list[Piece] = []
    done = 0
    for hit in pattern.finditer(text) if pattern else ():
        begin, end = _whole_word(text, *hit.span())
        if begin < done:
            continue
        pieces += [Piece(text[done:begin], is_match=False), Piece(text[begin:end], is_match=True)]
        done = end
    pieces.append(Piece(text[done:], is_match=False))
    return tuple(piece for piece in pieces if piece.text)


def _whole_word(text: str, begin: int, end: int) -> tuple[int, int]:
    """Widen a match to the letters and digits around it."""
    left, right = begin, end
    while left and text[left - 1].isalnum() and end - left < LONGEST_WORD:
        left -= 1
    while right < len(text) and text[right].isalnum() and right - begin < LONGEST_WORD:
        right += 1
    return left, right
