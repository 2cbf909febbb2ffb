"""The paired bootstrap against distributions that can be worked out by hand, and its coverage."""

from __future__ import annotations

import numpy as np
import pytest

from synthkit.stats.bootstrap import paired_differences, percentiles


def test_two_questions_of_one_stratum_by_hand() -> None:
    # Both get the first right, the second classifier alone the other one: gains 0 and 1, and the two
    # pairs more, 1 and -1. Four are drawn of {0, 1, 1, -1}.
    first, second = np.array([[True, False]]), np.array([[True, True]])
    draws = paired_differences(
        first, second, np.zeros(2, int), np.random.default_rng(0), draws=100_000
    )
    assert draws.shape == (100_000, 1)
    assert draws.mean() == pytest.approx(1 / 4, abs=0.01)
    assert draws.var() == pytest.approx((3 / 4 - 1 / 16) / 4, abs=0.005)
    assert (draws == 1.0).mean() == pytest.approx(1 / 16, abs=0.004)
    assert (draws == -1.0).mean() == pytest.approx(1 / 256, abs=0.001)


def test_two_trainings_by_hand() -> None:
    # One question: only the first training gains. One of the two trainings is drawn, then three
    # pairs: of {1, 1, -1} for the first, of {0, 1, -1} for the second.
    first, second = np.array([[False], [True]]), np.array([[True], [True]])
    draws = paired_differences(
        first, second, np.zeros(1, int), np.random.default_rng(0), draws=100_000
    )
    assert (draws == 1.0).mean() == pytest.approx((8 / 27 + 1 / 27) / 2, abs=0.005)
    assert draws.mean() == pytest.approx((1 / 3 + 0) / 2, abs=0.01)


def test_strata_are_kept_apart() -> None:
    first = np.zeros((1, 300), bool)
    second = np.repeat([[True, False, False]], 100, axis=1).reshape(1, 300)
    draws = paired_differences(first, second, np.repeat([0, 1, 2], 100), np.random.default_rng(0))
    assert draws.mean(axis=0) == pytest.approx([100 / 102, 0.0, 0.0], abs=0.01)
    assert percentiles(draws.mean(axis=1)) == pytest.approx((0.31, 0.345), abs=0.01)


def test_agreement_on_few_questions_is_no_certainty() -> None:
    same = np.ones((3, 20), bool)
    low, high = percentiles(
        paired_differences(same, same, np.zeros(20, int), np.random.default_rng(0))[:, 0]
    )
    assert low < -0.05 < 0.05 < high


@pytest.mark.parametrize("trainings", [1, 2, 3])
def test_no_difference_is_claimed_where_there_is_none(trainings: int) -> None:
    rng = np.random.default_rng(1)
    strata = np.repeat([0, 1, 2], [20, 50, 100])
    excluded = 0
    for _ in range(400):
        hard = rng.random(170) < 0.15  # for whoever answers
        hits = (rng.random((2, trainings, 170)) < 0.9) & ~hard
        low, high = percentiles(
            paired_differences(hits[0], hits[1], strata, rng, draws=500).mean(axis=1)
        )
        excluded += not low <= 0.0 <= high
    assert excluded <= 0.06 * 400
