"""Own putting together what was found into one score."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from core.guardrails.base import Score
from core.guardrails.patterns import Pattern, compile_pattern

NOTHING: Final = Score(0.0, "Nothing found.")


@dataclass(frozen=True, slots=True)
class Sign:
    """An expression and how sure its kind is once it occurs, from 0 to 1."""

    kind: str
    weight: float
    pattern: Pattern

    @classmethod
    def of(cls, kind: str, weight: float, expression: str) -> "Sign":
        """Return the sign with its expression compiled."""
        return cls(kind, weight, compile_pattern(expression))


def search(signs: Iterable[Sign], text: str) -> dict[str, float]:
    """Return the kinds that occur, each with its greatest weight."""
    found: dict[str, float] = {}
    for sign in signs:
        if found.get(sign.kind, 0.0) < sign.weight and sign.pattern.search(text) is not None:
            found[sign.kind] = sign.weight
    return found


def weigh(found: Mapping[str, float]) -> Score:
    """Return one score for all kinds: the chance that not every one of them is a false alarm."""
    if not found:
        return NOTHING
    score = 1 - math.prod(1 - weight for weight in found.values())
    return Score(round(score, 4), f"Found: {', '.join(sorted(found))}.")
