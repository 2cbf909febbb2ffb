"""Intervals for shares, differences of shares, areas under the ROC curve and grouped estimates.

Pure functions on counts and arrays; every interval is two-sided with 95 % confidence unless
``level`` says otherwise.

    low, high = wilson(3, 1000)
    auc, se = delong(scores_of_positives, scores_of_negatives)
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

Interval = tuple[float, float]


def normal_quantile(level: float = 0.95) -> float:
    """z with ``P(-z <= Z <= z) = level``; 1.96 for 95 %."""
    return float(stats.norm.ppf(0.5 + level / 2))


def around(value: float, se: float, low: float = -math.inf, high: float = math.inf) -> Interval:
    """``value -+ 1.96 se``, cut to ``[low, high]``."""
    half = normal_quantile() * se
    return max(low, value - half), min(high, value + half)


def absolute(interval: Interval) -> Interval:
    """The interval of an absolute value, from that of the signed one; it covers at least as often."""
    low, high = interval
    if low <= 0.0 <= high:
        return 0.0, max(-low, high)
    return min(abs(low), abs(high)), max(abs(low), abs(high))


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Wilson score interval of a binomial share; ``(0, 1)`` for ``n = 0``.

    References: Wilson (1927), doi:10.1080/01621459.1927.10502953.
    """
    if n == 0:
        return 0.0, 1.0
    z2 = normal_quantile(level) ** 2
    p = successes / n
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def clopper_pearson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Exact (conservative) interval of a binomial share; ``(0, 1)`` for ``n = 0``.

    References: Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404.
    """
    if n == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, successes, n - successes + 1) if successes else 0.0
    high = stats.beta.ppf(1 - tail, successes + 1, n - successes) if successes < n else 1.0
    return float(low), float(high)


def newcombe(
    successes: int, n: int, other_successes: int, other_n: int, level: float = 0.95
) -> Interval:
    """Interval of the difference of two independent shares, from their Wilson intervals.

    References: Newcombe (1998), method 10, doi:10.1002/(SICI)1097-0258(19980430)17:8<873.
    """
    p, q = float(successes / n), float(other_successes / other_n)
    p_low, p_high = wilson(successes, n, level)
    q_low, q_high = wilson(other_successes, other_n, level)
    return (
        (p - q) - math.hypot(p - p_low, q_high - q),
        (p - q) + math.hypot(p_high - p, q - q_low),
    )


def delong(positives: np.ndarray, negatives: np.ndarray) -> tuple[float, float]:
    """Area under the ROC curve and its standard error, ties counted half.

    Perfect separation has an estimated variance of zero; the error is then kept above the one of
    a single misplaced row, so that an interval never shrinks to a point.

    Args:
        positives, negatives: scores, (m,) and (n,) with m, n >= 2; positives should score higher.

    References: DeLong et al. (1988), doi:10.2307/2531595; ranks as in Sun & Xu (2014).
    """
    m, n = len(positives), len(negatives)
    pooled = stats.rankdata(np.concatenate([positives, negatives]))
    above_negatives = (pooled[:m] - stats.rankdata(positives)) / n
    below_positives = 1.0 - (pooled[m:] - stats.rankdata(negatives)) / m
    variance = above_negatives.var(ddof=1) / m + below_positives.var(ddof=1) / n
    return float(above_negatives.mean()), max(math.sqrt(variance), 1.0 / (2 * min(m, n)))


def grouped_jackknife_se(leave_one_out: np.ndarray) -> float:
    """Standard error of an estimate from its values without each of G random groups of rows.

    ``sqrt((G - 1) / G * sum((v_g - mean)^2))``, for any smooth function of row averages; unlike
    the bootstrap it needs one count table per group and no resampling.

    References: Shao & Tu (1995), The Jackknife and Bootstrap, section 2.1.
    """
    g = len(leave_one_out)
    return float(math.sqrt((g - 1) / g * np.square(leave_one_out - leave_one_out.mean()).sum()))
