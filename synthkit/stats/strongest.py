"""The best of several scores at telling members from others, with what choosing it costs.

    best = strongest(scores, is_member, strata, rng)
    best.index, best.auc, best.ci, best.p_value

Somebody who tries seven attacks and shows the best has an area above one half by chance alone. Here the
labels are exchanged at random, all scores kept: how far the best of them then gets tells what chance and
choice can do (Westfall and Young 1993, "Resampling-based multiple testing", single-step maximum). Scores
that go together cost less than as many that do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from synthkit.stats.confidence import Interval, delong, normal_quantile

PERMUTATIONS = 1999
AT_A_TIME = 100  # permutations, which are held in memory together


@dataclass(frozen=True)
class Strongest:
    """The best score of several.

    Args:
        index: which it is.
        auc: its area under the ROC curve.
        ci: interval of that area with 95 %, whose lower end holds for the largest of all areas.
        p_value: share of random labels, the true ones included, under which the best is as good.
        aucs: (a,) areas of all scores.
    """

    index: int
    auc: float
    ci: Interval
    p_value: float
    aucs: np.ndarray


def mid_ranks(scores: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """(n, a) places of (n, a) scores among those of their stratum, in (0, 1); ties share theirs."""
    ranks = np.empty(scores.shape)
    for stratum in np.unique(strata):
        rows = strata == stratum
        ranks[rows] = (stats.rankdata(scores[rows], axis=0) - 0.5) / rows.sum()
    return ranks


def strongest(
    scores: np.ndarray,
    is_member: np.ndarray,
    strata: np.ndarray,
    rng: np.random.Generator,
    permutations: int = PERMUTATIONS,
) -> Strongest:
    """Compares all scores.

    Args:
        scores: (n, a), higher for those who seem to be members; a score that is the same for all
            has an area of one half.
        is_member: (n,) bool, at least two of either.
        strata: (n,) int; labels are exchanged within a stratum only, and scores compared there.
        rng: draws the labels.
        permutations: how often.
    """
    ranks = stats.rankdata(mid_ranks(scores, strata), axis=0)
    members, others = int(is_member.sum()), int((~is_member).sum())

    def areas(sums: np.ndarray) -> np.ndarray:
        return np.asarray((sums - members * (members + 1) / 2) / (members * others))

    aucs = areas(ranks[is_member].sum(axis=0))
    by_chance = areas(_permuted_sums(ranks, is_member, strata, rng, permutations))
    spread = np.maximum(by_chance.std(axis=0), 1e-9)
    z = (aucs - 0.5) / spread
    highest = ((by_chance - 0.5) / spread).max(axis=1)
    index = int(z.argmax())
    auc, se = delong(ranks[is_member, index], ranks[~is_member, index])
    chosen = max(float(np.quantile(highest, 0.975)), normal_quantile())
    return Strongest(
        index,
        auc,
        (max(0.0, auc - chosen * se), min(1.0, auc + normal_quantile() * se)),
        float((1 + (highest >= z[index] - 1e-9).sum()) / (permutations + 1)),
        aucs,
    )


def _permuted_sums(
    ranks: np.ndarray,
    is_member: np.ndarray,
    strata: np.ndarray,
    rng: np.random.Generator,
    permutations: int,
) -> np.ndarray:
    """(permutations, a) sums of the ranks of random members, of every stratum as many as there are."""
    found = np.zeros((permutations, ranks.shape[1]))
    for stratum in np.unique(strata):
        own = ranks[strata == stratum]
        chosen = int(is_member[strata == stratum].sum())
        for i in range(0, permutations, AT_A_TIME):
            n = min(AT_A_TIME, permutations - i)
            draws = rng.random((n, len(own)), dtype=np.float32)
            picked = np.argpartition(draws, min(chosen, len(own) - 1), axis=1)[:, :chosen]
            labels = np.zeros((n, len(own)), np.float32)
            np.put_along_axis(labels, picked, 1.0, axis=1)
            found[i : i + n] += labels @ own.astype(np.float32)
    return found
