"""The best of several scores at telling members from others, with what choosing it costs.

    best = strongest(scores, is_member, strata, rng)
    best.index, best.auc, best.ci, best.p_value

Somebody who tries seven attacks and shows the best has an area above one half by chance alone. If labels
are exchanged at random, all scores kept, how far the best of them then gets tells what chance and choice
can do (Westfall and Young 1993, "Resampling-based multiple testing", single-step maximum). Scores that go
together cost less than as many that do not. Sums of ranks under exchanged labels are taken as normal, with
the covariance that they have exactly (Hoeffding 1951, "A combinatorial central limit theorem").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from synthkit.stats.confidence import Interval, delong, normal_quantile

DRAWS = 20_000  # of the sums under exchanged labels
POWER = 0.95  # with which a detectable area is found


@dataclass(frozen=True)
class Strongest:
    """The best score of several.

    Args:
        index: which it is.
        auc: its area under the ROC curve.
        ci: interval of that area with 95 %, whose lower end holds for the largest of all areas.
        p_value: share of exchanged labels, the true ones included, under which the best is as good.
        aucs: (a,) areas of all scores.
        detectable: the area that would be found, the lower end of its interval above one half, in 95 of
            100 cases.
    """

    index: int
    auc: float
    ci: Interval
    p_value: float
    aucs: np.ndarray
    detectable: float


def mid_ranks(scores: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """(n, a) places of (n, a) scores among those of their stratum, in (0, 1); ties share theirs."""
    ranks = np.empty(scores.shape)
    for stratum in np.unique(strata):
        rows = strata == stratum
        ranks[rows] = (stats.rankdata(scores[rows], axis=0) - 0.5) / rows.sum()
    return ranks


def strongest(
    scores: np.ndarray, is_member: np.ndarray, strata: np.ndarray, rng: np.random.Generator
) -> Strongest:
    """Compares all scores.

    Args:
        scores: (n, a), higher for those who seem to be members; a score that is the same for all
            has an area of one half.
        is_member: (n,) bool, at least some ten of either.
        strata: (n,) int; labels are exchanged within a stratum only, and scores compared there.
        rng: draws what chance can do.
    """
    ranks = stats.rankdata(mid_ranks(scores, strata), axis=0)
    members, others = int(is_member.sum()), int((~is_member).sum())
    sums = ranks[is_member].sum(axis=0)
    expected, covariance = exchanged(ranks, is_member, strata)
    spread = np.maximum(np.sqrt(np.diag(covariance)), 1e-9)
    z = (sums - expected) / spread
    by_chance = rng.multivariate_normal(
        np.zeros(len(z)), covariance / np.outer(spread, spread), DRAWS, check_valid="ignore"
    )
    highest = by_chance.max(axis=1)
    index = int(z.argmax())
    auc, se = delong(ranks[is_member, index], ranks[~is_member, index])
    chosen = max(float(np.quantile(highest, 0.975)), normal_quantile())
    one_sided = normal_quantile(2 * POWER - 1)
    return Strongest(
        index,
        auc,
        (max(0.0, auc - chosen * se), min(1.0, auc + normal_quantile() * se)),
        float((1 + (highest >= z[index] - 1e-9).sum()) / (DRAWS + 1)),
        (sums - members * (members + 1) / 2) / (members * others),
        min(1.0, 0.5 + (chosen + one_sided) * se),
    )


def exchanged(
    ranks: np.ndarray, is_member: np.ndarray, strata: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean (a,) and covariance (a, a) of the sums of the members' ranks under exchanged labels."""
    mean, covariance = np.zeros(ranks.shape[1]), np.zeros((ranks.shape[1],) * 2)
    for stratum in np.unique(strata):
        own = ranks[strata == stratum]
        n, chosen = len(own), int(is_member[strata == stratum].sum())
        mean += chosen * own.mean(axis=0)
        apart = own - own.mean(axis=0)
        covariance += chosen * (n - chosen) / (n * max(n - 1, 1)) * (apart.T @ apart)
    return mean, covariance
