"""Permutation tests of statistics that are linear in the permuted labels.

A share such as "synthetic rows whose nearest real row was a training row" is a weighted count of
the training labels. Rows of equal weight are exchangeable, so a permutation only decides how many
labels fall on each weight: the permutation distribution is multivariate hypergeometric and needs
no shuffling of rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LabelTest:
    """Outcome of ``label_share``.

    Args:
        share: the observed weighted share of labelled rows.
        se: its standard deviation over all permutations of the labels.
        p_value: share of permutations (the observed one included) with at least this share.
    """

    share: float
    se: float
    p_value: float


def effective_rows(weights: np.ndarray) -> float:
    """Number of equally weighted rows that would vary as much (Kish); 0 if all weights are."""
    squares = float(np.square(weights).sum())
    return float(weights.sum() ** 2 / squares) if squares else 0.0


def label_share(
    weights: np.ndarray, labels: np.ndarray, rng: np.random.Generator, permutations: int = 9999
) -> LabelTest:
    """Tests whether labelled rows carry more weight than a random choice of as many rows.

    Args:
        weights: (n,) non-negative, not all zero; rounded to 1e-9 to find the equal ones.
        labels: (n,) bool.
        rng: draws the permutations.
        permutations: number of random permutations.
    """
    n, labelled, total = len(weights), int(labels.sum()), float(weights.sum())
    values, class_of = np.unique(np.round(weights, 9), return_inverse=True)
    sizes = np.bincount(class_of)
    observed = float(values @ np.bincount(class_of[labels], minlength=len(values)))
    draws = rng.multivariate_hypergeometric(sizes, labelled, size=permutations) @ values
    at_least = int((draws >= observed - 1e-9 * total).sum())
    spread = labelled * (n - labelled) / (n * (n - 1)) * np.square(weights - total / n).sum()
    return LabelTest(
        observed / total, math.sqrt(spread) / total, (at_least + 1) / (permutations + 1)
    )
