"""Own the checks of an answer: terms it may not hold, parts it must hold, its schema."""

from collections.abc import Iterable
from typing import Final

from core.guardrails.fold import fold, normal, without_markup
from core.guardrails.patterns import compile_pattern
from core.guardrails.schema import find_broken_rule
from core.values.guardrail_policy import PostValidation
from core.values.verdict import Verdict

# A term or element written so is a regular expression in RE2's syntax.
REGEX_PREFIX: Final = "regex:"
# Scripts from here on do not part words by blanks, or add to them what others put after a blank.
_FIRST_UNSPACED: Final = "\u0e00"


class Reading:
    """An answer as it stands and as it reads once its markup is taken away."""

    def __init__(self, answer: str) -> None:
        texts = (answer, *without_markup(answer))
        self._folded = tuple(dict.fromkeys(fold(text) for text in texts))
        self._normal = tuple(dict.fromkeys(normal(text) for text in texts))

    def holds_term(self, term: str) -> bool:
        """Whether the words of the term stand in it, in any disguise that `fold` sees through."""
        if term.startswith(REGEX_PREFIX):
            return self._matches(term)
        wanted = fold(term)
        return any(_holds_words(text, wanted) for text in self._folded)

    def holds_part(self, part: str) -> bool:
        """Whether the part stands in it, also within a word; case and blanks do not matter."""
        if part.startswith(REGEX_PREFIX):
            return self._matches(part)
        wanted = fold(part)
        return any(wanted in text for text in self._folded)

    def _matches(self, expression: str) -> bool:
        pattern = compile_pattern(expression.removeprefix(REGEX_PREFIX))
        return any(pattern.search(text) is not None for text in self._normal)


def judge(policy: PostValidation, answer: str) -> tuple[Verdict, ...]:
    """Return a verdict for each of the three checks that the policy uses.

    Raises:
        ValueError: an expression or the schema is refused.
    """
    verdicts: list[Verdict] = []
    reading = Reading(answer)
    if policy.prohibited_terms:
        found = [term for term in policy.prohibited_terms if reading.holds_term(term)]
        reason = f"The answer holds what it may not: {_listed(found)}." if found else "None found."
        verdicts.append(_verdict("prohibited_terms", reason, passed=not found))
    if policy.required_elements:
        missing = [part for part in policy.required_elements if not reading.holds_part(part)]
        reason = (
            f"The answer lacks what it must hold: {_listed(missing)}." if missing else "All there."
        )
        verdicts.append(_verdict("required_elements", reason, passed=not missing))
    if policy.format_schema is not None:
        broken = find_broken_rule(policy.format_schema, answer)
        reason = broken or "It fits."
        verdicts.append(_verdict("format_schema", reason, passed=broken is None))
    return tuple(verdicts)


def _verdict(check: str, reason: str, *, passed: bool) -> Verdict:
    return Verdict(check=check, stage="output", passed=passed, reason=reason)


def _listed(entries: Iterable[str], *, most: int = 3, longest: int = 80) -> str:
    """Return the first entries, which are the policy's words and not the answer's."""
    every = list(entries)
    words = [entry if len(entry) <= longest else f"{entry[:longest]}..." for entry in every]
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(words[:most]) + more


def _holds_words(text: str, term: str) -> bool:
    at = text.find(term)
    while at >= 0:
        end = at + len(term)
        is_start = at == 0 or not _is_one_word(text[at - 1], term[0])
        if is_start and (end == len(text) or not _is_one_word(term[-1], text[end])):
            return True
        at = text.find(term, at + 1)
    return False


def _is_one_word(left: str, right: str) -> bool:
    return all(char.isalnum() and char < _FIRST_UNSPACED for char in (left, right))
