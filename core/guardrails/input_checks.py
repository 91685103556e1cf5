"""Own the checks of the input that are always there: the list, and the plain ones."""

import re
from typing import Final

from core.guardrails.base import Check, CheckedInput, Score
from core.guardrails.fold import fold
from core.guardrails.injection import PromptInjection
from core.guardrails.sensitive import PersonalData, Secrets

DEFAULT_SIZE: Final = 32_000
# Words in a row that are compared; fewer occur by chance, more miss light edits.
SHINGLE_WORDS: Final = 3
FEWEST_WORDS: Final = 6


class Size:
    """Allow so many characters in all messages; `size:8000` sets the number."""

    name = "size"

    def check_argument(self, argument: str | None) -> None:
        """Pass for a positive whole number, or nothing.

        Raises:
            ValueError: it is another thing.
        """
        _limit(argument)

    def score(self, text: CheckedInput, argument: str | None) -> Score:
        """Return 1 when the messages are longer than allowed, else 0."""
        limit, length = _limit(argument), len(text.sent)
        reason = f"It is {length:,} characters long; {limit:,} are allowed."
        return Score(float(length > limit), reason)


def _limit(argument: str | None) -> int:
    if argument is None:
        return DEFAULT_SIZE
    if not re.fullmatch(r"[1-9][0-9]{0,8}", argument):
        msg = "Write size alone, or size:8000 to allow 8,000 characters."
        raise ValueError(msg)
    return int(argument)


class Similarity:
    """Find a forbidden example (`similarity:THE TEXT`) copied whole or with light edits.

    The score is the share of the example's runs of three words that occur in what the caller
    gave. Another wording of the same meaning is not found.
    Source: Broder 1997, "On the resemblance and containment of documents" (containment).
    """

    name = "similarity"

    def check_argument(self, argument: str | None) -> None:
        """Pass for an example that is long enough not to occur by chance.

        Raises:
            ValueError: it is shorter than `FEWEST_WORDS`.
        """
        if len(_words(argument or "")) < FEWEST_WORDS:
            msg = f"Write similarity: and then an example of at least {FEWEST_WORDS} words."
            raise ValueError(msg)

    def score(self, text: CheckedInput, argument: str | None) -> Score:
        """Return the share of the example that occurs."""
        example = _shingles(argument or "")
        share = len(example & _shingles(text.given)) / len(example)
        return Score(round(share, 4), f"{share:.0%} of a forbidden example occurs in it.")


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return set(zip(*(words[start:] for start in range(SHINGLE_WORDS)), strict=False))


def _words(text: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in fold(text)).split()


BUILT_IN: Final[tuple[Check, ...]] = (
    Size(),
    PromptInjection(),
    Secrets(),
    PersonalData(),
    Similarity(),
)
