"""The permutation test against a full enumeration."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from synthkit.stats.permutation import label_share


def test_against_all_permutations() -> None:
    weights = np.array([3.0, 2.0, 2.0, 1.0, 0.0, 0.5])
    labels = np.array([True, True, False, True, False, False])
    shares = np.array([weights[list(rows)].sum() for rows in combinations(range(6), 3)]) / 8.5
    test = label_share(weights, labels, np.random.default_rng(0))
    assert test.share == pytest.approx(6.0 / 8.5)
    assert test.se == pytest.approx(shares.std())
    assert test.p_value == pytest.approx((shares >= 6.0 / 8.5 - 1e-9).mean(), abs=0.015)


def test_no_preference_gives_p_values_that_are_even() -> None:
    rng = np.random.default_rng(1)
    weights = rng.poisson(1.0, 400).astype(float)
    labels = np.arange(400) < 200
    p = [label_share(rng.permutation(weights), labels, rng, 999).p_value for _ in range(200)]
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.06)


def test_one_heavy_row_proves_nothing() -> None:
    weights = np.zeros(100)
    weights[0] = 1000.0
    test = label_share(weights, np.arange(100) < 50, np.random.default_rng(0))
    assert test.share == 1.0
    assert test.se == pytest.approx(0.5)
    assert test.p_value == pytest.approx(0.5, abs=0.03)
