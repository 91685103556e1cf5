"""Own the mean of a few measurements and how far it can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Final

# As many digits as Decimal128 keeps.
_EXACT_ENOUGH: Final = Context(prec=34)
_Z: Final = Decimal("1.959963984540054")
# Source: the usual table of t(0.975); a test checks it by Abramowitz and Stegun, 26.7.3.
_T: Final = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
    2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
)  # fmt: skip
LOWEST_RATING: Final = 1
HIGHEST_RATING: Final = 5


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean of `count` values; with 95 % confidence the true one lies from `low` to `high`.

    Both ends are None when nothing can be said about them.
    """

    count: int
    mean: Decimal
    low: Decimal | None
    high: Decimal | None


def estimate_mean(values: Sequence[Decimal | float]) -> Estimate | None:
    """Return the mean of values that are never negative; None without any.

    The interval is mean ± t(0.975, n - 1) * s / sqrt(n), cut at 0; one value has none. It takes
    the values as independent. Sums are exact, and rounded once to 34 digits at the end.

    Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.2.
    """
    if not values:
        return None
    exact = [Fraction(value) for value in values]
    count = len(exact)
    mean = sum(exact, Fraction()) / count
    if count == 1:
        return Estimate(count, _to_decimal(mean), None, None)
    squares = sum(((value - mean) ** 2 for value in exact), Fraction())
    with localcontext(_EXACT_ENOUGH):
        half = t_quantile(count - 1) * _to_decimal(squares / (count - 1) / count).sqrt()
        middle = _to_decimal(mean)
        return Estimate(count, middle, max(Decimal(0), middle - half), middle + half)


def estimate_rating(ratings: Sequence[int]) -> Estimate | None:
    """Return the mean of ratings from 1 to 5, as `estimate_rating_sum` does."""
    return estimate_rating_sum(len(ratings), sum(ratings))


def estimate_rating_sum(count: int, total: int) -> Estimate | None:
    """Return the mean of `count` ratings from 1 to 5 that add up to `total`; None without any.

    The interval is Wilson's score interval of p = (mean - 1) / 4. A t-interval would be of no
    width after two equal ratings; this one is wide while there are few, and cautious for any
    number: what lies between 0 and 1 with mean p has at most the variance p * (1 - p).

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical
    inference"; Bhatia and Davis (2000), "A better bound on the variance".
    """
    if not count:
        return None
    width = HIGHEST_RATING - LOWEST_RATING
    with localcontext(_EXACT_ENOUGH):
        mean = Decimal(total) / count
        share = (mean - LOWEST_RATING) / width
        weight = _Z**2 / count
        middle = (share + weight / 2) / (1 + weight)
        half = (share * (1 - share) * weight + weight**2 / 4).sqrt() / (1 + weight)
        # The last digit is rounded: an end must not pass the scale, nor the mean.
        low = max(Decimal(0), min(share, middle - half)) * width + LOWEST_RATING
        high = min(Decimal(1), max(share, middle + half)) * width + LOWEST_RATING
        return Estimate(count, mean, low, high)


def t_quantile(degrees: int) -> Decimal:
    """Return what Student's t passes with a probability of 2.5 %, to four digits after the point.

    Source: the table above to 30 degrees of freedom; beyond, Abramowitz and Stegun, 26.7.5.
    """
    if degrees <= len(_T):
        return Decimal(str(_T[degrees - 1]))
    z, n = _Z, Decimal(degrees)
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )


def _to_decimal(value: Fraction) -> Decimal:
    return _EXACT_ENOUGH.divide(Decimal(value.numerator), Decimal(value.denominator))
