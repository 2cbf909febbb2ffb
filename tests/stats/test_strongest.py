"""The best of several scores: worked by hand, and what choice costs under chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from synthkit.stats.strongest import Strongest, exchanged, mid_ranks, strongest


def best_of(scores: np.ndarray, members: list[bool] | np.ndarray) -> Strongest:
    is_member = np.array(members, bool)
    strata = np.zeros(len(is_member), int)
    return strongest(scores, is_member, strata, np.random.default_rng(0))


def test_areas_and_what_chance_does_by_hand() -> None:
    # Members hold the ranks 4 and 2. Of the six choices of two ranks: 3, 4, 5, 5, 6, 7.
    ranks, is_member = np.array([[4.0], [2.0], [3.0], [1.0]]), np.array([True, True, False, False])
    assert best_of(ranks, is_member).aucs.tolist() == [0.75]
    mean, covariance = exchanged(ranks, is_member, np.zeros(4, int))
    assert mean.tolist() == [5.0]
    assert covariance[0, 0] == pytest.approx((4 + 1 + 1 + 4) / 6)


def test_what_chance_does_is_what_exchanging_labels_does() -> None:
    rng = np.random.default_rng(5)
    strata = np.repeat([0, 1], [60, 90])
    is_member = rng.permutation(150) < 70
    ranks = rng.normal(size=(150, 3)) @ rng.normal(size=(3, 3))
    sums = []
    for _ in range(4000):
        labels = is_member.copy()
        for stratum in (0, 1):
            labels[strata == stratum] = rng.permutation(labels[strata == stratum])
        sums.append(ranks[labels].sum(axis=0))
    mean, covariance = exchanged(ranks, is_member, strata)
    spread = np.sqrt(np.diag(covariance))
    assert np.abs(np.mean(sums, axis=0) - mean).max() < 0.08 * spread.max()
    found = np.cov(np.transpose(sums)) / np.outer(spread, spread)
    assert found == pytest.approx(covariance / np.outer(spread, spread), abs=0.08)


def test_the_detectable_area_is_found() -> None:
    """With an area as large as it, the lower end of the interval is above one half 95 times of 100."""
    rng = np.random.default_rng(6)
    is_member = np.arange(600) < 300
    detectable = best_of(rng.normal(size=(600, 4)), is_member).detectable
    shift = float(np.sqrt(2) * stats.norm.ppf(detectable))
    found = 0
    for _ in range(200):
        scores = rng.normal(size=(600, 4))
        scores[:, 1] += shift * is_member
        found += best_of(scores, is_member).ci[0] > 0.5
    assert 180 <= found <= 199  # 190 expected, three deviations


def test_the_telling_score_is_chosen() -> None:
    rng = np.random.default_rng(1)
    is_member = np.arange(600) < 300
    scores = rng.normal(size=(600, 5))
    scores[:, 3] += is_member
    found = best_of(scores, is_member)
    assert found.index == 3
    assert found.aucs == pytest.approx([roc_auc_score(is_member, score) for score in scores.T])
    assert 0.6 < found.ci[0] < found.auc == found.aucs[3]
    assert found.p_value < 1e-4


def test_a_score_that_is_the_same_for_all_says_nothing() -> None:
    found = best_of(np.zeros((40, 2)), np.arange(40) < 20)
    assert found.aucs.tolist() == [0.5, 0.5]
    assert found.p_value == 1.0
    assert found.ci[0] < 0.5 < found.ci[1]


def test_choosing_among_scores_is_paid_for() -> None:
    """Of 300 tests of seven scores that know nothing, one in twenty is below .05, not one in three."""
    rng = np.random.default_rng(2)
    is_member, strata = np.arange(200) % 2 == 0, np.zeros(200, int)
    found = [strongest(rng.normal(size=(200, 7)), is_member, strata, rng) for _ in range(300)]
    assert 5 <= sum(best.p_value <= 0.05 for best in found) <= 27  # 15 expected, four deviations
    assert sum(best.ci[0] > 0.5 for best in found) <= 19  # 7.5 expected


def test_scores_are_compared_within_their_stratum_only() -> None:
    """Members are more in the stratum of high scores, which tells nothing of a person."""
    rng = np.random.default_rng(3)
    strata = np.repeat([0, 1], 400)
    is_member = rng.random(800) < np.where(strata == 1, 0.8, 0.2)
    scores = (rng.normal(size=800) + 10 * strata)[:, None]
    found = strongest(scores, is_member, strata, rng)
    assert found.p_value > 0.05
    assert found.auc == pytest.approx(0.5, abs=0.06)


def test_mid_ranks_by_hand() -> None:
    scores = np.array([[5.0], [5.0], [1.0], [9.0], [7.0]])
    ranks = mid_ranks(scores, np.array([0, 0, 0, 1, 1]))
    assert ranks[:, 0] == pytest.approx([2 / 3, 2 / 3, 1 / 6, 3 / 4, 1 / 4])
