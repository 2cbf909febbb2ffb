"""How far apart two samples are, from counts over cells or from sorted values."""

from __future__ import annotations

import numpy as np


def shares(counts: np.ndarray) -> np.ndarray:
    """Counts (..., cells) divided by their sum over cells; zeros where the sum is zero."""
    total = counts.sum(axis=-1, keepdims=True)
    return counts / np.maximum(total, 1)


def total_variation(counts: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Half the summed absolute difference of shares, in [0, 1]; over the last axis.

    It is the largest difference in probability that the two tables give to any set of cells. The
    plug-in estimate is above zero for two samples of one population, by about
    ``sum(sqrt(p (1 - p) / (pi n)))`` for n rows each: read it beside a real holdout's value.
    """
    return 0.5 * np.abs(shares(counts) - shares(other)).sum(axis=-1)


def kolmogorov_smirnov(values: np.ndarray, other: np.ndarray) -> float:
    """Largest distance of the two empirical distribution functions; NaN entries are left out.

    Returns 0.0 if both are empty, 1.0 if one is.
    """
    a, b = np.sort(values[~np.isnan(values)]), np.sort(other[~np.isnan(other)])
    if not len(a) or not len(b):
        return float(len(a) != len(b))
    points = np.concatenate([a, b])
    below_a = np.searchsorted(a, points, side="right") / len(a)
    below_b = np.searchsorted(b, points, side="right") / len(b)
    return float(np.abs(below_a - below_b).max())
