"""Paired bootstrap of the difference of two classifiers that answer the same questions.

    draws = paired_differences(first, second, strata, rng)     # (draws, strata)
    low, high = percentiles(draws.mean(axis=1))                # of the difference of balanced accuracy

Questions are drawn with replacement within their stratum (the true class), each with both answers, so
that what is hard for both classifiers cancels. Where a classifier was trained several times, from other
random numbers, the trainings are drawn too, one fewer than there are, with which the spread of their
mean is unbiased.

Every stratum is drawn from with two pairs more, one that only the first gets right and one that only
the second does: without them twenty questions on which both agree would give an interval of no width.

References:
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13 (percentiles).
    Rao & Wu (1988), doi:10.1080/01621459.1988.10478591 (draws of n - 1).
    Bonett & Price (2012), doi:10.3102/1076998611411915 (a pair more for either discordance).

NOTE[DIFF]: Bonett and Price add their pairs to a Wald interval, here they are resampled.
"""

from __future__ import annotations

import numpy as np

from synthkit.stats.confidence import Interval

DRAWS = 4000


def paired_differences(
    first: np.ndarray,
    second: np.ndarray,
    strata: np.ndarray,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> np.ndarray:
    """Bootstrap draws of the share that the second gets right less that of the first.

    Args:
        first, second: (trainings, n) bool, which questions each training gets right.
        strata: (n,) int in [0, k), the stratum of each question, none of them empty.
        rng: draws trainings and questions.
        draws: number of draws.

    Returns:
        (draws, k) float64 differences within each stratum, in [-1, 1].
    """
    gains = second.astype(np.int64) - first
    trainings = len(gains)
    shares = np.full(trainings, 1 / trainings)
    chosen = rng.multinomial(max(trainings - 1, 1), shares, draws) / max(trainings - 1, 1)
    result = np.empty((draws, int(strata.max()) + 1))
    for k in range(result.shape[1]):
        both = np.array([[1], [-1]]).repeat(trainings, axis=1)
        rows = np.vstack([gains[:, strata == k].T, both])
        patterns, counts = np.unique(rows, axis=0, return_counts=True)
        drawn = rng.multinomial(len(rows), counts / len(rows), draws)
        result[:, k] = ((drawn @ patterns) * chosen).sum(axis=1) / len(rows)
    return result


def percentiles(draws: np.ndarray, level: float = 0.95) -> Interval:
    """The central interval of bootstrap draws (n,)."""
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)
