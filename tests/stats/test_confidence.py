"""Intervals against published and hand-worked values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthkit.stats.confidence import (
    absolute,
    around,
    clopper_pearson,
    delong,
    grouped_jackknife_se,
    newcombe,
    wilson,
)


def test_wilson_against_known_values() -> None:
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_clopper_pearson_against_known_values() -> None:
    assert clopper_pearson(0, 10) == pytest.approx((0.0, 0.3085), abs=1e-4)
    assert clopper_pearson(5, 10) == pytest.approx((0.1871, 0.8129), abs=1e-4)
    assert clopper_pearson(10, 10)[1] == 1.0


def test_newcombe_reproduces_the_paper_example() -> None:
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_the_interval_of_an_absolute_value_is_folded_at_zero() -> None:
    assert absolute((0.1, 0.3)) == (0.1, 0.3)
    assert absolute((-0.3, -0.1)) == (0.1, 0.3)
    assert absolute((-0.3, 0.1)) == (0.0, 0.3)


def test_newcombe_of_equal_shares_is_symmetric() -> None:
    low, high = newcombe(0, 50, 0, 50)
    assert low == pytest.approx(-high)


@given(n=st.integers(1, 500), data=st.data())
def test_the_exact_interval_contains_the_share(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    for low, high in (wilson(k, n), clopper_pearson(k, n)):
        assert low - 1e-12 <= k / n <= high + 1e-12


def test_delong_counts_ties_half() -> None:
    auc, _ = delong(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
    assert auc == 0.875  # pairs: 3>1, 3>2, 2>1 count 1; 2=2 counts 1/2


def test_delong_error_is_that_of_its_definition() -> None:
    rng = np.random.default_rng(0)
    positives, negatives = rng.normal(1, 1, 40), rng.normal(0, 1, 30)
    wins = (positives[:, None] > negatives).astype(float)
    variance = wins.mean(1).var(ddof=1) / 40 + wins.mean(0).var(ddof=1) / 30
    assert delong(positives, negatives) == pytest.approx((wins.mean(), variance**0.5))


def test_delong_error_without_information_is_the_rank_tests() -> None:
    rng = np.random.default_rng(1)
    errors = [delong(rng.normal(size=500), rng.normal(size=500))[1] for _ in range(20)]
    assert np.mean(errors) == pytest.approx(0.0183, abs=0.0004)  # sqrt((2n + 1) / (12 n^2))


def test_perfect_separation_keeps_an_error() -> None:
    assert delong(np.arange(10.0) + 100, np.arange(10.0)) == (1.0, 0.05)


def test_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(2).normal(size=25)
    left_out = (values.sum() - values) / 24
    assert grouped_jackknife_se(left_out) == pytest.approx(values.std(ddof=1) / 5)


def test_around_is_cut_to_the_range() -> None:
    assert around(0.99, 0.1, 0.0, 1.0) == pytest.approx((0.794, 1.0), abs=1e-3)
