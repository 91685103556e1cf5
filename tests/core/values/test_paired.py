from itertools import product

import pytest

from core.values.paired import holm, signed_rank_p


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([], 1.0),
        ([0, 0, 0], 1.0),
        ([1, 2, 3, 4, 5], 0.0625),  # the least that five pairs can say
        ([1, 2, 3, 4, 5, 6], 0.03125),
        ([-1, -2, -3, -4, -5, -6], 0.03125),
        # Wilcoxon's table: n = 8, T = 3 has p = 0.0391; n = 10, T = 8 has p = 0.0488.
        ([-3, 1, 2, 4, 5, 6, 7, 8], 10 / 256),
        ([-8, 1, 2, 3, 4, 5, 6, 7, 9, 10], 50 / 1024),
    ],
)
def test_p_is_that_of_the_tables(differences: list[float], expected: float) -> None:
    assert signed_rank_p(differences) == pytest.approx(expected)


def test_equal_differences_share_ranks_and_nought_counts_for_nothing() -> None:
    sizes = [1.0, 1.0, 2.0, 2.0, 2.0, 5.0]
    ranks = [1.5, 1.5, 4, 4, 4, 6]
    observed = 1.5  # one of the smallest is negative
    sums = [
        sum(rank for rank, sign in zip(ranks, signs, strict=True) if sign)
        for signs in product((0, 1), repeat=6)
    ]

    expected = 2 * sum(one <= observed for one in sums) / len(sums)

    assert signed_rank_p([-1.0, 0.0, *sizes[1:], 0.0]) == pytest.approx(expected)


def test_sixty_pairs_are_counted_exactly() -> None:
    assert signed_rank_p([*range(1, 61)]) == pytest.approx(2 / 2**60)


def test_of_several_tests_each_has_to_say_more() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == {
        "a": pytest.approx(0.03),
        "c": pytest.approx(0.06),
        "b": pytest.approx(0.06),
    }
    assert holm({"a": 0.9, "b": 0.8}) == {"b": 1.0, "a": 1.0}
