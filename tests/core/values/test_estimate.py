import math
from decimal import Context, Decimal, localcontext
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.values.estimate import Estimate, estimate_mean, estimate_rating, t_quantile

COSTS = st.decimals(min_value=0, max_value=1000, places=12)
RATINGS = st.lists(st.integers(1, 5), min_size=1, max_size=60)


def test_the_interval_is_that_of_the_textbook() -> None:
    # mean 30, s = sqrt(250), t(0.975, 4) = 2.7764: 30 +- 19.6323
    found = estimate_mean([10, 20, 30, 40, 50])

    assert found is not None
    assert (found.count, found.mean) == (5, 30)
    assert found.low is not None
    assert found.high is not None
    assert float(found.low) == pytest.approx(10.3679, abs=1e-3)
    assert float(found.high) == pytest.approx(49.6321, abs=1e-3)


def test_nothing_has_no_mean_and_one_value_no_interval() -> None:
    assert estimate_mean([]) is None
    assert estimate_rating([]) is None
    assert estimate_mean([Decimal("0.1")]) == Estimate(1, Decimal("0.1"), None, None)


@given(st.lists(COSTS, min_size=1, max_size=60))
def test_the_mean_of_costs_is_exact_to_the_last_digit(costs: list[Decimal]) -> None:
    found = estimate_mean(costs)

    assert found is not None
    with localcontext(Context(prec=200)):
        rest = found.mean * len(costs) - sum(costs)
        assert abs(rest) <= abs(found.mean) * len(costs) * Decimal("1e-33")


@given(st.lists(COSTS, min_size=2, max_size=60), st.randoms())
def test_the_interval_holds_the_mean_and_knows_no_order(
    costs: list[Decimal], random: Random
) -> None:
    mixed = random.sample(costs, len(costs))

    found = estimate_mean(costs)

    assert found == estimate_mean(mixed)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.mean <= found.high


@given(st.lists(COSTS, min_size=2, max_size=20))
def test_equal_numbers_of_equal_spread_give_intervals_that_scale(costs: list[Decimal]) -> None:
    once, thousandfold = estimate_mean(costs), estimate_mean([cost * 1000 for cost in costs])

    assert once is not None
    assert thousandfold is not None
    assert once.high is not None
    assert thousandfold.high is not None
    assert float(thousandfold.high) == pytest.approx(float(once.high) * 1000, rel=1e-12)


@pytest.mark.parametrize("degrees", [*range(1, 60), 100, 399, 1000])
def test_quantiles_of_t_leave_five_percent_outside(degrees: int) -> None:
    inside = probability_within(float(t_quantile(degrees)), degrees)

    assert inside == pytest.approx(0.95, abs=1e-5)


def probability_within(t: float, degrees: int) -> float:
    """Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    theta = math.atan(t / math.sqrt(degrees))
    cosine, odd = math.cos(theta), degrees % 2
    term, total = (cosine, cosine) if odd else (1.0, 1.0)
    for k in range(3 if odd else 2, degrees, 2):
        term *= (k - 1) / k * cosine**2
        total += term
    if degrees == 1:
        total = 0
    inside = math.sin(theta) * total
    return 2 / math.pi * (theta + inside) if odd else inside


@given(RATINGS)
def test_the_interval_of_ratings_stays_on_the_scale_and_holds_the_mean(ratings: list[int]) -> None:
    found = estimate_rating(ratings)

    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert 1 <= found.low <= found.mean <= found.high <= 5


@pytest.mark.parametrize(("count", "low"), [(1, 1.83), (2, 2.37), (10, 3.89), (100, 4.85)])
def test_few_ratings_say_little_even_when_all_are_the_best(count: int, low: float) -> None:
    found = estimate_rating([5] * count)

    assert found is not None
    assert found.low is not None
    assert (found.mean, found.high) == (5, 5)
    assert float(found.low) == pytest.approx(low, abs=0.01)


@given(RATINGS)
def test_more_ratings_of_the_same_kind_narrow_the_interval(ratings: list[int]) -> None:
    few, many = estimate_rating(ratings), estimate_rating(ratings * 4)

    assert few is not None
    assert many is not None
    assert few.low is not None
    assert few.high is not None
    assert many.low is not None
    assert many.high is not None
    assert many.high - many.low < few.high - few.low
