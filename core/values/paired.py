"""Own what pairs of measurements say: whether two things that met the same inputs differ."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeVar

K = TypeVar("K")

LEVEL: Final = 0.05


def signed_rank_p(differences: Sequence[float]) -> float:
    """Return how likely differences at least so one-sided are, if neither side were the better.

    The exact two-sided p of Wilcoxon's signed-rank test: pairs without a difference are left out,
    equal differences share their ranks, and every assignment of signs to those ranks is counted.
    1.0 where there is no difference at all. Fewer than six pairs can never reach 0.05.

    Source: Wilcoxon (1945), "Individual comparisons by ranking methods"; Pratt and Gibbons
    (1981), "Concepts of Nonparametric Theory", 3.7.
    """
    found = sorted((value for value in differences if value), key=abs)
    if not found:
        return 1.0
    ranks = _doubled_ranks([abs(value) for value in found])
    total = sum(ranks)
    positive = sum(rank for rank, value in zip(ranks, found, strict=True) if value > 0)
    # One number holds all counts: part s of it says in how many of the 2^n assignments of signs
    # the positive ranks add up to s. A part has room for 2^n, so none runs over into the next.
    size = len(ranks) // 8 + 1
    ways = 1
    for rank in ranks:
        ways += ways << (8 * size * rank)
    parts = ways.to_bytes(size * (total + 1), "little")
    tail = min(positive, total - positive)
    rare = sum(
        int.from_bytes(parts[at * size : (at + 1) * size], "little") for at in range(tail + 1)
    )
    return float(min(Fraction(1), Fraction(2 * rare, 2 ** len(ranks))))


def _doubled_ranks(sizes: Sequence[float]) -> list[int]:
    """Return twice the rank of each of the ascending sizes; equal ones share the middle rank."""
    return [sizes.index(size) + _last(sizes, size) + 2 for size in sizes]


def _last(sizes: Sequence[float], size: float) -> int:
    return max(at for at, other in enumerate(sizes) if other == size)


def holm(p_values: Mapping[K, float]) -> dict[K, float]:
    """Return the p of each test, raised so that of all of them together 5 % claim falsely.

    Source: Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    adjusted: dict[K, float] = {}
    highest = 0.0
    for rank, (key, value) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * value))
        adjusted[key] = highest
    return adjusted
