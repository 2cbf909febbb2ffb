"""Divergences by hand."""

from __future__ import annotations

import numpy as np
import pytest

from synthkit.stats.divergences import kolmogorov_smirnov, total_variation


def test_total_variation_by_hand() -> None:
    assert total_variation(np.array([6, 4]), np.array([50, 50])) == pytest.approx(0.1)
    assert total_variation(np.array([5, 0]), np.array([0, 9])) == 1.0
    assert total_variation(np.array([2, 4]), np.array([1, 2])) == 0.0


def test_total_variation_works_over_the_last_axis() -> None:
    counts = np.array([[1, 1], [2, 0]])
    assert total_variation(counts, np.array([1, 1])).tolist() == [0.0, 0.5]


def test_kolmogorov_smirnov_by_hand() -> None:
    a, b = np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 5.0, 6.0])
    assert kolmogorov_smirnov(a, b) == 0.5
    assert kolmogorov_smirnov(a, a[::-1]) == 0.0


def test_kolmogorov_smirnov_leaves_missing_cells_out() -> None:
    a = np.array([1.0, np.nan, 2.0])
    assert kolmogorov_smirnov(a, np.array([1.0, 2.0])) == 0.0
    assert kolmogorov_smirnov(a, np.array([np.nan])) == 1.0
    assert kolmogorov_smirnov(np.array([np.nan]), np.array([np.nan])) == 0.0
